package project

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// FuzzLock wants a lock to be read or refused, and one that was read to be written so that it is read the same.
func FuzzLock(f *testing.F) {
	lock := &Lock{APIVersion: lockVersion, Tool: "test", Pack: PackRef{Source: "builtin:lambda", Tree: "t"}, Files: map[string]LockFile{
		"a": {SHA256: "1e3", Owner: plan.Merge, Layer: "x (y)"}, "b/~": {SHA256: "0", Owner: plan.Seed, Conflict: true, Executable: true, Retired: true},
	}}
	text, err := lock.format()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("files: {a: {sha256: x}}"))
	f.Add([]byte("files: &a [*a]"))
	f.Add([]byte("apiVersion: scaffold/v2\nfiles:\n  ? a\n  : {}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lock, err := parseLock(text)
		if err != nil {
			return
		}
		written, err := lock.format()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseLock(written)
		if err != nil || !maps.Equal(again.Files, lock.Files) || again.Tool != lock.Tool || again.Pack != lock.Pack {
			t.Errorf("%q was written as %q, and that is read as %v (%v)", text, written, again, err)
		}
	})
}

// FuzzUpdate wants an update of one file to lose nothing that the user has: what it writes has every line of the user's that the
// base does not have.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte("one\ntwo\n"), []byte("one\nTWO\n"), []byte("ONE\ntwo\n"))
	f.Add([]byte("a"), []byte("b\r\n"), []byte("\xef\xbb\xbfc"))
	f.Add([]byte{}, []byte("\x00"), []byte("-- a --\n"))
	f.Fuzz(func(t *testing.T, base, next, ours []byte) {
		dir := filepath.Join(t.TempDir(), "orders")
		place := Place{Dir: dir, Env: os.Environ(), StateHome: filepath.Join(filepath.Dir(dir), "state")}
		render := func(data []byte) *Rendering {
			return &Rendering{Blueprint: []byte("name: a\n"), Tool: "test", Files: []*plan.File{{Path: "a", Data: data, Owner: plan.Merge, Mode: 0o644}}}
		}
		first := render(base)
		records, err := first.Records()
		if err != nil {
			t.Fatal(err)
		}
		if err := Create(dir, append(first.Files, records...)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "a")
		if err := os.WriteFile(file, ours, 0o600); err != nil {
			t.Fatal(err)
		}
		state, err := Begin(t.Context(), place)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = state.Close() }()
		update, err := state.Update(t.Context(), render(next), Markers)
		if err != nil {
			return // It was refused, and nothing is written.
		}
		if err := update.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(ours) {
			if text := bytes.TrimSpace(bytes.TrimPrefix(line, []byte(bom))); !bytes.Contains(base, text) && !bytes.Contains(got, text) {
				t.Errorf("the line %q is lost: %q, %q and %q became %q", line, base, next, ours, got)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, blueprint.FileName)); err != nil {
			t.Error(err)
		}
	})
}
