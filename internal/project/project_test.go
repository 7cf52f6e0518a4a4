package project_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

var files = []*plan.File{
	{Path: "README.md", Data: []byte("# a\n"), Mode: 0o644, Owner: plan.Merge, Layer: "base"},
	{Path: "deep/er/file", Data: []byte("b"), Mode: 0o644, Owner: plan.Merge, Layer: "base"},
	{Path: "tool.sh", Data: []byte("#!/bin/sh\n"), Mode: 0o755, Owner: plan.Managed, Layer: "base"},
}

func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "orders")
	if err := project.Create(dir, files); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file.Path))
		content, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(content, file.Data) {
			t.Errorf("%s: %q, %v", file.Path, content, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != file.Mode {
			t.Errorf("%s: mode %v, %v", file.Path, info.Mode(), err)
		}
	}
	assertOnly(t, filepath.Dir(dir), "orders")
}

func assertOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("%s holds %v, want %v", dir, names, want)
	}
}

func TestCreateTakesAnEmptyDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := project.Create(dir, files); err != nil {
		t.Fatal(err)
	}
	assertOnly(t, dir, "README.md", "deep", "tool.sh")
}

func TestCreateRefuses(t *testing.T) {
	parent := t.TempDir()
	for name, path := range map[string]string{"a directory with something in it": parent, "a file": filepath.Join(parent, "file")} {
		if err := os.WriteFile(filepath.Join(parent, "file"), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := project.Create(path, files); err == nil || fault.CodeOf(err) != fault.Invalid || fault.All(err)[0].Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	assertOnly(t, parent, "file")
}

// What a killed process has left is cleared away; what a living one writes is not.
func TestCreateClearsUpAfterKilledProcesses(t *testing.T) {
	parent := t.TempDir()
	abandoned := ".orders.scaffold-new-" + strconv.Itoa(1<<22+1)
	alive := ".orders.scaffold-new-" + strconv.Itoa(os.Getppid())
	for _, name := range []string{abandoned, alive} {
		if err := os.MkdirAll(filepath.Join(parent, name, "src"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := project.Create(filepath.Join(parent, "orders"), files); err != nil {
		t.Fatal(err)
	}
	assertOnly(t, parent, alive, "orders")
}

func TestAFailedCreateLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	bad := append(files[:1:1], &plan.File{Path: "README.md/x", Data: []byte("a file cannot be a folder"), Mode: 0o644})
	if err := project.Create(filepath.Join(parent, "orders"), bad); err == nil {
		t.Error("there is no error")
	}
	assertOnly(t, parent)
}

func TestRecord(t *testing.T) {
	b := &blueprint.Blueprint{Name: "orders", Platform: "lambda", Regions: []string{"eu-west-1"}, Auth: blueprint.Auth{Audience: []string{"a"}}}
	tricky := []*plan.File{
		{Path: "plain", Data: []byte("a\n"), Owner: plan.Merge},
		{Path: "no newline", Data: []byte("a"), Owner: plan.Merge},
		{Path: "marker", Data: []byte("-- plain --\n"), Owner: plan.Merge},
		{Path: "managed", Data: []byte("x\n"), Owner: plan.Managed},
	}
	records, err := project.Record(b.Text(), "v1", project.PackRef{Source: "builtin:lambda", Tree: "t"}, tricky)
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, record := range records {
		text[record.Path] = string(record.Data)
	}
	archive := txtar.Parse([]byte(text[project.BaseName]))
	if len(archive.Files) != 4 || string(archive.Files[0].Data) != "a\n" || string(archive.Files[2].Data) != "LS0gcGxhaW4gLS0K\n" {
		t.Errorf("the base is\n%s", text[project.BaseName])
	}
	if got, want := string(archive.Comment), "base64: no newline\nbase64: marker\n"; got != want {
		t.Errorf("the comment is %q, want %q", got, want)
	}
	for _, want := range []string{"source: builtin:lambda", "owner: managed", "tool: v1", "sha256: 87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"} {
		if !strings.Contains(text[project.LockName], want) {
			t.Errorf("the lock has no %q:\n%s", want, text[project.LockName])
		}
	}
}
