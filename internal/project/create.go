// Package project is a generated project on disk. It is the only package that writes files.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// stagingInfix is in the name of the folder in which a project is written before it gets its own name.
const stagingInfix = ".scaffold-new-"

// stagedName is the project in that folder. Beside it lies the lock that the writing process holds as long as it lives.
const stagedName = "project"

// Check reports what keeps a project from being created in dir: it must not exist, or be an empty folder.
func Check(dir string) error {
	entries, err := os.ReadDir(dir)
	info, statErr := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case statErr == nil && !info.IsDir():
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "there is a file of this name", Hint: "choose another name: scaffold new NAME"}
	case err != nil:
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "the directory cannot be read", Err: err, Hint: "choose another name: scaffold new NAME"}
	case len(entries) == 0:
		return nil
	default:
		return notEmpty(dir)
	}
}

func notEmpty(dir string) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "the directory is not empty",
		Hint: "choose another name: scaffold new NAME, or another place: -C DIR",
	}
}

// Create writes the files to dir, which must not exist or be empty. There is the whole project afterwards or
// nothing, whatever stops the process: everything is written beside dir first, and then renamed once.
func Create(dir string, files []*plan.File) (err error) {
	if err := Check(dir); err != nil {
		return err
	}
	parent, name := filepath.Split(filepath.Clean(dir))
	if parent == "" {
		parent = "."
	}
	if err := os.MkdirAll(filepath.Clean(parent), 0o777); err != nil {
		return fault.Wrap(err, "making %s", parent)
	}
	prefix := "." + name + stagingInfix
	removeAbandoned(parent, prefix)
	staging, unlock, err := makeStaging(parent, prefix)
	if err != nil {
		return fault.Wrap(err, "making a folder to write to")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging), unlock()) }()
	staged := filepath.Join(staging, stagedName)
	if err := write(staged, files); err != nil {
		return err
	}
	return publish(staged, dir)
}

// makeStaging makes a folder that is locked. An empty one can be cleared away by somebody else before it is; then there is another.
func makeStaging(parent, prefix string) (staging string, unlock func() error, err error) {
	for {
		if staging, err = os.MkdirTemp(parent, prefix); err != nil {
			return "", nil, err
		}
		lock := flock.New(filepath.Join(staging, lockFileName))
		isHeld, err := lock.TryLock()
		if err == nil && isHeld {
			if _, err := os.Stat(lock.Path()); err == nil {
				return staging, lock.Unlock, nil
			}
			_ = lock.Unlock() // It was cleared away before it was locked.
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.Join(err, os.RemoveAll(staging))
		}
	}
}

// publish gives the finished project its name. An empty folder of that name makes room for it.
func publish(staged, dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return notEmpty(dir)
	}
	if err := os.Rename(staged, dir); err != nil {
		if Check(dir) != nil {
			return notEmpty(dir) // Another process was faster.
		}
		return fault.Wrap(err, "naming %s", dir)
	}
	return nil
}

func write(dir string, files []*plan.File) (err error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return fault.Wrap(err, "making a folder to write to")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	made := map[string]bool{".": true}
	for _, file := range files {
		if err := writeFile(root, file, made); err != nil {
			return fault.Wrap(err, "writing %s", file.Path)
		}
	}
	return nil
}

// writeFile writes the file; made is the folders that are there already.
func writeFile(root *os.Root, file *plan.File, made map[string]bool) error {
	name := filepath.FromSlash(file.Path)
	if folder := filepath.Dir(name); !made[folder] {
		if err := root.MkdirAll(folder, 0o777); err != nil {
			return fmt.Errorf("making its folder: %w", err)
		}
		made[folder] = true
	}
	mode := fs.FileMode(0o666)
	if file.Mode&0o111 != 0 {
		mode = 0o777
	}
	return root.WriteFile(name, file.Data, mode)
}

// removeAbandoned clears away what killed processes have left. What a living process writes is locked, and left alone.
func removeAbandoned(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if len(entry.Name()) <= len(prefix) || entry.Name()[:len(prefix)] != prefix || !entry.IsDir() {
			continue
		}
		folder := filepath.Join(parent, entry.Name())
		if os.Remove(folder) == nil {
			continue // It was empty.
		}
		lock := flock.New(filepath.Join(folder, lockFileName))
		if isHeld, err := lock.TryLock(); err == nil && isHeld {
			_ = os.RemoveAll(folder)
			_ = lock.Unlock()
		}
	}
}
