package project

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// VendoredPack is the folder in which a project has a pack of its own.
const VendoredPack = ownFolder + "/pack"

// Vendor writes the pack's files into the project, and a lock that names them there. The journal of updates holds for it too.
func (s *State) Vendor(ctx context.Context, files fs.FS) (PackRef, error) {
	ref := PackRef{Source: "./" + VendoredPack, Tree: s.Lock.Pack.Tree}
	update := &Update{state: s}
	if err := update.vendor(files); err != nil {
		return ref, fault.Wrap(err, "reading the pack")
	}
	lock := s.Lock
	lock.Pack = ref
	text, err := lock.format()
	if err != nil {
		return ref, err
	}
	if before := s.records[LockName]; !bytes.Equal(before, text) {
		update.records = append(update.records, &Change{Path: LockName, Action: Updated, Before: before, After: text})
	}
	return ref, update.Apply(ctx)
}

// vendor takes the pack's files into the update.
func (u *Update) vendor(files fs.FS) error {
	there, err := openTree(u.state.place.Dir, nil)
	if err != nil {
		return err
	}
	defer func() { _ = there.close() }()
	if err := there.admit(path.Join(VendoredPack, "x")); err != nil {
		return err
	}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		target := path.Join(VendoredPack, name)
		before, err := there.read(target)
		if !same(before, data) {
			u.records = append(u.records, &Change{Path: target, Action: Updated, Before: before, After: data, isExecutable: info.Mode()&0o111 != 0})
		}
		return err
	})
	if err != nil {
		return err
	}
	return u.discard(files, there)
}

// discard takes away what was vendored before and is not among the files.
func (u *Update) discard(files fs.FS, there *tree) error {
	err := fs.WalkDir(there.root.FS(), VendoredPack, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if _, err := fs.Stat(files, strings.TrimPrefix(name, VendoredPack+"/")); err == nil {
			return nil
		}
		data, err := there.read(name)
		u.records = append(u.records, &Change{Path: name, Action: Removed, Before: data})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Replace makes the files of a folder those that are given: old ones that are not among them go.
func Replace(dir string, files []*plan.File, old map[string][]byte) (err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fault.Wrap(err, "making %s", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fault.Wrap(err, "opening %s", dir)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for name := range old {
		isKept := slices.ContainsFunc(files, func(f *plan.File) bool { return f.Path == name })
		if err := root.Remove(filepath.FromSlash(name)); !isKept && err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, "removing %s", name)
		}
	}
	made := map[string]bool{".": true}
	for _, file := range files {
		if err := writeFile(root, file, made); err != nil {
			return fault.Wrap(err, "writing %s", file.Path)
		}
	}
	return nil
}
