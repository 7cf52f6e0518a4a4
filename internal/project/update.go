package project

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// Action is what an update does with a file.
type Action string

// The actions.
const (
	// Added files are new.
	Added Action = "add"
	// Updated files had not been edited.
	Updated Action = "update"
	// Merged files had been edited, and have both changes now.
	Merged Action = "merge"
	// Conflicted files have been changed at the same place by both.
	Conflicted Action = "conflict"
	// Removed files are not rendered any more, and had not been edited.
	Removed Action = "remove"
	// Kept files stay as the user has left them, although something else is rendered now; Reason says why.
	Kept Action = "keep"
)

// Change is what an update does with one file.
type Change struct {
	Path   string
	Action Action
	// Lines is where the conflicts begin.
	Lines []int
	// Reason says why a file is kept, or why there is a conflict without lines.
	Reason string
	// Before and After are the contents; nil where there is no file.
	Before, After []byte
	// IsPrivileged says that the file comes from a pack that is not built in, and can make something run.
	IsPrivileged bool

	mode fs.FileMode
	base []byte
	next []byte
	// isDrift says that it is the tool's own file and has been edited.
	isDrift bool
}

// Resolution says what to do where both sides have changed the same lines.
type Resolution string

// The resolutions.
const (
	Markers Resolution = "markers"
	Ours    Resolution = "ours"
	Theirs  Resolution = "theirs"
	Abort   Resolution = "abort"
)

// Resolutions is all of them, the default first.
func Resolutions() []Resolution { return []Resolution{Markers, Ours, Theirs, Abort} }

// Update is a project's way to what is rendered for it now, worked out and not written.
type Update struct {
	// Changes is every file that changes or is kept against what is rendered, sorted by path.
	Changes []*Change
	// Edited is the files that scaffold owns and somebody has edited.
	Edited  []string
	dir     string
	records []*plan.File
}

// Conflicts is the changes that a person has to look at.
func (u *Update) Conflicts() []*Change {
	return slices.DeleteFunc(slices.Clone(u.Changes), func(c *Change) bool { return c.Action != Conflicted })
}

// Update works out how the project gets to the rendered files, with the user's edits kept. Nothing is written.
//
// A file that only one side has changed is that side's; where both have, git merges the three versions. What the user has
// deleted stays deleted. Records are written after everything else.
func (s *State) Update(ctx context.Context, files, records []*plan.File, resolution Resolution) (*Update, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fault.Wrap(err, "opening %s", s.dir)
	}
	defer func() { _ = root.Close() }()
	next := map[string]*plan.File{}
	for _, file := range files {
		next[file.Path] = file
	}
	update := &Update{dir: s.dir, records: records}
	var problems fault.List
	for _, path := range s.paths(next) {
		change, err := s.change(ctx, root, path, next[path], resolution)
		if err != nil {
			problems = append(problems, fault.All(err)...)
			continue
		}
		update.take(change)
	}
	if err := problems.OrNil(); err != nil {
		return nil, err
	}
	update.takeBlueprint(s.Blueprint)
	if resolution == Abort && len(update.Conflicts()) > 0 {
		return nil, aborted(update.Conflicts())
	}
	return update, nil
}

