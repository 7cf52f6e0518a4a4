package project

import (
	"bytes"
	"context"
	"io/fs"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
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

	// was is what the lock says of the file, if it knows it, and base what was rendered then.
	was     LockFile
	isKnown bool
	base    []byte
	// file is what is rendered now, nil if nothing is, and next its content.
	file *plan.File
	next []byte
	// ours is Before as a template would have written it, without the habits of the user's editor.
	ours  []byte
	habit habit
	// obstacle is what stands where the file belongs.
	obstacle string
	// mode is the permissions that the file gets; 0 for a new file, whose permissions the umask decides about.
	mode         fs.FileMode
	isExecutable bool
	// isDrift says that it is the tool's own file and has been edited.
	isDrift bool
	format  func(ctx context.Context, path string, data []byte) ([]byte, error)
}

// fromEarlier is the reason of conflicts that this update has not made.
const fromEarlier = "from an earlier update"

// decide works out what happens to the file.
func (c *Change) decide(ctx context.Context, resolution Resolution) error {
	switch {
	case c.file == nil:
		c.leave()
		return nil
	case c.isKnown && c.was.Owner == plan.Seed && !c.becomesOurs():
		return nil
	case c.Before == nil && !c.isKnown:
		c.Action, c.After, c.mode, c.isExecutable = Added, c.next, 0, c.file.Mode&0o111 != 0
		return nil
	}
	c.isDrift = c.was.Owner == plan.Managed && !c.isUntouched()
	if err := c.bring(ctx, resolution); err != nil {
		return err
	}
	c.takeMode()
	return nil
}

// becomesOurs reports whether a file that was the user's from the first day is one that updates change now, and still is as it was
// rendered: there is no base for it, and none is needed.
func (c *Change) becomesOurs() bool {
	if c.file.Owner == plan.Seed || c.Before == nil || hash(c.Before) != c.was.SHA256 {
		return false
	}
	c.base = c.Before
	return true
}

// isUntouched reports whether the file is as it was rendered.
func (c *Change) isUntouched() bool { return c.isKnown && same(c.ours, c.base) }

// isSettled reports whether nothing new has been rendered, or the file has it already.
func (c *Change) isSettled() bool { return same(c.ours, c.next) || c.isKnown && same(c.base, c.next) }

