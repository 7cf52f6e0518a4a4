package project_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofrs/flock"

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

// What a killed process has left is cleared away; what a living one writes is locked, and stays.
func TestCreateClearsUpAfterKilledProcesses(t *testing.T) {
	parent := t.TempDir()
	const abandoned, empty, alive = ".orders.scaffold-new-1", ".orders.scaffold-new-2", ".orders.scaffold-new-3"
	for _, name := range []string{abandoned, empty, alive} {
		if err := os.MkdirAll(filepath.Join(parent, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(parent, abandoned, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(parent, alive, "lock"))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Unlock() }()
	if err := project.Create(filepath.Join(parent, "orders"), files); err != nil {
		t.Fatal(err)
	}
	assertOnly(t, parent, alive, "orders")
}

// Of many that create the same project at once, one does, and the others say that the directory is not empty.
func TestManyCreateTheSameProjectAtOnce(t *testing.T) {
	parent := t.TempDir()
	results := make(chan error)
	for range 20 {
		go func() { results <- project.Create(filepath.Join(parent, "orders"), files) }()
	}
	created := 0
	for range 20 {
		if err := <-results; err == nil {
			created++
		} else if fault.CodeOf(err) != fault.Invalid {
			t.Error(err)
		}
	}
	if created != 1 {
		t.Errorf("%d have created it", created)
	}
	assertOnly(t, parent, "orders")
}

func TestAFailedCreateLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	bad := append(files[:1:1], &plan.File{Path: "README.md/x", Data: []byte("a file cannot be a folder"), Mode: 0o644})
	if err := project.Create(filepath.Join(parent, "orders"), bad); err == nil {
		t.Error("there is no error")
	}
	assertOnly(t, parent)
}

func TestRecords(t *testing.T) {
	rendering := &project.Rendering{
		Blueprint: []byte("name: orders\n"), Tool: "v1.0.0", Pack: project.PackRef{Source: "builtin:lambda", Tree: "t"},
		Files: []*plan.File{
			{Path: "b/no newline", Data: []byte("a"), Owner: plan.Merge, Layer: "x", Mode: 0o755},
			{Path: "a", Data: []byte("x\n"), Owner: plan.Managed, Layer: "y (z)", Mode: 0o644},
			{Path: "seed", Data: []byte("y\n"), Owner: plan.Seed, Mode: 0o644},
		},
	}
	records, err := rendering.Records()
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, record := range records {
		text[record.Path] = string(record.Data)
	}
	if text[project.BasePath("b/no newline")] != "a" || text[project.BasePath("a")] != "x\n" || text["blueprint.yaml"] != "name: orders\n" {
		t.Errorf("the records are %q", text)
	}
	if _, ok := text[project.BasePath("seed")]; ok {
		t.Error("a seed is in the base")
	}
	if !strings.Contains(text[project.AttributesName], "base/** -text") {
		t.Errorf("git may change the base: %q", text[project.AttributesName])
	}
	const want = `files:
  "a": {"sha256": "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac", "owner": "managed", "layer": "y (z)"}
  "b/no newline": {"sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "owner": "merge", "layer": "x", "executable": true}
`
	if !strings.Contains(text[project.LockName], want) {
		t.Errorf("the lock is\n%s", text[project.LockName])
	}
}