// paths is everything that is rendered now or was rendered before.
func (s *State) paths(next map[string]*plan.File) []string {
	paths := slices.Collect(maps.Keys(next))
	for path := range s.Lock.Files {
		if next[path] == nil {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// takeBlueprint says so where the command itself has changed the blueprint.
func (u *Update) takeBlueprint(before []byte) {
	for _, record := range u.records {
		if record.Path == blueprint.FileName && !bytes.Equal(record.Data, before) {
			u.Changes = append(u.Changes, &Change{Path: record.Path, Action: Updated, Before: before, After: record.Data, mode: record.Mode})
		}
	}
	slices.SortStableFunc(u.Changes, func(a, b *Change) int { return cmp.Compare(a.Path, b.Path) })
}

func (u *Update) take(change *Change) {
	if change.isDrift {
		u.Edited = append(u.Edited, change.Path)
	}
	if change.Action != "" {
		u.Changes = append(u.Changes, change)
	}
}

// change is what happens to one file; it has no action if nothing does.
func (s *State) change(ctx context.Context, root *os.Root, path string, next *plan.File, resolution Resolution) (*Change, error) {
	ours, mode, err := readOurs(root, path)
	if err != nil {
		return nil, err
	}
	was, isKnown := s.Lock.Files[path]
	style := styleOf(ours)
	change := &Change{Path: path, Before: ours, mode: mode, base: style.apply(s.base[path])}
	if next == nil {
		return change.orphan(was), nil
	}
	change.next, change.IsPrivileged = style.apply(next.Data), next.IsPrivileged()
	if ours == nil && !isKnown {
		change.Action, change.After, change.mode = Added, next.Data, next.Mode
		return change, nil
	}
	isUntouched := isKnown && bytes.Equal(ours, change.base)
	isSettled := bytes.Equal(ours, change.next) || isKnown && bytes.Equal(change.base, change.next)
	change.isDrift = was.Owner == plan.Managed && !isUntouched
	if isSettled && !hasMarkers(ours) || was.Owner == plan.Seed {
		return change, nil
	}
	return change, change.bring(ctx, isUntouched, resolution)
}

// bring takes over what is rendered now, as far as the user's side allows it.
func (c *Change) bring(ctx context.Context, isUntouched bool, resolution Resolution) error {
	switch {
	case hasMarkers(c.Before):
		c.Action, c.Lines, c.Reason = Conflicted, markerLines(c.Before), "from an earlier update"
		return c.refuseUnresolved()
	case c.Before == nil:
		c.Action, c.Reason = Kept, "you have deleted it"
	case isUntouched:
		c.Action, c.After = Updated, c.next
	default:
		return c.merge(ctx, resolution)
	}
	return nil
}

// orphan is what happens to a file that is not rendered any more.
func (c *Change) orphan(was LockFile) *Change {
	switch {
	case c.Before == nil, was.Owner == plan.Seed:
	case bytes.Equal(c.Before, c.base):
		c.Action = Removed
	default:
		c.Action, c.Reason = Kept, "you have edited it; it is not rendered any more"
	}
	return c
}

// readOurs is the file as it stands in the project; nil if there is none. What lies outside of the project, behind a symbolic
// link, is not touched.
func readOurs(root *os.Root, path string) ([]byte, fs.FileMode, error) {
	name := filepath.FromSlash(path)
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, nil
	case err != nil:
		return nil, 0, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: path}, Message: "a file, or a link out of the project, stands where its folder belongs", Err: err, Hint: "move it away",
		}
	case !info.Mode().IsRegular():
		return nil, 0, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: path}, Message: fmt.Sprintf("this is no file but %s", kindOf(info.Mode())),
			Hint: "put a file there, or move it away",
		}
	}
	data, err := root.ReadFile(name)
	if data == nil {
		data = []byte{}
	}
	return data, info.Mode().Perm(), fault.Wrap(err, "reading %s", path)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	default:
		return "something else"
	}
}

func aborted(conflicts []*Change) error {
	var list fault.List
	for _, conflict := range conflicts {
		place := fault.Place{File: conflict.Path}
		if len(conflict.Lines) > 0 {
			place.Line, place.Column = conflict.Lines[0], 1
		}
		list = append(list, &fault.Error{
			Code: fault.Conflicts, Place: place, Message: "both you and the template have changed this; nothing was written",
			Hint: "--on-conflict markers writes both into the file, for you to choose",
		})
	}
	return list
}

// style is how an editor or version control has written a file; it is no edit.
type style struct{ crlf, bom bool }

const bom = "\xef\xbb\xbf"

func styleOf(data []byte) style {
	lines := bytes.Count(data, []byte("\n"))
	return style{crlf: lines > 0 && bytes.Count(data, []byte("\r\n")) == lines, bom: bytes.HasPrefix(data, []byte(bom))}
}

func (s style) apply(data []byte) []byte {
	if data == nil || isBinary(data) {
		return data
	}
	if s.crlf && !bytes.Contains(data, []byte("\r\n")) {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if s.bom && !bytes.HasPrefix(data, []byte(bom)) {
		data = append([]byte(bom), data...)
	}
	return data
}

func isBinary(data []byte) bool { return bytes.IndexByte(data, 0) >= 0 }
