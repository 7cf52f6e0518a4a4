package engine_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/templates"
)

// engineOf is another version of the program; with other templates it renders the editor's configuration with one more line.
func engineOf(t *testing.T, version string, hasOtherTemplates bool) *engine.Engine {
	t.Helper()
	e := newEngine()
	e.Version = version
	if !hasOtherTemplates {
		return e
	}
	files := fstest.MapFS{}
	err := fs.WalkDir(templates.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(templates.FS, name)
		if strings.HasSuffix(name, "base/.editorconfig") {
			data = append(bytes.Clone(data), "# newer\n"...)
		}
		files[name] = &fstest.MapFile{Data: data, Mode: 0o444}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Packs = files
	return e
}

func addTo(t *testing.T, e *engine.Engine, dir, name string, withTemplates bool) error {
	t.Helper()
	_, err := e.Add(t.Context(), &engine.AddRequest{
		Dir: dir, Function: &blueprint.Function{Name: name, Trigger: blueprint.Trigger{Type: "sqs"}}, Resolution: project.Abort, UpdateTemplates: withTemplates,
	})
	return err
}

// TestTwoVersions has two people with two versions of the program in one project.
func TestTwoVersions(t *testing.T) {
	b := &branchRun{t: t, engine: engineOf(t, "v0.1.0", false), name: t.Name()}
	dir := filepath.Join(t.TempDir(), "orders")
	b.create(dir)
	isNewer := func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, ".editorconfig"))
		return strings.HasSuffix(string(text), "# newer\n")
	}

	b.must(addTo(t, engineOf(t, "v0.1.5", false), dir, "same-templates", false))
	old := engineOf(t, "v0.1.0", false)
	before := (&propertyRun{t: t, dir: dir}).read()
	for what, err := range map[string]error{
		"add":     addTo(t, old, dir, "older", false),
		"update":  second(old.Update(t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers})),
		"plan":    second(old.Update(t.Context(), engine.UpdateRequest{Dir: dir, Resolution: project.Markers, DryRun: true})),
		"explain": second(old.Explain(t.Context(), engine.ExplainRequest{Dir: dir, Path: "README.md"})),
	} {
		if err == nil || fault.CodeOf(err) != fault.Refused || !strings.Contains(fault.All(err)[0].Hint, "v0.1.5") {
			t.Errorf("%s by an older version: %v", what, err)
		}
	}
	if after := (&propertyRun{t: t, dir: dir}).read(); !maps.EqualFunc(before, after, bytes.Equal) {
		t.Error("the older version has written something")
	}

	newer := engineOf(t, "v0.2.0", true)
	err := addTo(t, newer, dir, "newer", false)
	if err == nil || fault.CodeOf(err) != fault.Refused || !strings.Contains(fault.All(err)[0].Hint, "--update-templates") || isNewer() {
		t.Errorf("add by newer templates: %v", err)
	}
	b.must(addTo(t, newer, dir, "both", true))
	if !isNewer() {
		t.Error("the templates were not brought along")
	}
	b.must(addTo(t, newer, dir, "again", false))
	built := engineOf(t, "(devel)", true)
	b.must(addTo(t, built, dir, "from-sources", false))
}

func second[T any](_ T, err error) error { return err }
