package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// State is what a project remembers of the last time that it was rendered.
type State struct {
	// Blueprint is the text of its blueprint, as it stands now.
	Blueprint []byte
	Lock      Lock
	// Finished is the files of an interrupted update that Begin has brought to its end, sorted.
	Finished []string

	place *Place
	// stateDir is the folder of the journal and the lock; empty if there is none.
	stateDir string
	base     map[string][]byte
	// records is the bytes of the records as they were read, by path; stray is those of the base that the lock does not know.
	records map[string][]byte
	// merge is the merge of two branches that is under way in git and has touched the records; nil if there is none.
	merge  *branchMerge
	unlock func() error
}

// Open reads what the project remembers, and writes nothing. An update that was interrupted is an error: half of the files
// are new, and whatever is said about them would be half true. For the moments in which another process writes, it waits.
func Open(ctx context.Context, place Place) (*State, error) {
	s := &State{place: &place}
	if err := s.isProject(); err != nil {
		return nil, err
	}
	for {
		if err := s.isInterrupted(ctx); err != nil {
			return nil, err
		}
		before := s.lockText()
		if err := s.read(ctx); s.isSteady(before) || ctx.Err() != nil {
			return s, err
		}
	}
}

// lockText returns the lock as it stands; nil if it cannot be read.
func (s *State) lockText() []byte {
	text, err := os.ReadFile(filepath.Join(s.place.Dir, LockName))
	if err != nil {
		return nil
	}
	return text
}

// isSteady reports whether nobody has written to the project since the lock had the text. An update that changes more than one
// record changes the lock, and changes it last.
func (s *State) isSteady(before []byte) bool {
	j, err := s.readJournal()
	isWriting := err == nil && j != nil && isHeld(s.stateDir)
	return !isWriting && bytes.Equal(before, s.lockText())
}

// awaitJournal returns the journal of an update that was interrupted; nil if there is none. One that a living process carries out is
// waited for. It is read again after the look at the process, which removes its journal before it ends.
func (s *State) awaitJournal(ctx context.Context) (*journal, error) {
	for {
		if j, err := s.readJournal(); err != nil || j == nil {
			return nil, err
		}
		if !isHeld(s.stateDir) {
			return s.readJournal()
		}
		select {
		case <-ctx.Done():
			return nil, &fault.Error{Code: fault.Interrupted, Message: "stopped while another scaffold was writing to the project", Err: ctx.Err()}
		case <-time.After(lockPoll):
		}
	}
}

// isInterrupted finds the folder of the journal, and is an error if there is one in it that nobody carries out.
func (s *State) isInterrupted(ctx context.Context) (err error) {
	if s.stateDir, err = s.place.stateDir(ctx); err != nil {
		return err
	}
	journal, err := s.awaitJournal(ctx)
	if err != nil || journal == nil {
		return err
	}
	files, err := openTree(s.place.Dir, nil)
	if err != nil {
		return fault.Wrap(err, "opening %s", s.place.Dir)
	}
	defer func() { err = errors.Join(err, files.close()) }()
	if isBegun, err := journal.isBegun(files); err != nil || !isBegun {
		return err
	}
	return &fault.Error{
		Code: fault.Refused, Message: fmt.Sprintf("an update of %d files was interrupted; some of them are new already", len(journal.Steps)),
		Hint: "scaffold update finishes it; to give it up, go back by version control and remove " + filepath.Join(s.stateDir, journalName),
	}
}

// Interrupted is an error if an update of the project was interrupted and has not been finished yet. A folder that is no project has
// no updates.
func Interrupted(ctx context.Context, place Place) error {
	s := &State{place: &place}
	if err := s.isProject(); err != nil {
		return nil //nolint:nilerr // What is no project has no updates.
	}
	return s.isInterrupted(ctx)
}

// Begin reads what the project remembers for a command that writes to it. Other such commands wait until Close. An update that
// was interrupted is brought to its end first; where somebody has edited its files meanwhile, both versions are merged, and
// conflicts are an error of the code fault.Conflicts.
func Begin(ctx context.Context, place Place) (s *State, err error) {
	s = &State{place: &place}
	if err := s.isProject(); err != nil {
		return nil, err
	}
	if s.stateDir, err = place.stateDir(ctx); err != nil {
		return nil, err
	}
	if s.stateDir == "" {
		return nil, &fault.Error{
			Code: fault.Invalid, Message: "there is no folder in which an update could be prepared",
			Hint: "make the project a git repository, or set HOME or XDG_STATE_HOME",
		}
	}
	if s.unlock, err = place.lock(ctx, s.stateDir); err != nil {
		return nil, err
	}
	if err = s.recover(ctx); err == nil {
		err = s.read(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets other commands write to the project.
func (s *State) Close() error {
	if s.unlock == nil {
		return nil
	}
	return fault.Wrap(s.unlock(), "unlocking the project")
}

// Dir is the project's folder.
func (s *State) Dir() string { return s.place.Dir }

func (s *State) isProject() error {
	info, err := os.Stat(s.place.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: s.place.Dir}, Message: "there is no such folder", Hint: "check the path after -C"}
	case err != nil:
		return fault.Wrap(err, "opening %s", s.place.Dir)
	case !info.IsDir():
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: s.place.Dir}, Message: "this is a file and not a folder", Hint: "check the path after -C"}
	}
	name := filepath.Join(s.place.Dir, blueprint.FileName)
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: name}, Message: "this is no project of scaffold's", Hint: "run this in a project, or name one: -C DIR",
		}
	}
	return nil
}

