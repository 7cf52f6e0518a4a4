package project

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

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

// Resolution says what to do where both sides have changed the same lines.
type Resolution string

// The resolutions.
const (
	Markers Resolution = "markers"
	Ours    Resolution = "ours"
	Theirs  Resolution = "theirs"
	Abort   Resolution = "abort"

	// union takes both sides, one after the other, and has no conflicts. No user can ask for it.
	union Resolution = "union"
)

// Resolutions is all of them, the default first.
func Resolutions() []Resolution { return []Resolution{Markers, Ours, Theirs, Abort} }

// Update is a project's way to what is rendered for it now, worked out and not written.
type Update struct {
	// Changes is every file that changes or is kept against what is rendered, sorted by path.
	Changes []*Change
	// Edited is the files that scaffold owns and somebody has edited.
	Edited []string

	state   *State
	records []*Change
}

// GoOn returns the commands that end the merge in git which this update has settled; none if there is no merge.
func (u *Update) GoOn() [][]string {
	if u.state == nil || u.state.merge == nil {
		return nil
	}
	return [][]string{{"git", "add", "--all"}, strings.Fields(u.state.merge.goOn)}
}

// Conflicts returns the changes that a person has to look at.
func (u *Update) Conflicts() []*Change {
	return slices.DeleteFunc(slices.Clone(u.Changes), func(c *Change) bool { return c.Action != Conflicted })
}

// updating is an update while it is worked out.
type updating struct {
	*State
	format func(ctx context.Context, path string, data []byte) ([]byte, error)
	files  *tree
	next   map[string]*plan.File
	memory *memory
	// moved is the old names of the files that have a new one, and left is the old names.
	moved map[string]string
	left  map[string]bool
}

// Update works out how the project gets to what is rendered, with the user's edits kept. Nothing is written.
//
// A file that only one side has changed is that side's; where both have, git merges the three versions. What the user has
// deleted stays deleted. In a merge of two branches that has touched the records, the edits of both are kept.
func (s *State) Update(ctx context.Context, rendering *Rendering, resolution Resolution) (*Update, error) {
	files, err := openTree(s.place.Dir, nil)
	if err != nil {
		return nil, fault.Wrap(err, "opening %s", s.place.Dir)
	}
	defer func() { _ = files.close() }()
	u := &updating{State: s, format: rendering.Format, files: files, next: map[string]*plan.File{}, memory: newMemory(), moved: map[string]string{}, left: map[string]bool{}}
	for _, file := range rendering.Files {
		u.next[file.Path] = file
	}
	u.followMoves(rendering.Moves)
	update := &Update{state: s}
	var problems fault.List
	for _, name := range u.paths() {
		changes, err := u.bring(ctx, name, resolution)
		if err != nil {
			problems = append(problems, fault.All(err)...)
		}
		update.take(changes...)
	}
	if err := problems.OrNil(); err != nil {
		return nil, err
	}
	if update.records, err = u.changedRecords(rendering); err != nil {
		return nil, err
	}
	update.takeBlueprint()
	if resolution == Abort && len(update.Conflicts()) > 0 {
		return nil, aborted(update.Conflicts())
	}
	return update, nil
}

// paths returns everything that is rendered now or was rendered before, sorted.
func (u *updating) paths() []string {
	known := map[string]bool{}
	for name := range u.Lock.Files {
		known[name] = !u.left[name]
	}
	for name := range u.next {
		known[name] = true
	}
	if u.merge != nil {
		maps.Copy(known, u.merge.names())
	}
	maps.DeleteFunc(known, func(_ string, isLooked bool) bool { return !isLooked })
	return slices.Sorted(maps.Keys(known))
}

