package project

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

const (
	journalName = "journal.json"
	draftName   = "journal.draft"
)

// journal is everything that an update writes. Once it is on the disk the update can be brought to its end by any later
// process, without a look at anything else.
type journal struct {
	// ID is random. Files that are written under another name first have it in that name, so that nothing of the user's can be
	// taken for one of them.
	ID    string `json:"id"`
	Steps []step `json:"steps"`
	// Folders is those that are tried before the journal is written.
	Folders []string `json:"folders,omitempty"`
}

// step is one write of an update: a file gets a new content or another mode, or is removed.
type step struct {
	Path string `json:"path"`
	// Before and After are the contents; nil where there is no file.
	Before []byte `json:"before"`
	After  []byte `json:"after"`
	// Mode is the permissions that an existing file keeps or gets; 0 for a new file, which the umask decides about.
	Mode fs.FileMode `json:"mode,omitempty"`
	// Executable is the permission of a new file to be run.
	Executable bool `json:"executable,omitempty"`
}

// Apply writes the update. Before its journal is on the disk nothing has happened; afterwards, whatever stops the process,
// the next Begin finishes what is left. The lock is the last file.
func (u *Update) Apply(ctx context.Context) (err error) {
	steps := u.steps()
	if len(steps) == 0 {
		return nil
	}
	files, err := openTree(u.state.place.Dir, u.state.place.onWrite)
	if err != nil {
		return fault.Wrap(err, "opening %s", u.state.place.Dir)
	}
	defer func() { err = errors.Join(err, files.close()) }()
	kept, err := openTree(u.state.stateDir, u.state.place.onWrite)
	if err != nil {
		return fault.Wrap(err, "opening %s", u.state.stateDir)
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	j := &journal{ID: newID(), Steps: steps}
	if err := j.prepare(files, kept); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return &fault.Error{Code: fault.Interrupted, Message: "stopped, and nothing was written", Err: err}
	}
	if err := j.publish(kept); err != nil {
		return errors.Join(err, kept.remove(draftName))
	}
	edited, err := j.finish(context.WithoutCancel(ctx), files, kept)
	if err != nil {
		return err
	}
	return u.edited(files, edited)
}

// edited puts into the update what came of files that somebody has saved while it was written: between the moment at which all
// of them were compared and the one at which each was replaced.
func (u *Update) edited(files *tree, edited []*Change) error {
	for _, change := range edited {
		n := slices.IndexFunc(u.Changes, func(c *Change) bool { return c.Path == change.Path })
		if n >= 0 {
			u.Changes[n] = change
		}
	}
	return flagConflicts(files, edited)
}

func newID() string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // It never fails: see crypto/rand.
	return hex.EncodeToString(id[:])
}

// steps returns the writes of the update, in their order. What is removed goes first, so that a folder can take the name of a
// file; the records go last, and the lock after all others.
func (u *Update) steps() []step {
	var removed, written []step
	for _, change := range slices.Concat(u.Changes, u.records) {
		s := step{Path: change.Path, Before: change.Before, After: change.After, Mode: change.mode, Executable: change.isExecutable}
		switch {
		case change.Action == Removed:
			removed = append(removed, s)
		case change.After != nil:
			written = append(written, s)
		}
	}
	return append(removed, written...)
}

// prepare finds out whether the update can be written, before anything is: each file has to be what it was when this command
// read it, and each folder has to take files.
func (j *journal) prepare(files, kept *tree) error {
	var problems fault.List
	for _, s := range j.Steps {
		if err := files.admit(s.Path); err != nil {
			problems = append(problems, fault.All(err)...)
			continue
		}
		current, err := files.read(s.Path)
		if err != nil {
			problems = append(problems, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: s.Path}, Message: "the file cannot be read; nothing was written", Err: err})
		} else if !same(current, s.Before) {
			problems = append(problems, &fault.Error{
				Code: fault.Conflicts, Place: fault.Place{File: s.Path}, Message: "somebody has changed the file since this command began; nothing was written",
				Hint: "run the same command again",
			})
		}
	}
	if err := problems.OrNil(); err != nil {
		return err
	}
	return j.probe(files, kept)
}

