package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// State is what a project remembers of the last time that it was rendered.
type State struct {
	dir string
	// Blueprint is the text of its blueprint, as it stands now.
	Blueprint []byte
	Lock      Lock
	base      map[string][]byte
}

// Read reads what the project in dir remembers. An update that was interrupted is brought to its end first.
func Read(dir string) (*State, error) {
	if err := recoverUpdate(dir); err != nil {
		return nil, err
	}
	s := &State{dir: dir}
	text, err := readRecord(dir, blueprint.FileName, "this is no project of scaffold's", "run this in a project, or name one: -C DIR")
	if err != nil {
		return nil, err
	}
	s.Blueprint = text
	lock, err := readRecord(dir, LockName, "the lock is missing", "take it back from version control: git checkout -- "+LockName)
	if err != nil {
		return nil, err
	}
	base, err := readRecord(dir, BaseName, "the base is missing", "take it back from version control: git checkout -- "+BaseName)
	if err != nil {
		return nil, err
	}
	return s, s.remember(lock, base)
}

// remember reads the texts of the lock and the base.
func (s *State) remember(lock, base []byte) error {
	if err := yaml.UnmarshalWithOptions(lock, &s.Lock, yaml.Strict()); err != nil || s.Lock.APIVersion != blueprint.APIVersion || len(s.Lock.Files) == 0 {
		return damaged(LockName, err)
	}
	for path := range s.Lock.Files {
		if !fs.ValidPath(path) {
			return damaged(LockName, fmt.Errorf("%q is no path inside of the project", path))
		}
	}
	files, err := parseBase(base)
	if err != nil {
		return damaged(BaseName, err)
	}
	s.base = files
	return s.verify()
}

// Dir is the project's folder.
func (s *State) Dir() string { return s.dir }

// IsEdited says whether a file is not as it was rendered last.
func (s *State) IsEdited(name string) bool {
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	return err != nil || hash(data) != s.Lock.Files[name].SHA256
}

// verify holds the base to the hashes of the lock, so that no update merges with a wrong ancestor.
func (s *State) verify() error {
	for path, file := range s.Lock.Files {
		if data, ok := s.base[path]; file.Owner != plan.Seed && (!ok || hash(data) != file.SHA256) {
			return damaged(BaseName, fmt.Errorf("%s is not what was rendered", path))
		}
	}
	return nil
}

func readRecord(dir, name, message, hint string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: filepath.Join(dir, name)}, Message: message, Hint: hint}
	}
	return text, fault.Wrap(err, "reading %s", name)
}

func damaged(name string, err error) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: "the file is damaged", Err: err,
		Hint: "take it back from version control: git checkout -- " + name,
	}
}

// Managed is the hashes of the files that scaffold owns in a project, by path; none if the project is not one of ours.
func Managed(files fs.FS) (map[string]string, error) {
	text, err := fs.ReadFile(files, LockName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var lock Lock
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &lock, yaml.Strict())
	}
	if err != nil {
		return nil, damaged(LockName, err)
	}
	managed := map[string]string{}
	for path, file := range lock.Files {
		if file.Owner == plan.Managed {
			managed[path] = file.SHA256
		}
	}
	return managed, nil
}
