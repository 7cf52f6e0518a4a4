package project_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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
	{name: "the template gives up carriage returns", base: crlf(before), next: before, ours: crlf(before), want: before, action: project.Updated},
	{
		name: "one line of mine ends otherwise", base: before, next: after, ours: "mine\n" + crlf(before), want: crlf("mine\n" + after),
		action: project.Merged,
	},
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
	state, err := project.Open(t.Context(), place(dir))
	if err != nil {
		t.Fatal(err)
	}
	_, err = state.Update(t.Context(), rendering(append(rendered(after), &plan.File{Path: "other", Data: []byte("b\n"), Mode: 0o644})), project.Abort)
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
		"the blueprint is a link": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "blueprint.yaml")), os.Symlink(outside, filepath.Join(dir, "blueprint.yaml")))
		},
		"a new file is a link":   func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "new")) },
		"a new file is a folder": func(dir string) error { return os.Mkdir(filepath.Join(dir, "new"), 0o755) },
		"lock is missing":        func(dir string) error { return os.Remove(filepath.Join(dir, project.LockName)) },
		"lock is damaged":        func(dir string) error { return replace(filepath.Join(dir, project.LockName), "files: 7\n") },
		"base is missing":        func(dir string) error { return os.Remove(filepath.Join(dir, project.BasePath("src/file"))) },
		"base is damaged": func(dir string) error {
			return replace(filepath.Join(dir, project.BasePath("src/file")), "other\n")
		},
		"blueprint is not": func(dir string) error { return os.Remove(filepath.Join(dir, "blueprint.yaml")) },
		"the lock is a link": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, project.LockName)), os.Symlink(outside, filepath.Join(dir, project.LockName)))
		},
	} {
		dir := newProject(t, rendered(before))
		setFile(t, dir, "")
		if err := breakIt(dir); err != nil {
			t.Fatal(err)
		}
		want := tree(t, dir)
		state, err := project.Open(t.Context(), place(dir))
		if err == nil {
			_, err = state.Update(t.Context(), rendering(append(rendered(after), &plan.File{Path: "new", Data: []byte("a\n"), Mode: 0o644})), project.Markers)
		}
		if err == nil || fault.All(err)[0].Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Errorf("%s: something was written", name)
		}
	}
}

// stopped is what a call of the hook returns from the moment on at which the process is taken for killed.
var errStopped = errors.New("stopped")

// Every change of the disk that an update makes fails once, or is the one before which the process is killed. What is there
// afterwards is the old project or the new one, or an update that was interrupted, which the next command finishes.
func TestEveryCallOfAnUpdateFails(t *testing.T) {
	was := []*plan.File{
		{Path: "changed", Data: []byte("a\n"), Mode: 0o644},
		{Path: "gone/away", Data: []byte("x\n"), Mode: 0o644},
		{Path: "turned", Data: []byte("a file\n"), Mode: 0o644},
		{Path: "folder/file", Data: []byte("b\n"), Mode: 0o644},
	}
	next := []*plan.File{
		{Path: "added/deep/file", Data: []byte("new\n"), Mode: 0o755},
		{Path: "changed", Data: []byte("b\n"), Mode: 0o644},
		{Path: "turned/into/folder", Data: []byte("c\n"), Mode: 0o644},
		{Path: "folder", Data: []byte("a file now\n"), Mode: 0o644},
	}
	tryAllCalls(t, was, func(t *testing.T, place project.Place) error {
		t.Helper()
		return tryUpdate(t, place, next)
	})
}

