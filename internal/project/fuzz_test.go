package project

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// records is a lock and a base that belong together.
func records(f interface {
	Helper()
	Fatal(...any)
},
) (lock, base []byte) {
	f.Helper()
	files := []*plan.File{{Path: "a", Data: []byte("one\n"), Owner: plan.Merge, Mode: 0o644}, {Path: "b/c", Data: []byte("two"), Owner: plan.Managed, Mode: 0o644}}
	made, err := Record([]byte("name: a\n"), "test", PackRef{Source: "builtin:lambda", Tree: "t"}, files)
	if err != nil {
		f.Fatal(err)
	}
	return made[2].Data, made[1].Data
}

// FuzzLock wants a lock to be read or refused.
func FuzzLock(f *testing.F) {
	lock, base := records(f)
	f.Add(lock)
	f.Add([]byte("files: {a: {sha256: x}}"))
	f.Add([]byte("files: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := &State{}
		if err := s.remember(text, base); err == nil && len(s.Lock.Files) == 0 {
			t.Error("a lock without files was read")
		}
	})
}

// FuzzBase wants a base to be read or refused, and one that was read to be written so that it is read the same.
func FuzzBase(f *testing.F) {
	lock, base := records(f)
	f.Add(base)
	f.Add([]byte("base64: a\n-- a --\n!!!\n"))
	f.Add([]byte("-- --"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_ = (&State{}).remember(lock, text)
		files, err := parseBase(text)
		if err != nil {
			return
		}
		var rendered []*plan.File
		for name, data := range files {
			if name != "" && !bytes.ContainsAny([]byte(name), "\n\r") && name == string(bytes.TrimSpace([]byte(name))) {
				rendered = append(rendered, &plan.File{Path: name, Data: data})
			}
		}
		again, err := parseBase(formatBase(rendered))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range rendered {
			if !bytes.Equal(again[file.Path], file.Data) {
				t.Errorf("%q became %q", file.Data, again[file.Path])
			}
		}
	})
}

// FuzzUpdate wants an update of one file to lose nothing that the user has: what it writes has every line of the user's that the
// base does not have, and a second update changes nothing.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte("one\ntwo\n"), []byte("one\nTWO\n"), []byte("ONE\ntwo\n"))
	f.Add([]byte("a"), []byte("b\r\n"), []byte("\xef\xbb\xbfc"))
	f.Add([]byte{}, []byte("\x00"), []byte("-- a --\n"))
	f.Fuzz(func(t *testing.T, base, next, ours []byte) {
		dir := t.TempDir()
		record := func(data []byte) (files, records []*plan.File) {
			files = []*plan.File{{Path: "a", Data: data, Owner: plan.Merge, Mode: 0o644}}
			records, err := Record([]byte("name: a\n"), "test", PackRef{}, files)
			if err != nil {
				t.Fatal(err)
			}
			return files, records
		}
		files, records := record(base)
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		if err := Create(dir, append(files, records...)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "a")
		if err := os.WriteFile(file, ours, 0o600); err != nil {
			t.Fatal(err)
		}
		files, records = record(next)
		state, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		update, err := state.Update(t.Context(), files, records, Markers)
		if err != nil {
			return // It was refused, and nothing is written.
		}
		if err := update.Apply(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(ours) {
			if text := bytes.TrimSpace(line); !bytes.Contains(base, text) && !bytes.Contains(got, text) {
				t.Errorf("the line %q is lost: %q, %q and %q became %q", line, base, next, ours, got)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, blueprint.FileName)); err != nil {
			t.Error(err)
		}
	})
}
