package examples_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/templates"
)

var update = flag.Bool("update", false, "render the examples anew")

// examples is what each folder was asked for with.
var examples = map[string]map[string]string{
	"lambda-hyperscale": {"platform": "lambda", "level": "hyperscale", "name": "orders"},
	"lambda-mvp":        {"platform": "lambda", "level": "mvp", "name": "orders"},
	"lambda-enterprise": {"platform": "lambda", "level": "enterprise", "name": "orders"},
	"lambda-production": {"platform": "lambda", "level": "production", "name": "orders"},
}

func TestExamples(t *testing.T) {
	for name, values := range examples {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("..", "..", "examples", name)
			rendered := render(t, values)
			if *update {
				write(t, dir, rendered)
			}
			compare(t, dir, rendered)
		})
	}
}

func render(t *testing.T, values map[string]string) map[string][]byte {
	t.Helper()
	draft := blueprint.NewDraft()
	for key, value := range values {
		if err := draft.SetText(key, value, fault.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := draft.Finish()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine.Engine{Packs: templates.FS, Version: "example"}
	planned, err := e.Plan(t.Context(), b, t.TempDir(), engine.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range planned.Files {
		files[file.Path] = file.Data
	}
	return files
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for path, data := range files {
		target := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch expected, ok := want[name]; {
		case !ok:
			t.Errorf("%s is not rendered any more", name)
		case !bytes.Equal(content, expected):
			t.Errorf("%s is not what is rendered; refresh it with `make examples` and read the difference", name)
		}
		delete(want, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("%s is missing; refresh with `make examples`", name)
	}
}
