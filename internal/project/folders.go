package project

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

const (
	// foldersName is the list of the folders that an update is about to write to.
	foldersName = "folders.json"
	// probeName is a file that is written and removed again, to see whether a folder can be written to.
	probeName = ".scaffold-probe"
)

// folder is one that an update writes to; IsNew says that the update makes it.
type folder struct {
	Path  string `json:"path"`
	IsNew bool   `json:"new,omitempty"`
}

// tryFolders makes the folders of all files and sees whether something can be written there, before anything is. What it is
// about to do it writes down first, so that the next run can clear up after it.
func tryFolders(root *os.Root, staging string, steps []step) error {
	folders := foldersOf(root, steps)
	text, err := json.Marshal(folders)
	if err != nil {
		return fault.Wrap(err, "listing folders")
	}
	if err := writeSynced(root, path.Join(staging, foldersName), text, 0o600); err != nil {
		return fault.Wrap(err, "listing folders")
	}
	for _, f := range folders {
		if err := f.try(root); err != nil {
			return err
		}
	}
	return nil
}

// foldersOf is the folders of files that are written, each once, the outer ones first.
func foldersOf(root *os.Root, steps []step) []folder {
	var paths []string
	for _, s := range steps {
		for dir := path.Dir(s.Path); s.Staged != "" && dir != "."; dir = path.Dir(dir) {
			paths = append(paths, dir)
		}
	}
	slices.Sort(paths)
	var folders []folder
	for _, dir := range slices.Compact(paths) {
		_, err := root.Lstat(filepath.FromSlash(dir))
		folders = append(folders, folder{Path: dir, IsNew: errors.Is(err, fs.ErrNotExist)})
	}
	return folders
}

func (f folder) try(root *os.Root) error {
	name := filepath.FromSlash(f.Path)
	if err := root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fault.Wrap(err, "making %s", f.Path)
	}
	trial := path.Join(f.Path, probeName)
	if err := writeSynced(root, trial, nil, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: f.Path}, Message: "the folder cannot be written to; nothing was", Err: err, Hint: "change its permissions"}
	}
	return fault.Wrap(root.Remove(filepath.FromSlash(trial)), "removing %s", trial)
}

// discard clears away an update that was not begun, with what it has made to try its folders.
func discard(root *os.Root, staging string) error {
	text, err := root.ReadFile(path.Join(staging, foldersName))
	var folders []folder
	if err == nil && json.Unmarshal(text, &folders) == nil {
		slices.SortFunc(folders, func(a, b folder) int { return strings.Compare(b.Path, a.Path) })
		for _, f := range folders {
			name := filepath.FromSlash(f.Path)
			_ = root.Remove(filepath.Join(name, probeName))
			if f.IsNew {
				_ = root.Remove(name) // Unless somebody has put something there.
			}
		}
	}
	return fault.Wrap(root.RemoveAll(staging), "clearing away an update that was not begun")
}
