package source_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/source"
)

// A repository whose objects have names of the longer kind is fetched as any other, also after one of the shorter
// kind was at its address.
func TestSHA256Repository(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "packs")
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	for _, format := range []string{"sha256", "sha1", "sha256"} {
		remove(t, dir)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if !canMake(t, dir, format) {
			t.Skip("this git makes no repository of the format " + format)
		}
		replace(t, filepath.Join(dir, "a.txt"), format)
		git(t, dir, "add", "--all")
		git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", format)
		commit := git(t, dir, "rev-parse", "HEAD")
		for _, options := range []source.Options{
			{},
			{},
			{Commit: commit},
			{Locked: commit},
			{Offline: true},
			{Offline: true, Locked: commit},
		} {
			tree, err := store.Open(t.Context(), parse(t, "file://"+dir), options)
			if err != nil || tree.Commit != commit {
				t.Fatalf("%s with %+v: %+v, %v", format, options, tree, err)
			}
			if text, err := fs.ReadFile(tree.Files, "a.txt"); err != nil || string(text) != format {
				t.Errorf("%s: %q, %v", format, text, err)
			}
		}
	}
}

// The bit that makes a file executable is a part of the pack, from a folder and from a repository.
func TestExecutableBit(t *testing.T) {
	dir := t.TempDir()
	replace(t, filepath.Join(dir, "run"), "#!/bin/sh\n")
	replace(t, filepath.Join(dir, "read"), "text\n")
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	hashes := map[fs.FileMode]string{}
	for _, mode := range []fs.FileMode{0o644, 0o755} {
		if err := os.Chmod(filepath.Join(dir, "run"), mode); err != nil {
			t.Fatal(err)
		}
		git(t, dir, "add", "--all")
		git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "one")
		for _, address := range []string{dir, "file://" + dir} {
			tree, err := store.Open(t.Context(), parse(t, address), source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			run, err := fs.Stat(tree.Files, "run")
			if err != nil || run.Mode()&0o111 != mode&0o111 {
				t.Errorf("%s: run has the mode %s, want %s, %v", address, run.Mode(), mode, err)
			}
			read, err := fs.Stat(tree.Files, "read")
			if err != nil || read.Mode()&0o111 != 0 {
				t.Errorf("%s: read has the mode %s, %v", address, read.Mode(), err)
			}
			if known := hashes[mode]; known != "" && known != tree.Hash {
				t.Errorf("%s has another hash than the folder", address)
			}
			hashes[mode] = tree.Hash
		}
	}
	if hashes[0o644] == hashes[0o755] {
		t.Error("the bit is not a part of the hash")
	}
	// The locks of packs without executable files stay as they are: this is what `sha256sum` says of "read 5\ntext\nrun
	// 10\n…".
	if want := "f73a0ae854256c341274fbc64dbb11450819d8c28262965c356bcd662c74165f"; hashes[0o644] != want {
		t.Errorf("the hash of a pack without executable files is %s", hashes[0o644])
	}
}