// probe writes an empty file to each folder and removes it again. What it is about to leave for a moment is noted first.
func (j *journal) probe(files, kept *tree) error {
	folders := j.folders(files)
	note, err := json.Marshal(journal{ID: j.ID, Folders: folders})
	if err != nil {
		return fault.Wrap(err, "preparing the update")
	}
	if err := kept.write(draftName, note, 0, false); err != nil {
		return &fault.Error{Code: fault.Internal, Message: "the update cannot be prepared; nothing was written", Err: err, Hint: "make room on the disk and run it again"}
	}
	for _, folder := range folders {
		name := path.Join(folder, probeName(j.ID))
		if err := files.write(name, nil, 0, false); err != nil {
			_ = files.remove(name) // It is there where only its last byte failed.
			return errors.Join(&fault.Error{
				Code: fault.Invalid, Place: fault.Place{File: folder}, Message: "the folder cannot be written to; nothing was", Err: err,
				Hint: "change its permissions, or make room on the disk",
			}, kept.remove(draftName))
		}
		if err := files.remove(name); err != nil {
			return fault.Wrap(err, "removing %s", name)
		}
	}
	return fault.Wrap(kept.remove(draftName), "preparing the update")
}

func probeName(id string) string { return ".scaffold-" + id }

// folders returns the folders that are there already and in which something is made, written or removed.
func (j *journal) folders(files *tree) []string {
	var folders []string
	for _, s := range j.Steps {
		folder := path.Dir(s.Path)
		for ; folder != "."; folder = path.Dir(folder) {
			if info, err := files.root.Stat(filepath.FromSlash(folder)); err == nil && info.IsDir() {
				break
			}
		}
		folders = append(folders, folder)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// publish writes the journal whole or not at all.
func (j *journal) publish(kept *tree) error {
	text, err := json.Marshal(j)
	if err == nil {
		err = kept.write(draftName, text, 0o600, false)
	}
	if err == nil {
		err = kept.rename(draftName, journalName)
	}
	if err != nil {
		return &fault.Error{Code: fault.Internal, Message: "the update cannot be prepared; nothing was written", Err: err, Hint: "make room on the disk and run it again"}
	}
	return nil
}

// finish carries out the steps that are left, and returns the files that had been edited since the journal was written: their
// edits are merged into what the update writes.
func (j *journal) finish(ctx context.Context, files, kept *tree) (edited []*Change, err error) {
	for _, s := range j.Steps {
		change, err := j.carryOut(ctx, files, s)
		if err != nil {
			return edited, &fault.Error{
				Code: fault.CodeOf(err), Place: fault.Place{File: s.Path}, Message: "the update has stopped half way; nothing is lost", Err: err,
				Hint: "remove the cause, and run: scaffold update",
			}
		}
		if change != nil {
			edited = append(edited, change)
		}
	}
	return edited, fault.Wrap(kept.remove(journalName), "clearing up after the update")
}

func (j *journal) carryOut(ctx context.Context, files *tree, s step) (*Change, error) {
	current, err := files.read(s.Path)
	if err != nil {
		return nil, err
	}
	isBefore := same(current, s.Before) || IsRecord(s.Path)
	switch {
	case same(current, s.After):
		return nil, s.setMode(files)
	case s.After == nil && isBefore:
		if err := s.remove(files, j.ID); !errors.Is(err, errSaved) {
			return nil, err
		}
		return j.carryOut(ctx, files, s)
	case isBefore:
		if err := s.put(files, j.ID, s.Before); !errors.Is(err, errSaved) {
			return nil, err
		}
		return j.carryOut(ctx, files, s)
	case s.After == nil:
		return &Change{Path: s.Path, Action: Kept, Reason: "you have edited it; it is not rendered any more"}, nil
	case current == nil:
		return &Change{Path: s.Path, Action: Kept, Reason: "you have deleted it"}, nil
	}
	change, err := s.merge(ctx, files, j.ID, current)
	if errors.Is(err, errSaved) {
		return j.carryOut(ctx, files, s)
	}
	return change, err
}

// merge brings an edit that was made while the update was interrupted together with what the update writes.
func (s step) merge(ctx context.Context, files *tree, id string, current []byte) (*Change, error) {
	change := &Change{Path: s.Path, Before: current, base: s.Before, next: s.After, mode: s.Mode, habit: habitOf(current, s.Before, s.After)}
	change.ours = change.habit.undo(current)
	if err := change.merge(ctx, Markers); err != nil {
		return nil, err
	}
	if change.After == nil {
		return change, nil
	}
	s.After = change.After
	return change, s.put(files, id, current)
}

// put gives the file its new content, which is written beside it first. What it replaces has to be there still.
func (s step) put(files *tree, id string, replaced []byte) error {
	if err := files.mkdirAll(path.Dir(s.Path)); err != nil {
		return err
	}
	draft := path.Join(path.Dir(s.Path), probeName(id))
	if err := files.write(draft, s.After, s.Mode, s.Executable); err != nil {
		return errors.Join(err, files.remove(draft))
	}
	if err := files.removeEmpty(s.Path); err != nil {
		return err
	}
	if IsRecord(s.Path) {
		return files.rename(draft, s.Path)
	}
	return files.replace(draft, s.Path, replaced, s.After)
}

func (s step) setMode(files *tree) error {
	if s.Mode == 0 || s.After == nil {
		return nil
	}
	info, err := files.root.Lstat(filepath.FromSlash(s.Path))
	if err != nil || info.Mode().Perm() == s.Mode {
		return err
	}
	return files.chmod(s.Path, s.Mode)
}

// remove removes the file, and the folders that it leaves empty. A link to a folder is the user's and stays. The file gets
// another name first, under which it is looked at once more.
func (s step) remove(files *tree, id string) error {
	draft := path.Join(path.Dir(s.Path), probeName(id))
	if err := files.rename(s.Path, draft); err != nil && !isAbsent(err) {
		return err
	}
	if old, err := files.read(draft); err != nil || old != nil && !same(old, s.Before) && !IsRecord(s.Path) {
		return errors.Join(errSaved, err, files.rename(draft, s.Path))
	}
	if err := files.remove(draft); err != nil {
		return err
	}
	for folder := path.Dir(s.Path); folder != "."; folder = path.Dir(folder) {
		info, err := files.root.Lstat(filepath.FromSlash(folder))
		if err != nil || !info.IsDir() || files.remove(folder) != nil {
			return nil //nolint:nilerr // It is not empty.
		}
	}
	return nil
}

// readJournal returns the journal of an update that was interrupted; nil if there is none.
func (s *State) readJournal() (*journal, error) {
	if s.stateDir == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(s.stateDir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	j := &journal{}
	if err == nil {
		err = json.Unmarshal(text, j)
	}
	if err == nil {
		err = j.check()
	}
	if err != nil {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: filepath.Join(s.stateDir, journalName)}, Message: "the journal of an interrupted update cannot be read", Err: err,
			Hint: "remove it, and run: scaffold update",
		}
	}
	return j, nil
}

// check holds a journal to what this program writes: nothing in it leads out of the project, or to git.
func (j *journal) check() error {
	if _, err := hex.DecodeString(j.ID); err != nil || j.ID == "" {
		return fmt.Errorf("its id is %q", j.ID)
	}
	for _, s := range j.Steps {
		if err := plan.CheckPath(s.Path); err != nil {
			return err
		}
	}
	return nil
}

// recover finishes what a killed update has begun, and clears away what one has only prepared.
func (s *State) recover(ctx context.Context) (err error) {
	files, err := openTree(s.place.Dir, s.place.onWrite)
	if err != nil {
		return fault.Wrap(err, "opening %s", s.place.Dir)
	}
	defer func() { err = errors.Join(err, files.close()) }()
	kept, err := openTree(s.stateDir, s.place.onWrite)
	if err != nil {
		return fault.Wrap(err, "opening %s", s.stateDir)
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	if err := s.discardDraft(files, kept); err != nil {
		return err
	}
	j, err := s.readJournal()
	if err != nil || j == nil {
		return err
	}
	isBegun, err := j.isBegun(files)
	if err != nil {
		return err
	}
	if !isBegun {
		return fault.Wrap(kept.remove(journalName), "clearing away an update that was undone")
	}
	if err := j.clear(files, j.folders(files)); err != nil {
		return fault.Wrap(err, "clearing up after an interrupted update")
	}
	edited, err := j.finish(ctx, files, kept)
	if err != nil {
		return err
	}
	for _, done := range j.Steps {
		s.Finished = append(s.Finished, done.Path)
	}
	slices.Sort(s.Finished)
	if err := flagConflicts(files, edited); err != nil {
		return err
	}
	return unresolved(edited)
}

// flagConflicts notes in the lock which files the end of an interrupted update has left with markers.
func flagConflicts(files *tree, edited []*Change) error {
	edited = slices.DeleteFunc(slices.Clone(edited), func(c *Change) bool { return c.Action != Conflicted })
	text, err := files.read(LockName)
	if err != nil || len(edited) == 0 {
		return fault.Wrap(err, "reading the lock")
	}
	lock, err := parseLock(text)
	if err != nil {
		return damaged(LockName, err)
	}
	for _, change := range edited {
		if entry, isKnown := lock.Files[change.Path]; isKnown {
			entry.Conflict = true
			lock.Files[change.Path] = entry
		}
	}
	if text, err = lock.format(); err != nil {
		return err
	}
	return fault.Wrap(step{Path: LockName, After: text}.put(files, newID(), nil), "writing the lock")
}

// isBegun reports whether anything of the update is in the project. Nothing is if the process was killed at once, or if the user has
// gone back by version control: then the update is not what they want any more.
func (j *journal) isBegun(files *tree) (bool, error) {
	for _, s := range j.Steps {
		current, err := files.read(s.Path)
		if err != nil {
			return false, fault.Wrap(err, "reading %s", s.Path)
		}
		if !same(current, s.Before) {
			return true, nil
		}
	}
	return false, nil
}

// discardDraft clears away an update that was not begun.
func (s *State) discardDraft(files, kept *tree) error {
	text, err := kept.read(draftName)
	if err != nil || text == nil {
		return fault.Wrap(err, "reading %s", draftName)
	}
	var j journal
	if json.Unmarshal(text, &j) == nil && j.check() == nil {
		err = j.clear(files, j.Folders)
	}
	return fault.Wrap(errors.Join(err, kept.remove(draftName)), "clearing away an update that was not begun")
}

// clear removes the files that this journal's update has left in the folders under names of its own.
func (j *journal) clear(files *tree, folders []string) error {
	var errs []error
	for _, folder := range folders {
		name := path.Join(folder, probeName(j.ID))
		if data, err := files.read(name); err == nil && data != nil {
			errs = append(errs, files.remove(name))
		}
	}
	return errors.Join(errs...)
}

// unresolved is an error that lists the conflicts which finishing an interrupted update has left.
func unresolved(changes []*Change) error {
	var list fault.List
	for _, change := range changes {
		if change.Action != Conflicted {
			continue
		}
		place := fault.Place{File: change.Path}
		if len(change.Lines) > 0 {
			place.Line, place.Column = change.Lines[0], 1
		}
		list = append(list, &fault.Error{
			Code: fault.Conflicts, Place: place, Message: "the interrupted update is finished; you had edited this file meanwhile, at the same place",
			Hint: "choose between the versions in the file, and run the same command again",
		})
	}
	return list.OrNil()
}