// The same for a pack that is vendored in the place of an older one.
func TestEveryCallOfVendoringFails(t *testing.T) {
	first := fstest.MapFS{"pack.yaml": {Data: []byte("one\n")}, "files/gone": {Data: []byte("x\n")}, "files/kept": {Data: []byte("y\n")}}
	second := fstest.MapFS{"pack.yaml": {Data: []byte("two\n")}, "files/kept": {Data: []byte("y\n")}, "files/new/deep": {Data: []byte("z\n"), Mode: 0o755}}
	vendor := func(place project.Place, files fs.FS) error {
		state, err := project.Begin(t.Context(), place)
		if err != nil {
			return err
		}
		defer func() { _ = state.Close() }()
		_, err = state.Vendor(t.Context(), files)
		return err
	}
	tryAllCalls(t, rendered(before), func(t *testing.T, there project.Place) error {
		t.Helper()
		return vendor(there, second)
	}, func(dir string) error { return vendor(place(dir), first) })
}

// tryAllCalls lets each change of the disk that a command makes fail, and then stops the process before it.
func tryAllCalls(t *testing.T, was []*plan.File, command func(t *testing.T, place project.Place) error, prepare ...func(dir string) error) {
	t.Helper()
	create := func() string {
		dir := newProject(t, was)
		for _, step := range prepare {
			if err := step(dir); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	whole := create()
	old := tree(t, whole)
	if err := command(t, place(whole)); err != nil {
		t.Fatal(err)
	}
	want := tree(t, whole)
	for _, isKilled := range []bool{false, true} {
		for n := 0; ; n++ {
			dir := create()
			calls, failed := 0, ""
			hooked := place(dir).WithHook(func(call string) error {
				calls++
				if calls > n && (isKilled || calls == n+1) {
					failed = cmp.Or(failed, call)
					return errStopped
				}
				return nil
			})
			err := command(t, hooked)
			if failed == "" {
				t.Logf("%d calls, killed: %v", calls, isKilled)
				break
			}
			assertOldOrNew(t, dir, failed, err, old, want)
		}
	}
}

func tryUpdate(t *testing.T, place project.Place, next []*plan.File) error {
	t.Helper()
	state, err := project.Begin(t.Context(), place)
	if err != nil {
		return err
	}
	defer func() { _ = state.Close() }()
	update, err := state.Update(t.Context(), rendering(next), project.Markers)
	if err != nil {
		return err
	}
	return update.Apply(t.Context())
}

// assertOldOrNew looks at what a failed update has left, and finishes it.
func assertOldOrNew(t *testing.T, dir, failed string, err error, old, want map[string]string) {
	t.Helper()
	left := tree(t, dir)
	_, openErr := project.Open(t.Context(), place(dir))
	isInterrupted := openErr != nil && fault.CodeOf(openErr) == fault.Refused
	settled := maps.Clone(left)
	maps.DeleteFunc(settled, func(name, _ string) bool { return strings.Contains(name, ".scaffold-") }) // It is cleared away below.
	if !isInterrupted && !maps.Equal(settled, old) && !maps.Equal(settled, want) {
		t.Errorf("%s failed (%v), and the project is neither the old one nor the new one", failed, err)
	}
	if again := tree(t, dir); !maps.Equal(again, left) {
		t.Errorf("%s failed, and reading has written", failed)
	}
	state, err := project.Begin(t.Context(), place(dir))
	if err != nil {
		t.Fatalf("%s failed, and the next command says: %v", failed, err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	after := tree(t, dir)
	if !maps.Equal(after, old) && !maps.Equal(after, want) {
		t.Errorf("%s failed, and the next command has left a mixture: %v", failed, slices.Sorted(maps.Keys(after)))
	}
	if isInterrupted && !maps.Equal(after, want) {
		t.Errorf("%s failed after the journal, and the update was not finished", failed)
	}
	assertNoStaging(t, dir)
}

// An update that was interrupted, an edit in between, and the next command: both are there, in one file.
func TestAnInterruptedUpdateMeetsAnEdit(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(dir string) error
		want string
		code fault.Code
	}{
		"elsewhere": {
			func(dir string) error {
				return replace(filepath.Join(dir, "src/file"), "ONE\ntwo\nthree\nfour\nfive\n")
			},
			"ONE\ntwo\nthree\nfour\nFIVE\n", "",
		},
		"at the same place": {
			func(dir string) error {
				return replace(filepath.Join(dir, "src/file"), "one\ntwo\nthree\nfour\nfive!\n")
			},
			"one\ntwo\nthree\nfour\n<<<<<<< yours\nfive!\n||||||| rendered before\nfive\n=======\nFIVE\n>>>>>>> rendered now\n", fault.Conflicts,
		},
		"deleted": {func(dir string) error { return os.Remove(filepath.Join(dir, "src/file")) }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newProject(t, rendered(before))
			hook := func(call string) error {
				if call == "create src/"+strings.TrimPrefix(call, "create src/") && strings.HasPrefix(call, "create src/.scaffold-") {
					return errStopped
				}
				return nil
			}
			isJournalled := false
			err := tryUpdate(t, place(dir).WithHook(func(call string) error {
				isJournalled = isJournalled || call == "rename journal.json"
				if isJournalled && call != "rename journal.json" {
					return cmp.Or(hook(call), errStopped)
				}
				return nil
			}), rendered(after))
			if err == nil {
				t.Fatal("the update was not interrupted")
			}
			if err := test.edit(dir); err != nil {
				t.Fatal(err)
			}
			state, err := project.Begin(t.Context(), place(dir))
			if test.code == "" && err != nil || test.code != "" && (err == nil || fault.CodeOf(err) != test.code) {
				t.Fatalf("the error is %v", err)
			}
			if err == nil {
				defer func() { _ = state.Close() }()
				if !slices.Contains(state.Finished, "src/file") {
					t.Errorf("it says that it has finished %v", state.Finished)
				}
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != test.want {
				t.Errorf("the file is %q, want %q", got, test.want)
			}
		})
	}
}

// Whoever goes back by version control after an update was interrupted has undone it: it does not come back.
func TestAnInterruptedUpdateThatWasUndone(t *testing.T) {
	dir := newProject(t, rendered(before))
	want := tree(t, dir)
	isWritten := false
	stop := func(call string) error {
		if isWritten {
			return errStopped
		}
		isWritten = call == "rename src/file"
		return nil
	}
	if err := tryUpdate(t, place(dir).WithHook(stop), rendered(after)); err == nil {
		t.Fatal("it was not stopped")
	}
	for name := range tree(t, dir) {
		if _, isOld := want[name]; !isOld {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	setFile(t, dir, before)
	state, err := project.Open(t.Context(), place(dir))
	if err != nil {
		t.Fatal(err)
	}
	if state, err = project.Begin(t.Context(), place(dir)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	if got := tree(t, dir); len(state.Finished) > 0 || !maps.Equal(got, want) {
		t.Errorf("it has finished %v", state.Finished)
	}
}

// A file that is saved after the command has read it, and before it writes, is not written over.
func TestAFileThatMovesWhileACommandRuns(t *testing.T) {
	for _, name := range []string{"blueprint.yaml", project.LockName, "src/file", project.BasePath("src/file")} {
		dir := newProject(t, rendered(before))
		state, err := project.Begin(t.Context(), place(dir))
		if err != nil {
			t.Fatal(err)
		}
		next := rendering(rendered(after))
		next.Blueprint, next.Tool = []byte("apiVersion: scaffold/v1 # changed by the command\n"), "v2.0.0"
		update, err := state.Update(t.Context(), next, project.Markers)
		if err != nil {
			t.Fatal(err)
		}
		if err := replace(filepath.Join(dir, name), "saved meanwhile\n"); err != nil {
			t.Fatal(err)
		}
		want := tree(t, dir)
		err = update.Apply(t.Context())
		if err == nil || fault.CodeOf(err) != fault.Conflicts || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Errorf("%s: something was written", name)
		}
		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that is saved while its new content is prepared is not written over either: both are merged.
func TestAFileThatIsSavedWhileItIsReplaced(t *testing.T) {
	dir := newProject(t, rendered(before))
	name := filepath.Join(dir, "src", "file")
	isJournalled, isSaved := false, false
	save := func(call string) error {
		isJournalled = isJournalled || call == "rename journal.json"
		if isJournalled && !isSaved && strings.HasPrefix(call, "write src/.scaffold-") {
			isSaved = true
			return replace(name, "ONE\ntwo\nthree\nfour\nfive\n")
		}
		return nil
	}
	if err := tryUpdate(t, place(dir).WithHook(save), rendered(after)); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); !isSaved || string(got) != "ONE\ntwo\nthree\nfour\nFIVE\n" {
		t.Errorf("it is %q", got)
	}
}

func TestTheSecondWriterWaits(t *testing.T) {
	dir := newProject(t, rendered(before))
	first, err := project.Begin(t.Context(), place(dir))
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool, 1), make(chan error, 1)
	second := place(dir)
	second.Waiting = func() { waiting <- true }
	go func() {
		state, err := project.Begin(t.Context(), second)
		if err == nil {
			err = state.Close()
		}
		got <- err
	}()
	<-waiting
	select {
	case err := <-got:
		t.Fatalf("the second did not wait: %v", err)
	default:
	}
	if _, err := project.Open(t.Context(), place(dir)); err != nil {
		t.Errorf("a reader is kept out: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestAWaitingWriterCanBeStopped(t *testing.T) {
	dir := newProject(t, rendered(before))
	first, err := project.Begin(t.Context(), place(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	ctx, stop := context.WithCancel(t.Context())
	second := place(dir)
	second.Waiting = stop
	if _, err := project.Begin(ctx, second); err == nil || fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("the error is %v", err)
	}
}

// What a layer had rendered, and the user has edited or deleted, is the same file again when the layer is back.
func TestAFileOfALayerThatGoesAndComesBack(t *testing.T) {
	for name, test := range map[string]struct{ ours, want string }{
		"edited":  {"ONE\ntwo\nthree\nfour\nfive\n", "ONE\ntwo\nthree\nfour\nFIVE\n"},
		"deleted": {"", ""},
	} {
		dir := newProject(t, rendered(before))
		setFile(t, dir, test.ours)
		run(t, dir, rendered(""), project.Markers)
		if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != test.ours {
			t.Errorf("%s: without the layer it is %q", name, got)
		}
		if changes := run(t, dir, rendered(""), project.Markers).Changes; len(changes) > 0 {
			t.Errorf("%s: a second update says %s %s", name, changes[0].Action, changes[0].Path)
		}
		run(t, dir, rendered(after), project.Markers)
		if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != test.want {
			t.Errorf("%s: it came back as %q", name, got)
		}
	}
}

// A function that the user has taken out by hand, files and all, can be added again.
func TestAFunctionThatWasDeletedByHandCanBeAddedAgain(t *testing.T) {
	function := []*plan.File{{Path: "always", Data: []byte("a\n"), Mode: 0o644}, {Path: "src/file", Data: []byte("b\n"), Mode: 0o644, Layer: "function/http (one)"}}
	dir := newProject(t, function)
	setFile(t, dir, "")
	run(t, dir, function[:1], project.Markers)
	run(t, dir, function, project.Markers)
	if got, err := os.ReadFile(filepath.Join(dir, "src", "file")); err != nil || string(got) != "b\n" {
		t.Errorf("it is %q, %v", got, err)
	}
}

// The pack gives a file another name: the edits go along, and a deletion too.
func TestAMove(t *testing.T) {
	for name, test := range map[string]struct{ ours, want string }{
		"untouched": {before, after}, "edited": {"ONE\ntwo\nthree\nfour\nfive\n", "ONE\ntwo\nthree\nfour\nFIVE\n"}, "deleted": {"", ""},
	} {
		dir := newProject(t, rendered(before))
		setFile(t, dir, test.ours)
		next := rendering([]*plan.File{{Path: "always", Data: []byte("always\n"), Mode: 0o644, Owner: plan.Merge}, {Path: "lib/file", Data: []byte(after), Mode: 0o644, Owner: plan.Merge}})
		next.Moves = []project.Move{{From: "src/file", To: "lib/file"}}
		for range 2 {
			apply(t, dir, next, project.Markers)
			if got, _ := os.ReadFile(filepath.Join(dir, "lib", "file")); string(got) != test.want {
				t.Errorf("%s: it is %q", name, got)
			}
			if _, err := os.Stat(filepath.Join(dir, "src", "file")); err == nil {
				t.Errorf("%s: the old file is still there", name)
			}
		}
	}
}

func TestPermissions(t *testing.T) {
	script := func(mode fs.FileMode) []*plan.File {
		return []*plan.File{{Path: "run", Data: []byte("#!/bin/sh\n"), Mode: mode, Owner: plan.Merge}}
	}
	dir := newProject(t, script(0o644))
	name := filepath.Join(dir, "run")
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ rendered, want fs.FileMode }{{0o644, 0o600}, {0o755, 0o700}, {0o755, 0o700}, {0o644, 0o600}} {
		run(t, dir, script(step.rendered), project.Markers)
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != step.want {
			t.Errorf("rendered as %o it is %o, want %o", step.rendered, info.Mode().Perm(), step.want)
		}
	}
}

// Markers that an update has put there are conflicts until the last of them is gone; in a file of the user's they are text.
func TestMarkersThatAreTextAndMarkersThatAreLeft(t *testing.T) {
	quoted := "one\n<<<<<<< yours\ntwo\nthree\nfour\nfive\n"
	dir := newProject(t, rendered(before))
	setFile(t, dir, quoted)
	if update := run(t, dir, rendered(after), project.Markers); len(update.Conflicts()) > 0 {
		t.Error("quoted markers are taken for a conflict")
	}
	dir = newProject(t, rendered(before))
	setFile(t, dir, "one\ntwo\nthree\nfour\nfive!\n")
	run(t, dir, rendered(after), project.Markers)
	setFile(t, dir, "one\ntwo\nthree\nfour\nfive!\n=======\nFIVE\n>>>>>>> rendered now\n")
	if update := run(t, dir, rendered(after), project.Markers); len(update.Conflicts()) != 1 || update.Conflicts()[0].Lines[0] != 8 {
		t.Error("half of a conflict is taken for none")
	}
	setFile(t, dir, after)
	if update := run(t, dir, rendered(after), project.Markers); len(update.Conflicts()) > 0 {
		t.Error("a resolved conflict is still one")
	}
}

// A file that templates gave to the user becomes one that updates change: where nobody has touched it, it is brought up to date.
func TestASeedThatBecomesShared(t *testing.T) {
	owned := func(text string, owner plan.Owner) []*plan.File {
		return []*plan.File{{Path: "src/file", Data: []byte(text), Mode: 0o644, Owner: owner}}
	}
	for ours, want := range map[string]string{before: after, "mine\n": "mine\n"} {
		dir := newProject(t, owned(before, plan.Seed))
		setFile(t, dir, ours)
		run(t, dir, owned(after, plan.Merge), project.Markers)
		if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != want {
			t.Errorf("%q became %q", ours, got)
		}
	}
}

// What is the user's and only looks like something of scaffold's stays: a file with the name of a probe, a folder with that of an
// old update, a link to a folder out of which a file is removed.
func TestWhatOnlyLooksLikeOursStays(t *testing.T) {
	dir := newProject(t, rendered(before))
	mine := map[string]string{".scaffold-probe": "a", "src/.scaffold-probe": "b", ".blueprint/update-1/journal.json": "c", "elsewhere/x": "d"}
	for name, text := range mine {
		write(t, filepath.Join(dir, name), text)
	}
	if err := errors.Join(os.Rename(filepath.Join(dir, "src"), filepath.Join(dir, "elsewhere", "src")), os.Symlink("elsewhere/src", filepath.Join(dir, "src"))); err != nil {
		t.Fatal(err)
	}
	run(t, dir, rendered(""), project.Markers)
	if _, err := os.Readlink(filepath.Join(dir, "src")); err != nil {
		t.Error(err)
	}
	delete(mine, "src/.scaffold-probe")
	mine["elsewhere/src/.scaffold-probe"] = "b"
	got := tree(t, dir)
	for name, text := range mine {
		if got[name] != text {
			t.Errorf("%s is %q", name, got[name])
		}
	}
}

// A folder's name is no pattern.
func TestAnInterruptionInAFolderWithBrackets(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"w[x]", "w[x"} {
		dir := filepath.Join(parent, name, "orders")
		first := rendering(rendered(before))
		records, err := first.Records()
		if err == nil {
			err = project.Create(dir, append(slices.Clone(first.Files), records...))
		}
		if err != nil {
			t.Fatal(err)
		}
		isWritten := false
		stop := func(call string) error {
			if isWritten {
				return errStopped
			}
			isWritten = call == "rename src/file"
			return nil
		}
		if err := tryUpdate(t, place(dir).WithHook(stop), rendered(after)); err == nil {
			t.Fatal("it was not stopped")
		}
		if _, err := project.Open(t.Context(), place(dir)); err == nil || fault.CodeOf(err) != fault.Refused {
			t.Errorf("%s: the interruption is not seen: %v", name, err)
		}
		run(t, dir, rendered(after), project.Markers)
		if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != after {
			t.Errorf("%s: it is %q", name, got)
		}
	}
}

func TestABinaryConflictIsSaidUntilItIsSettled(t *testing.T) {
	dir := newProject(t, rendered("\x00a"))
	setFile(t, dir, "\x00c")
	for range 2 {
		if update := run(t, dir, rendered("\x00b"), project.Markers); len(update.Conflicts()) != 1 {
			t.Error("the conflict is not said")
		}
	}
	run(t, dir, rendered("\x00b"), project.Theirs)
	if got, _ := os.ReadFile(filepath.Join(dir, "src", "file")); string(got) != "\x00b" {
		t.Errorf("it is %q", got)
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
	first := rendering(files)
	records, err := first.Records()
	if err != nil {
		t.Fatal(err)
	}
	if err := project.Create(dir, append(slices.Clone(files), records...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func place(dir string) project.Place {
	return project.Place{Dir: dir, Env: os.Environ(), StateHome: filepath.Join(filepath.Dir(dir), "state")}
}

func rendering(files []*plan.File) *project.Rendering {
	return &project.Rendering{Blueprint: []byte("apiVersion: scaffold/v1\n"), Tool: "test", Pack: project.PackRef{Source: "test"}, Files: files}
}

func run(t *testing.T, dir string, files []*plan.File, resolution project.Resolution) *project.Update {
	t.Helper()
	return apply(t, dir, rendering(files), resolution)
}

func apply(t *testing.T, dir string, next *project.Rendering, resolution project.Resolution) *project.Update {
	t.Helper()
	state, err := project.Begin(t.Context(), place(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	update, err := state.Update(t.Context(), next, resolution)
	if err != nil {
		t.Fatal(err)
	}
	if err := update.Apply(t.Context()); err != nil {
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
		if err != nil || entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 {
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
	for name := range tree(t, dir) {
		if strings.Contains(name, ".scaffold-") {
			t.Errorf("%s is left", name)
		}
	}
	state, err := project.Open(t.Context(), place(dir))
	if err != nil {
		t.Error(err)
		return
	}
	entries, _ := os.ReadDir(state.StateDir())
	for _, entry := range entries {
		if entry.Name() != "lock" {
			t.Errorf("%s is left", entry.Name())
		}
	}
}