// same reports whether two contents are the same, or there is none of either.
func same(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

// bring takes over what is rendered now, as far as the user's side allows it.
func (c *Change) bring(ctx context.Context, resolution Resolution) error {
	switch {
	case c.isUnresolved():
		c.Action, c.Lines, c.Reason = Conflicted, markerLines(c.Before), fromEarlier
		return c.refuseUnresolved()
	case c.isSettled():
	case c.obstacle != "":
		c.Action, c.Reason = Kept, c.obstacle
	case c.Before == nil:
		c.Action, c.Reason = Kept, "you have deleted it"
	case c.isUntouched():
		c.Action, c.After = Updated, c.habit.apply(c.next)
	default:
		return c.merge(ctx, resolution)
	}
	return nil
}

// leave is for a file that is not rendered any more.
func (c *Change) leave() {
	switch {
	case c.Before == nil, c.was.Owner == plan.Seed, c.was.Retired:
	case bytes.Equal(c.ours, c.base):
		c.Action = Removed
	default:
		c.Action, c.Reason = Kept, "you have edited it; it is not rendered any more"
	}
}

// takeMode gives an existing file the permission to be run, or takes it away, where the template has changed its mind about it.
func (c *Change) takeMode() {
	isExecutable := c.file.Mode&0o111 != 0
	if !c.isKnown || c.Before == nil || c.was.Executable == isExecutable || c.obstacle != "" {
		return
	}
	mode := c.mode &^ 0o111
	if isExecutable {
		mode |= c.mode & 0o444 >> 2 // Who may read it may run it.
	}
	if mode == c.mode {
		return
	}
	c.mode = mode
	if c.Action == "" || c.Action == Kept {
		c.Action, c.After, c.Reason = Updated, c.Before, "its permissions"
	}
}

// remember puts into the memory what the next update has to know of the file.
func (c *Change) remember(m *memory) {
	isWaiting := c.Action == Kept && c.obstacle != "" || c.Action == Conflicted && len(c.Lines) == 0
	switch {
	case c.Action == Removed, c.file == nil && c.isForgotten():
	case c.file == nil:
		c.was.Retired = true
		m.remember(c.Path, c.was, c.base)
	case isWaiting && c.isKnown:
		m.remember(c.Path, c.was, c.base)
	case isWaiting:
	default:
		entry := entryOf(c.file)
		entry.Conflict = c.Action == Conflicted
		m.remember(c.Path, entry, content(c.file))
	}
}

// isForgotten reports whether nothing has to be remembered of a file that is not rendered any more: the user has deleted the
// function or the resource that it belonged to, by hand and as a whole. The layers of those have the item's name in parentheses.
func (c *Change) isForgotten() bool {
	return c.Before == nil && strings.HasSuffix(c.was.Layer, ")")
}

// moveFrom returns the changes that give the file, with its edits, its new name.
func (c *Change) moveFrom(from string) []*Change {
	if c.Before == nil {
		return []*Change{c}
	}
	old := &Change{Path: from, Action: Removed, Before: c.Before, Reason: "it is called " + c.Path + " now"}
	if c.After == nil {
		c.After = c.Before
	}
	if c.Action == "" || c.Action == Kept {
		c.Action = Updated
	}
	c.isExecutable, c.mode = c.mode&0o111 != 0, 0
	c.Before, c.Reason = nil, strings.TrimPrefix(c.Reason+", it was called "+from, ", ")
	return []*Change{old, c}
}

// merge brings the user's and the rendered changes together.
func (c *Change) merge(ctx context.Context, resolution Resolution) error {
	if isBinary(c.ours) || isBinary(c.next) {
		c.mergeBinary(resolution)
		return nil
	}
	if c.formatRendered(ctx); same(c.ours, c.base) {
		c.Action, c.After = Updated, c.habit.apply(c.next)
		return nil
	}
	merged, conflicts, err := mergeFile(ctx, c.ours, c.base, c.next, resolution, updateLabels)
	if err != nil {
		return fault.Wrap(err, "merging %s", c.Path)
	}
	c.Action, c.After = Merged, c.habit.apply(merged)
	switch {
	case conflicts:
		c.Action, c.Lines = Conflicted, markerLines(c.After)
	case bytes.Equal(c.After, c.Before) && resolution == Ours:
		c.Action, c.After, c.Reason = Kept, nil, "yours stays where both have changed it"
	case bytes.Equal(c.After, c.Before):
		c.Action, c.After, c.Reason = Kept, nil, "your edits already have it"
	case bytes.Equal(merged, c.next) && resolution == Theirs:
		c.Action, c.Reason = Updated, "what is rendered replaces yours"
	}
	return nil
}

// formatRendered formats what was and is rendered as the user has formatted the file. What the formatter refuses stays as it is: it
// may be no file of the formatter's.
func (c *Change) formatRendered(ctx context.Context) {
	if c.format == nil || !c.isKnown {
		return
	}
	base, err := c.format(ctx, c.Path, c.base)
	if err != nil {
		return
	}
	if next, err := c.format(ctx, c.Path, c.next); err == nil {
		c.base, c.next = base, next
	}
}

func (c *Change) mergeBinary(resolution Resolution) {
	switch resolution {
	case Theirs:
		c.Action, c.Reason, c.After = Updated, "what is rendered replaces yours", c.next
	case Ours:
		c.Action, c.Reason = Kept, "yours stays"
	case Markers, Abort, union:
		c.Action, c.Reason = Conflicted, "binary files cannot be merged; yours stays: choose by --on-conflict ours or theirs"
	}
}

// isUnresolved reports whether the file has conflict markers of an earlier update. Markers in a file that no update has put there
// are text.
func (c *Change) isUnresolved() bool { return c.was.Conflict && hasMarkers(c.Before) }

// refuseUnresolved is an error if something new would have to be merged into a file with markers.
func (c *Change) refuseUnresolved() error {
	if bytes.Equal(c.base, c.next) {
		return nil
	}
	return &fault.Error{
		Code: fault.Conflicts, Message: "it still has the conflicts of an earlier update",
		Place: fault.Place{File: c.Path, Line: c.Lines[0], Column: 1}, Hint: "resolve them, and try again",
	}
}

// habit is how an editor or version control has written a file; it is no edit.
type habit struct{ crlf, bom bool }

const bom = "\xef\xbb\xbf"

// habitOf compares a file with what was and is rendered for it. A file of which most lines end in CRLF, although the template's
// end in LF, is written so by habit; a line that ends otherwise is no edit either.
func habitOf(ours, base, next []byte) habit {
	if isBinary(ours) {
		return habit{}
	}
	crlf := []byte("\r\n")
	isRendered := bytes.Contains(base, crlf) || bytes.Contains(next, crlf)
	return habit{
		crlf: !isRendered && 2*bytes.Count(ours, crlf) > bytes.Count(ours, []byte("\n")),
		bom:  bytes.HasPrefix(ours, []byte(bom)) && !bytes.HasPrefix(base, []byte(bom)) && !bytes.HasPrefix(next, []byte(bom)),
	}
}

func (h habit) undo(data []byte) []byte {
	if data == nil {
		return nil
	}
	if h.bom {
		data = bytes.TrimPrefix(data, []byte(bom))
	}
	if h.crlf {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	return data
}

func (h habit) apply(data []byte) []byte {
	if data == nil || isBinary(data) {
		return data
	}
	if h.crlf {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if h.bom {
		data = append([]byte(bom), data...)
	}
	return data
}

func isBinary(data []byte) bool { return bytes.IndexByte(data, 0) >= 0 }
