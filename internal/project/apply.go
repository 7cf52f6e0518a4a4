package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// The folder in which an update is prepared has the id of the writing process in its name.
const (
	updatePrefix = ".blueprint/update-"
	journalName  = "journal.json"
)

// step is one write of an update: a staged file gets its name, or a file is removed.
type step struct {
	Path string `json:"path"`
	// Staged is the new content, relative to the update's folder; empty for a removal.
	Staged string `json:"staged,omitempty"`
	// Before and After are hashes of the content, empty where there is no file.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Apply writes the update. Everything is staged first; the journal is the point of no return: whatever stops the process
// after it, the next run of Read finishes what is left, and before it nothing has happened. The lock is the last file.
func (u *Update) Apply() (err error) {
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", u.dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	staging := updatePrefix + strconv.Itoa(os.Getpid())
	steps, err := u.stage(root, staging)
	if err != nil || len(steps) == 0 {
		return errors.Join(err, discard(root, staging))
	}
	if err := writeJournal(root, staging, steps); err != nil {
		return errors.Join(err, discard(root, staging))
	}
	return finish(root, staging, steps)
}

// stage writes all new contents into the update's folder, and answers the steps that put them in place.
func (u *Update) stage(root *os.Root, staging string) ([]step, error) {
	if err := root.MkdirAll(staging, 0o755); err != nil {
		return nil, fault.Wrap(err, "making %s", staging)
	}
	changes := slices.DeleteFunc(slices.Clone(u.Changes), func(c *Change) bool { return c.After == nil && c.Action != Removed })
	for _, record := range u.records {
		if slices.ContainsFunc(changes, func(c *Change) bool { return c.Path == record.Path }) {
			continue
		}
		before, err := root.ReadFile(filepath.FromSlash(record.Path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Wrap(err, "reading %s", record.Path)
		}
		if hashOf(before) != hashOf(record.Data) {
			changes = append(changes, &Change{Path: record.Path, Before: before, After: record.Data, mode: record.Mode})
		}
	}
	// What is removed goes first: where only the case of a name has changed, some file systems take both names for one file.
	removed, written := partition(changes)
	changes = append(removed, written...)
	steps := make([]step, len(changes))
	for n, change := range changes {
		steps[n] = step{Path: change.Path, Before: hashOf(change.Before), After: hashOf(change.After)}
		if change.After == nil {
			continue
		}
		steps[n].Staged = strconv.Itoa(n)
		if err := writeSynced(root, path.Join(staging, steps[n].Staged), change.After, change.mode); err != nil {
			return nil, fault.Wrap(err, "staging %s", change.Path)
		}
	}
	return steps, tryFolders(root, staging, steps)
}

// partition is the changes that remove a file, and the others, each in their order.
func partition(changes []*Change) (removed, written []*Change) {
	for _, change := range changes {
		if change.After == nil {
			removed = append(removed, change)
		} else {
			written = append(written, change)
		}
	}
	return removed, written
}

func hashOf(data []byte) string {
	if data == nil {
		return ""
	}
	return hash(data)
}

func writeSynced(root *os.Root, name string, data []byte, mode fs.FileMode) (err error) {
	file, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(data); err != nil {
		return err
	}
	if err := file.Chmod(mode); err != nil {
		return err
	}
	return file.Sync()
}

func writeJournal(root *os.Root, staging string, steps []step) error {
	text, err := json.MarshalIndent(steps, "", "  ")
	if err != nil {
		return fault.Wrap(err, "writing the journal")
	}
	draft := path.Join(staging, "journal.draft")
	if err := writeSynced(root, draft, text, 0o600); err != nil {
		return fault.Wrap(err, "writing the journal")
	}
	return fault.Wrap(root.Rename(draft, path.Join(staging, journalName)), "publishing the journal")
}

// finish carries out the steps that are left. A file that somebody has changed since the journal was written is not
// touched: the steps up to it stay, and the error names it.
func finish(root *os.Root, staging string, steps []step) error {
	for _, s := range steps {
		if err := s.carryOut(root, staging); err != nil {
			return err
		}
	}
	return fault.Wrap(root.RemoveAll(staging), "clearing up after the update")
}

func (s step) carryOut(root *os.Root, staging string) error {
	name := filepath.FromSlash(s.Path)
	data, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, "reading %s", s.Path)
	}
	switch hashOf(data) {
	case s.After:
		return nil
	case s.Before:
	default:
		return &fault.Error{
			Code: fault.Conflicts, Place: fault.Place{File: s.Path}, Message: "it was changed while an update was under way",
			Hint: fmt.Sprintf("compare it with %s, make one of both there, copy that over it, and try again", path.Join(staging, s.Staged)),
		}
	}
	if s.Staged == "" {
		return removeFile(root, name)
	}
	return s.put(root, path.Join(staging, s.Staged), name)
}

// put gives the staged file its name. On a file system of its own, such as a mounted folder, it is copied there first.
func (s step) put(root *os.Root, staged, name string) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fault.Wrap(err, "making the folder of %s", s.Path)
	}
	if root.Rename(staged, name) == nil {
		return nil
	}
	info, err := root.Stat(staged)
	if err != nil {
		return fault.Wrap(err, "reading what was staged for %s", s.Path)
	}
	data, err := root.ReadFile(staged)
	if err != nil {
		return fault.Wrap(err, "reading what was staged for %s", s.Path)
	}
	copied := filepath.Join(filepath.Dir(name), probeName)
	if err := root.Remove(copied); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, "writing %s", s.Path)
	}
	if err := writeSynced(root, filepath.ToSlash(copied), data, info.Mode().Perm()); err != nil {
		return fault.Wrap(err, "writing %s", s.Path)
	}
	return fault.Wrap(root.Rename(copied, name), "writing %s", s.Path)
}

// removeFile removes the file, and the folders that it leaves empty.
func removeFile(root *os.Root, name string) error {
	err := root.Remove(name)
	for folder := filepath.Dir(name); err == nil && folder != "."; folder = filepath.Dir(folder) {
		if root.Remove(folder) != nil {
			break // It is not empty.
		}
	}
	return fault.Wrap(err, "removing %s", name)
}

// recoverUpdate finishes what a killed update has begun, and clears away what one has only prepared.
func recoverUpdate(dir string) (err error) {
	pattern := filepath.Join(dir, filepath.FromSlash(updatePrefix))
	found, err := filepath.Glob(pattern + "*")
	if err != nil || len(found) == 0 {
		return fault.Wrap(err, "looking for interrupted updates")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, folder := range found {
		pid, _ := strconv.Atoi(strings.TrimPrefix(folder, pattern))
		if pid > 0 && pid != os.Getpid() && proc.IsAlive(pid) {
			return &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("another update is under way, in process %d", pid), Hint: "wait for it to end"}
		}
		if err := recoverFrom(root, path.Join(path.Dir(updatePrefix), filepath.Base(folder))); err != nil {
			return err
		}
	}
	return nil
}

func recoverFrom(root *os.Root, staging string) error {
	text, err := root.ReadFile(path.Join(staging, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return discard(root, staging)
	}
	if err != nil {
		return fault.Wrap(err, "reading the journal of an interrupted update")
	}
	var steps []step
	if err := json.Unmarshal(text, &steps); err != nil {
		return fault.Wrap(err, "reading the journal of an interrupted update")
	}
	return finish(root, staging, steps)
}
