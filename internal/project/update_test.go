package project_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

const before, after = "one\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n"

// updateCases is what is rendered for one file before and now, what the user has made of it, and what has to come of it.
// An empty text is no file.
var updateCases = []struct {
	name             string
	base, next, ours string
	want             string
	action           project.Action
}{
	{name: "new", next: "a\n", want: "a\n", action: project.Added},
	{name: "new and already there", next: "a\n", ours: "a\n", want: "a\n"},
	{name: "added by both", next: "a\n", ours: "b\n", want: "<<<<<<< yours\nb\n||||||| rendered before\n=======\na\n>>>>>>> rendered now\n", action: project.Conflicted},
	{name: "untouched", base: before, next: after, ours: before, want: after, action: project.Updated},
	{name: "edited, not rendered anew", base: before, next: before, ours: "mine\n", want: "mine\n"},
	{name: "edited elsewhere", base: before, next: after, ours: "ONE\ntwo\nthree\nfour\nfive\n", want: "ONE\ntwo\nthree\nfour\nFIVE\n", action: project.Merged},
	{name: "edited the same way", base: before, next: after, ours: after, want: after},
	{
		name: "edited at the same place", base: before, next: after, ours: "one\ntwo\nthree\nfour\nfive!\n",
		want:   "one\ntwo\nthree\nfour\n<<<<<<< yours\nfive!\n||||||| rendered before\nfive\n=======\nFIVE\n>>>>>>> rendered now\n",
		action: project.Conflicted,
	},
	{name: "deleted by the user", base: before, next: after, action: project.Kept},
	{name: "deleted, not rendered anew", base: before, next: before},
	{name: "not rendered any more", base: before, ours: before, action: project.Removed},
	{name: "edited and not rendered any more", base: before, ours: "mine\n", want: "mine\n", action: project.Kept},
	{name: "gone on both sides", base: before},
	{name: "carriage returns are no edit", base: before, next: after, ours: crlf(before), want: crlf(after), action: project.Updated},
	{name: "carriage returns survive a merge", base: before, next: after, ours: crlf("ONE\ntwo\nthree\nfour\nfive\n"), want: crlf("ONE\ntwo\nthree\nfour\nFIVE\n"), action: project.Merged},
	{name: "a byte order mark survives", base: before, next: after, ours: "\xef\xbb\xbf" + before, want: "\xef\xbb\xbf" + after, action: project.Updated},
	{name: "no newline at the end", base: "a\nb\nc\nd", next: "A\nb\nc\nd", ours: "a\nb\nc\nD", want: "A\nb\nc\nD", action: project.Merged},
	{name: "a line that archives do not take", base: "-- --\na\n", next: "-- --\nb\n", ours: "-- --\na\n", want: "-- --\nb\n", action: project.Updated},
	{name: "binary", base: "\x00a", next: "\x00b", ours: "\x00c", want: "\x00c", action: project.Conflicted},
	{name: "binary, untouched", base: "\x00a", next: "\x00b", ours: "\x00a", want: "\x00b", action: project.Updated},
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func TestUpdate(t *testing.T) {
	for _, c := range updateCases {
		t.Run(c.name, func(t *testing.T) {
			dir := newProject(t, rendered(c.base))
			setFile(t, dir, c.ours)
			update := run(t, dir, rendered(c.next), project.Markers)
			var actions []project.Action
			for _, change := range update.Changes {
				actions = append(actions, change.Action)
			}
			if want := slices.DeleteFunc([]project.Action{c.action}, func(a project.Action) bool { return a == "" }); !slices.Equal(actions, want) {
				t.Errorf("it did %v, want %v", actions, want)
			}
			got, err := os.ReadFile(filepath.Join(dir, "src", "file"))
			if string(got) != c.want || (err == nil) != (c.want != "") {
				t.Errorf("the file is %q (%v), want %q", got, err, c.want)
			}
			for _, change := range run(t, dir, rendered(c.next), project.Markers).Changes {
				if change.After != nil || change.Action == project.Removed {
					t.Errorf("a second update changes %s: %s", change.Path, change.Action)
				}
			}
			assertNoStaging(t, dir)
		})
	}
}

func TestUpdateResolves(t *testing.T) {
	ours := "one\ntwo\nthree\nfour\nfive!\n"
	for resolution, want := range map[project.Resolution]string{project.Ours: ours, project.Theirs: after} {
		dir := newProject(t, rendered(before))
		setFile(t, dir, ours)
		run(t, dir, rendered(after), resolution)
		if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != want {
			t.Errorf("%s: %q", resolution, got)
		}
	}
}

func TestAbortWritesNothing(t *testing.T) {
	dir := newProject(t, append(rendered(before), &plan.File{Path: "other", Data: []byte("a\n"), Mode: 0o644}))
	setFile(t, dir, "one\ntwo\nthree\nfour\nfive!\n")
	state, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = state.Update(t.Context(), append(rendered(after), &plan.File{Path: "other", Data: []byte("b\n"), Mode: 0o644}), nil, project.Abort)
	if fault.CodeOf(err) != fault.Conflicts || fault.All(err)[0].Place.String() != "src/file:5:1" {
		t.Errorf("the error is %v", err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "other")); string(got) != "a\n" {
		t.Errorf("other is %q", got)
	}
}

func TestUpdateRefuses(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, "secret")
	for name, breakIt := range map[string]func(dir string) error{
		"a symbolic link": func(dir string) error {
			return os.Symlink(outside, filepath.Join(dir, "src", "file"))
		},
		"a folder":        func(dir string) error { return os.Mkdir(filepath.Join(dir, "src", "file"), 0o755) },
		"src is a file":   func(dir string) error { return replace(filepath.Join(dir, "src"), "mine") },
		"lock is missing": func(dir string) error { return os.Remove(filepath.Join(dir, project.LockName)) },
		"lock is damaged": func(dir string) error { return replace(filepath.Join(dir, project.LockName), "files: 7\n") },
		"base is missing": func(dir string) error { return os.Remove(filepath.Join(dir, project.BaseName)) },
		"base is damaged": func(dir string) error {
			return replace(filepath.Join(dir, project.BaseName), "-- src/file --\nother\n")
		},
		"blueprint is not": func(dir string) error { return os.Remove(filepath.Join(dir, "blueprint.yaml")) },
		"markers are left": func(dir string) error {
			return replace(filepath.Join(dir, "src", "file"), "<<<<<<< yours\na\n=======\nb\n>>>>>>> rendered now\n")
		},
	} {
		dir := newProject(t, rendered(before))
		setFile(t, dir, "")
		if err := breakIt(dir); err != nil {
			t.Fatal(err)
		}
		want := tree(t, dir)
		state, err := project.Read(dir)
		if err == nil {
			_, err = state.Update(t.Context(), rendered(after), nil, project.Markers)
		}
		if err == nil || fault.All(err)[0].Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// An update is stopped after each number of its writes; the next run brings it to its end.
func TestAnInterruptedUpdateIsFinished(t *testing.T) {
	next := []*plan.File{
		{Path: "added", Data: []byte("new\n"), Mode: 0o755}, {Path: "changed", Data: []byte("b\n"), Mode: 0o644},
	}
	was := []*plan.File{{Path: "changed", Data: []byte("a\n"), Mode: 0o644}, {Path: "gone/away", Data: []byte("x\n"), Mode: 0o644}}
	whole := newProject(t, was)
	run(t, whole, next, project.Markers)
	want := tree(t, whole)
	for done := range 6 {
		dir := newProject(t, was)
		interrupt(t, dir, next, done)
		if _, err := project.Read(dir); err != nil {
			t.Fatalf("after %d writes: %v", done, err)
		}
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Errorf("after %d writes the project is %v, want %v", done, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// interrupt leaves the project as a process that is killed after so many of the update's writes does.
func interrupt(t *testing.T, dir string, next []*plan.File, done int) {
	t.Helper()
	whole := t.TempDir()
	if err := os.CopyFS(whole, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	run(t, whole, next, project.Markers)
	old, final := tree(t, dir), tree(t, whole)
	staging := filepath.Join(dir, ".blueprint", fmt.Sprintf("update-%d", 1<<22+1))
	var steps []string
	for n, name := range []string{"added", "changed", "gone/away", ".blueprint/base.txtar", "blueprint.lock"} {
		content, exists := final[name]
		step := fmt.Sprintf(`{"path": %q, "before": %q, "after": %q`, name, sum(old, name), sum(final, name))
		if exists {
			step += fmt.Sprintf(`, "staged": "%d"`, n)
		}
		steps = append(steps, step+"}")
		switch {
		case n < done && exists:
			write(t, filepath.Join(dir, name), content)
		case n < done:
			if err := os.RemoveAll(filepath.Join(dir, filepath.Dir(name))); err != nil {
				t.Fatal(err)
			}
		case exists:
			write(t, filepath.Join(staging, fmt.Sprint(n)), content)
		}
	}
	write(t, filepath.Join(staging, "journal.json"), "["+strings.Join(steps, ",")+"]")
}

func TestAnUpdateThatWasOnlyPreparedIsClearedAway(t *testing.T) {
	dir := newProject(t, rendered(before))
	want := tree(t, dir)
	write(t, filepath.Join(dir, ".blueprint", fmt.Sprintf("update-%d", 1<<22+1), "0"), "half")
	if _, err := project.Read(dir); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !maps.Equal(got, want) {
		t.Error("something was changed")
	}
}

func TestTwoUpdatesAtOnce(t *testing.T) {
	dir := newProject(t, rendered(before))
	write(t, filepath.Join(dir, ".blueprint", fmt.Sprintf("update-%d", os.Getppid()), "0"), "half")
	if _, err := project.Read(dir); err == nil || !strings.Contains(err.Error(), "under way") {
		t.Errorf("the error is %v", err)
	}
}

func rendered(text string) []*plan.File {
	files := []*plan.File{{Path: "always", Data: []byte("always\n"), Mode: 0o644, Owner: plan.Merge}}
	if text != "" {
		files = append(files, &plan.File{Path: "src/file", Data: []byte(text), Mode: 0o644, Owner: plan.Merge})
	}
	return files
}

func newProject(t *testing.T, files []*plan.File) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	if err := project.Create(dir, append(slices.Clone(files), records(t, files)...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func records(t *testing.T, files []*plan.File) []*plan.File {
	t.Helper()
	records, err := project.Record([]byte("apiVersion: scaffold/v1\n"), "test", project.PackRef{Source: "test"}, files)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func run(t *testing.T, dir string, files []*plan.File, resolution project.Resolution) *project.Update {
	t.Helper()
	state, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	update, err := state.Update(t.Context(), files, records(t, files), resolution)
	if err != nil {
		t.Fatal(err)
	}
	if err := update.Apply(); err != nil {
		t.Fatal(err)
	}
	return update
}

// setFile makes src/file what the user has made of it.
func setFile(t *testing.T, dir, text string) {
	t.Helper()
	name := filepath.Join(dir, "src", "file")
	if text == "" {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		return
	}
	write(t, name, text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replace(name, text string) error {
	if err := os.RemoveAll(name); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600)
}

// tree is all files of a folder; a link is where it leads to.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		content, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func assertNoStaging(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, ".blueprint", "update-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func sum(files map[string]string, name string) string {
	content, ok := files[name]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
}
