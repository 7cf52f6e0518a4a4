// Package project is a generated project on disk. It is the only package that writes files.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// stagingInfix is in the name of the folder in which a project is written before it gets its own name;
// the id of the writing process stands behind it.
const stagingInfix = ".scaffold-new-"

// Check says whether a project could be created in dir: it must not exist, or be an empty folder.
func Check(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "this is not a directory", Hint: "choose another name: scaffold new NAME"}
	case len(entries) == 0:
		return nil
	default:
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "the directory is not empty",
			Hint: "choose another name: scaffold new NAME, or another place: -C DIR",
		}
	}
}

// Create writes the files to dir, which must not exist or be empty. There is the whole project afterwards or
// nothing, whatever stops the process: everything is written beside dir first, and then renamed once.
func Create(dir string, files []*plan.File) error {
	if err := Check(dir); err != nil {
		return err
	}
	parent, name := filepath.Split(filepath.Clean(dir))
	if err := os.MkdirAll(filepath.Clean(parent), 0o755); err != nil {
		return fault.Wrap(err, "making %s", parent)
	}
	removeAbandoned(parent, name)
	staging := filepath.Join(parent, "."+name+stagingInfix+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(staging, 0o755); err != nil {
		return fault.Wrap(err, "making a folder to write to")
	}
	err := write(staging, files)
	if err == nil {
		err = publish(staging, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(staging))
	}
	return nil
}

// publish gives the finished project its name. An empty folder of that name makes room for it.
func publish(staging, dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, "making room for %s", dir)
	}
	return fault.Wrap(os.Rename(staging, dir), "naming %s", dir)
}

func write(dir string, files []*plan.File) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, file := range files {
		if err := writeFile(root, file); err != nil {
			return fault.Wrap(err, "writing %s", file.Path)
		}
	}
	return nil
}

func writeFile(root *os.Root, file *plan.File) error {
	name := filepath.FromSlash(file.Path)
	if folder := filepath.Dir(name); folder != "." {
		if err := root.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("making its folder: %w", err)
		}
	}
	return root.WriteFile(name, file.Data, file.Mode)
}

// removeAbandoned clears away what killed processes have left; what a living process writes is left alone.
func removeAbandoned(parent, name string) {
	prefix := filepath.Join(parent, "."+name+stagingInfix)
	abandoned, err := filepath.Glob(prefix + "*")
	if err != nil {
		return
	}
	for _, folder := range abandoned {
		pid, err := strconv.Atoi(strings.TrimPrefix(folder, prefix))
		if err == nil && !proc.IsAlive(pid) {
			_ = os.RemoveAll(folder)
		}
	}
}
