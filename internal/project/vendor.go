package project

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// VendoredPack is the folder in which a project has a pack of its own.
const VendoredPack = ".blueprint/pack"

// Vendor writes the pack's files into the project, and a lock that names them there. The journal of updates holds for it too.
func (s *State) Vendor(files fs.FS) (PackRef, error) {
	ref := PackRef{Source: "./" + VendoredPack, Tree: s.Lock.Pack.Tree}
	update := &Update{dir: s.dir}
	if err := update.removeVendored(files); err != nil {
		return ref, err
	}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		update.records = append(update.records, &plan.File{Path: path.Join(VendoredPack, name), Data: data, Mode: 0o644})
		return nil
	})
	if err != nil {
		return ref, fault.Wrap(err, "reading the pack")
	}
	lock := s.Lock
	lock.Pack = ref
	text, err := yaml.Marshal(lock)
	if err != nil {
		return ref, fault.Wrap(err, "writing the lock")
	}
	update.records = append(update.records, &plan.File{Path: LockName, Data: append([]byte(lockHeader), text...), Mode: 0o644})
	return ref, update.Apply()
}

// removeVendored takes away what was vendored before and is not among the files now.
func (u *Update) removeVendored(files fs.FS) error {
	folder := filepath.Join(u.dir, filepath.FromSlash(VendoredPack))
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if _, gone := fs.Stat(files, name); gone == nil {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		u.Changes = append(u.Changes, &Change{Path: path.Join(VendoredPack, name), Action: Removed, Before: data})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fault.Wrap(err, "reading %s", VendoredPack)
}

// Replace makes the files of a folder those that are given: old ones that are not among them go.
func Replace(dir string, files []*plan.File, old map[string][]byte) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fault.Wrap(err, "making %s", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for name := range old {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, "removing %s", name)
		}
	}
	for _, file := range files {
		if err := writeFile(root, file); err != nil {
			return fault.Wrap(err, "writing %s", file.Path)
		}
	}
	return nil
}