// bring works out what happens to one file, and what is remembered of it.
func (u *updating) bring(ctx context.Context, name string, resolution Resolution) ([]*Change, error) {
	if u.merge != nil && u.merge.isTouched(name) {
		change, err := u.bringBranches(ctx, name, resolution)
		u.tellOfLink(change)
		return []*Change{change}, err
	}
	from, isMoved := u.moved[name]
	if !isMoved {
		from = name
	}
	change, err := u.look(name, from)
	if err == nil {
		err = change.decide(ctx, resolution)
	}
	if err != nil {
		return nil, err
	}
	change.remember(u.memory)
	u.tellOfLink(change)
	if !isMoved {
		return []*Change{change}, nil
	}
	return change.moveFrom(from), nil
}

// look reads what an update has to know about one file; from is its name until now.
func (u *updating) look(name, from string) (*Change, error) {
	was, isKnown := u.Lock.Files[from]
	c := &Change{Path: name, was: was, isKnown: isKnown, base: u.base[from], file: u.next[name], format: u.format}
	if c.file != nil {
		c.next, c.IsPrivileged = content(c.file), u.isPrivileged(c.file)
	}
	if c.obstacle = u.obstacle(name); c.obstacle != "" && !isKnown {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: name}, Message: "it cannot be written: " + c.obstacle, Hint: "move that away",
		}
	}
	if c.obstacle != "" {
		return c, nil
	}
	var err error
	if c.Before, c.mode, err = u.ours(from); err != nil {
		return nil, err
	}
	c.habit = habitOf(c.Before, c.base, c.next)
	c.ours = c.habit.undo(c.Before)
	return c, nil
}

// tellOfLink gives a reason to a change that is written to another place than its path says, because a folder of it is a link.
func (u *updating) tellOfLink(c *Change) {
	if c == nil || c.Action == "" || c.obstacle != "" {
		return
	}
	if real, err := u.files.real(c.Path); err == nil && real != c.Path {
		c.Reason = strings.TrimPrefix(c.Reason+", by a link this is "+real, ", ")
	}
}

// isPrivileged reports whether the file is privileged by its name or, if a folder of it is a link, by the place that it gets to.
func (u *updating) isPrivileged(file *plan.File) bool {
	there := *file
	if real, err := u.files.real(file.Path); err == nil {
		there.Path = real
	}
	return file.IsPrivileged() || there.IsPrivileged()
}

// content returns what is rendered; an empty file is not nil, which stands for no file.
func content(file *plan.File) []byte {
	if file.Data == nil {
		return []byte{}
	}
	return file.Data
}

// ours returns the file as it stands in the project; nil if there is none.
func (u *updating) ours(name string) ([]byte, fs.FileMode, error) {
	info, err := u.files.root.Lstat(filepath.FromSlash(name))
	if err != nil || !info.Mode().IsRegular() {
		return nil, 0, nil //nolint:nilerr // There is no such file: what stands in its way is an obstacle.
	}
	data, err := u.files.read(name)
	return data, info.Mode().Perm(), fault.Wrap(err, "reading %s", name)
}

// obstacle returns what stands where the file belongs; empty if nothing does, or if the update takes it away.
func (u *updating) obstacle(name string) string {
	if prefix := u.files.obstacle(name); prefix != "" && !u.isLeaving(prefix) {
		return prefix + " is no folder of the project"
	} else if prefix != "" {
		return ""
	}
	info, err := u.files.root.Lstat(filepath.FromSlash(name))
	if err != nil || info.Mode().IsRegular() || info.IsDir() && u.isEmptied(name) {
		return ""
	}
	return "there is " + kindOf(info.Mode()) + " of this name"
}

// isLeaving reports whether the update removes the file.
func (u *updating) isLeaving(name string) bool {
	was, isKnown := u.Lock.Files[name]
	if !isKnown || was.Retired || was.Owner == plan.Seed || u.next[name] != nil {
		return false
	}
	data, _, err := u.ours(name)
	return err == nil && data != nil && bytes.Equal(habitOf(data, u.base[name], nil).undo(data), u.base[name])
}

// isEmptied reports whether the update removes the folder, because it removes all that is in it.
func (u *updating) isEmptied(folder string) bool {
	files := u.files.root.FS()
	err := fs.WalkDir(files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if children, err := fs.ReadDir(files, name); err != nil || len(children) > 0 {
				return err
			}
		} else if u.isLeaving(name) {
			return nil
		}
		return fs.ErrExist
	})
	return err == nil
}

