package templates_test

import (
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/serverless-scaffold/scaffold/templates"
)

// Embedding leaves folders out that hold a go.mod, and with another pattern dotfiles too, and says nothing.
func TestEverythingIsEmbedded(t *testing.T) {
	want, got := files(t, os.DirFS("lambda")), files(t, sub(t))
	if !slices.Equal(want, got) {
		t.Errorf("on disk %d files, embedded %d", len(want), len(got))
	}
}

func sub(t *testing.T) fs.FS {
	t.Helper()
	fsys, err := fs.Sub(templates.FS, "lambda")
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func files(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