// read reads the records. After a merge that has left them in conflict, both sides of the merge are read too.
func (s *State) read(ctx context.Context) error {
	files, err := openTree(s.place.Dir, nil)
	if err != nil {
		return fault.Wrap(err, "opening %s", s.place.Dir)
	}
	defer func() { _ = files.close() }()
	s.records, s.base = map[string][]byte{}, map[string][]byte{}
	if s.Blueprint, err = s.record(files, blueprint.FileName, "the blueprint is missing", "take it from version control: git checkout -- "+blueprint.FileName); err != nil {
		return err
	}
	if s.merge, err = findMerge(ctx, newRepository(s.place.Dir, s.place.Env)); err != nil {
		return err
	}
	if s.merge != nil {
		return s.readMerge(ctx, files)
	}
	return s.readLock(files)
}

// readLock reads the lock, and the base.
func (s *State) readLock(files *tree) error {
	text, err := s.record(files, LockName, "the lock is missing", "take it from version control: git checkout -- "+LockName)
	if err != nil {
		return err
	}
	lock, err := parseLock(text)
	if err != nil {
		return damaged(LockName, err)
	}
	s.Lock = *lock
	if err := s.readBase(files); err != nil {
		return err
	}
	return s.verify()
}

// record reads a record. One that is a link is refused: a link may lead anywhere, and would be replaced.
func (s *State) record(files *tree, name, missing, hint string) ([]byte, error) {
	info, err := files.root.Lstat(filepath.FromSlash(name))
	if isAbsent(err) {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: filepath.Join(s.place.Dir, name)}, Message: missing, Hint: hint}
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: name}, Message: "this is " + kindOf(info.Mode()) + ", and scaffold writes to files only",
			Hint: "put a file in its place",
		}
	}
	data, err := files.read(name)
	if err != nil {
		return nil, fault.Wrap(err, "reading %s", name)
	}
	s.records[name] = data
	return data, nil
}

// readBase reads the files of the base, those that the lock does not know too: a later update clears them away.
func (s *State) readBase(files *tree) error {
	if err := files.admit(basePath("x")); err != nil {
		return err
	}
	data, err := files.read(attributesName)
	if err != nil {
		return fault.Wrap(err, "reading %s", attributesName)
	}
	if data != nil {
		s.records[attributesName] = data
	}
	folder, err := files.root.Open(filepath.FromSlash(baseFolder))
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, "reading %s", baseFolder)
	}
	_ = folder.Close()
	err = fs.WalkDir(files.root.FS(), baseFolder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := files.read(name)
		s.records[name] = data
		if path, ok := strings.CutSuffix(strings.TrimPrefix(name, baseFolder+"/"), baseSuffix); ok {
			s.base[path] = data
		}
		return err
	})
	return fault.Wrap(err, "reading %s", baseFolder)
}

// verify holds the base to the hashes of the lock, so that no update merges with a wrong ancestor. Line ends that a checkout has
// changed are changed back.
func (s *State) verify() error {
	var problems fault.List
	for path, file := range s.Lock.Files {
		if file.Owner == plan.Seed {
			continue
		}
		data, ok := s.base[path]
		if ok && hash(data) != file.SHA256 {
			data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
			s.base[path] = data
		}
		if !ok {
			problems = append(problems, damaged(basePath(path), errors.New("it is missing")))
		} else if hash(data) != file.SHA256 {
			problems = append(problems, damaged(basePath(path), errors.New("it is not what the lock says was rendered")))
		}
	}
	slices.SortFunc(problems, func(a, b *fault.Error) int { return strings.Compare(a.Place.File, b.Place.File) })
	if len(problems) > maxDamaged {
		return damaged(baseFolder, fmt.Errorf("%d of its files are missing, or are not what the lock says", len(problems)))
	}
	return problems.OrNil()
}

// maxDamaged is how many damaged files are listed one by one.
const maxDamaged = 5

func damaged(name string, err error) *fault.Error {
	if errors.Is(err, errMarkers) {
		return &fault.Error{
			Code: fault.Conflicts, Place: fault.Place{File: name}, Message: "a merge was committed with conflict markers in it",
			Hint: "git checkout HEAD^ -- " + LockName + " " + ownFolder + " takes what one side had; then: scaffold update",
		}
	}
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: "the file is damaged", Err: err,
		Hint: "take both from one commit of version control: git checkout -- " + LockName + " " + ownFolder,
	}
}

// IsEdited reports whether a file is not as it was rendered last. A link is not.
func (s *State) IsEdited(name string) bool {
	files, err := openTree(s.place.Dir, nil)
	if err != nil {
		return true
	}
	defer func() { _ = files.close() }()
	info, err := files.root.Lstat(filepath.FromSlash(name))
	if err != nil || !info.Mode().IsRegular() {
		return true
	}
	data, err := files.read(name)
	return err != nil || hash(data) != s.Lock.Files[name].SHA256
}

// Managed returns the hashes of the files that scaffold owns in a project, by path; none if the project is not one of ours.
func Managed(files fs.FS) (map[string]string, error) {
	text, err := fs.ReadFile(files, LockName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var lock *Lock
	if err == nil {
		lock, err = parseLock(text)
	}
	if err != nil {
		return nil, damaged(LockName, err)
	}
	managed := map[string]string{}
	for name, file := range lock.Files {
		if file.Owner == plan.Managed && !file.Retired {
			managed[name] = file.SHA256
		}
	}
	return managed, nil
}

// Outdated returns how many of the files are rendered otherwise now than the lock remembers.
func (s *State) Outdated(files []*plan.File) int {
	count := 0
	for _, file := range files {
		if was, isKnown := s.Lock.Files[file.Path]; !isKnown || was.Owner != plan.Seed && was.SHA256 != hash(file.Data) {
			count++
		}
	}
	return count
}