// followMoves finds the files that have a new name in the pack, and no file of that name in the project yet. A project that has
// left out some versions of the pack follows a file through all of its names.
func (u *updating) followMoves(moves []Move) {
	names := map[string]string{}
	for _, m := range moves {
		names[m.From] = m.To
	}
	for _, m := range moves {
		to := u.lastName(names, m.To)
		was, isKnown := u.Lock.Files[m.From]
		isReached := isKnown && !was.Retired && u.files.obstacle(m.From) == ""
		if isReached && u.isFree(to) && u.next[m.From] == nil && u.next[to] != nil {
			u.moved[to], u.left[m.From] = m.From, true
		}
	}
}

// lastName follows a name through the moves until there is a file of that name.
func (u *updating) lastName(names map[string]string, name string) string {
	for range names {
		next, isMoved := names[name]
		if !isMoved || u.next[name] != nil {
			break
		}
		name = next
	}
	return name
}

// isFree reports whether neither the lock nor the project has a file of the name.
func (u *updating) isFree(name string) bool {
	_, isKnown := u.Lock.Files[name]
	data, _, err := u.ours(name)
	return !isKnown && data == nil && err == nil
}

// changedRecords returns what is remembered afterwards, as changes of the records that are different now.
func (u *updating) changedRecords(rendering *Rendering) ([]*Change, error) {
	files, err := u.memory.files(rendering)
	if err != nil {
		return nil, err
	}
	var changes []*Change
	for name, before := range u.records {
		if _, ok := files[name]; !ok {
			changes = append(changes, &Change{Path: name, Action: Removed, Before: before})
		}
	}
	for name, data := range files {
		if before, ok := u.records[name]; !ok || !bytes.Equal(before, data) {
			changes = append(changes, &Change{Path: name, Action: Updated, Before: before, After: data})
		}
	}
	slices.SortFunc(changes, func(a, b *Change) int {
		return cmp.Or(cmp.Compare(rank(a.Path), rank(b.Path)), cmp.Compare(a.Path, b.Path))
	})
	return changes, nil
}

// rank orders the records: the lock is the last, so that what it says is there is there.
func rank(name string) int {
	if name == LockName {
		return 1
	}
	return 0
}

// takeBlueprint shows the change of the blueprint among those of the files, where the command itself has changed it.
func (u *Update) takeBlueprint() {
	n := slices.IndexFunc(u.records, func(c *Change) bool { return c.Path == blueprint.FileName })
	if n < 0 {
		return
	}
	u.Changes = append(u.Changes, u.records[n])
	u.records = slices.Delete(u.records, n, n+1)
	slices.SortStableFunc(u.Changes, func(a, b *Change) int { return cmp.Compare(a.Path, b.Path) })
}

func (u *Update) take(changes ...*Change) {
	for _, change := range changes {
		if change == nil {
			continue
		}
		if change.isDrift {
			u.Edited = append(u.Edited, change.Path)
		}
		if change.Action != "" {
			u.Changes = append(u.Changes, change)
		}
	}
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	default:
		return "something that is no file"
	}
}

func aborted(conflicts []*Change) error {
	var list fault.List
	for _, conflict := range conflicts {
		place := fault.Place{File: conflict.Path}
		if len(conflict.Lines) > 0 {
			place.Line, place.Column = conflict.Lines[0], 1
		}
		if conflict.Reason == fromEarlier {
			list = append(list, &fault.Error{
				Code: fault.Conflicts, Place: place, Message: "it has conflicts " + conflict.Reason + "; nothing was written", Hint: "resolve them, and run it again",
			})
			continue
		}
		list = append(list, &fault.Error{
			Code: fault.Conflicts, Place: place, Message: "both you and the template have changed this; nothing was written",
			Hint: "--on-conflict markers writes both into the file, for you to choose",
		})
	}
	return list
}
