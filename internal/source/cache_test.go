package source_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

const company = 50

// Fifty at once open one repository with an empty cache, each with a store of its own.
func TestFiftyAtOnce(t *testing.T) {
	parent, commit := newRepository(t)
	s := parse(t, "file://"+parent+"/acme/packs//lambda@v1")
	cache := t.TempDir()
	trees, errs := make([]*source.Tree, company), make([]error, company)
	var all sync.WaitGroup
	for n := range company {
		all.Go(func() {
			trees[n], errs[n] = (&source.Store{Cache: cache, Env: os.Environ()}).Open(t.Context(), s, source.Options{})
		})
	}
	all.Wait()
	for n := range company {
		if errs[n] != nil || trees[n].Hash != trees[0].Hash || trees[n].Commit != commit {
			t.Errorf("%d: %+v, %v", n, trees[n], errs[n])
		}
	}
}

func TestFiftyProcessesAtOnce(t *testing.T) {
	parent, _ := newRepository(t)
	cache := t.TempDir()
	outputs, errs := make([]bytes.Buffer, company), make([]error, company)
	var all sync.WaitGroup
	for n := range company {
		cmd := opener(t, "file://"+parent+"/acme/packs//lambda@v1", cache)
		cmd.Stdout = &outputs[n]
		all.Go(func() { errs[n] = cmd.Run() })
	}
	all.Wait()
	for n := range company {
		if errs[n] != nil || outputs[n].String() != outputs[0].String() {
			t.Errorf("%d: %v: %s", n, errs[n], outputs[n].String())
		}
	}
}

// damages is what can be wrong with a copy.
var damages = map[string]func(t *testing.T, dir string){
	"a file in its place":       empty,
	"an empty folder":           folder,
	"an empty HEAD":             at("HEAD", empty),
	"no HEAD":                   at("HEAD", remove),
	"another HEAD":              at("HEAD", garble),
	"an empty config":           at("config", empty),
	"another config":            at("config", garble),
	"no config":                 at("config", remove),
	"no refs":                   at("refs", remove),
	"an empty ref":              each("refs", "", empty),
	"another ref":               each("refs", "", garble),
	"a ref to nothing":          each("refs", "", point),
	"a locked ref":              each("refs", "", lock),
	"no objects folder":         at("objects", remove),
	"no objects":                each("objects", "", remove),
	"empty objects":             each("objects", "", empty),
	"garbled objects":           each("objects", "", garble),
	"half of the objects":       each("objects", ".pack", halve),
	"garbled packs":             each("objects", ".pack", garble),
	"no packs":                  each("objects", ".pack", remove),
	"no index":                  each("objects", ".idx", remove),
	"an empty index":            each("objects", ".idx", empty),
	"a link among the objects":  at("objects/pack/pack-x.pack", device),
	"another list of the roots": at("shallow", garble),
	"no list of the roots":      at("shallow", remove),
	"a locked list of roots":    at("shallow", lock),
	"a locked config":           at("config", lock),
	"a locked HEAD":             at("HEAD", lock),
	"a locked list of refs":     at("packed-refs", lock),
	"half a pack":               at("objects/pack/tmp_pack_x", garble),
	"the next copy, half done":  half("fresh", os.CopyFS),
	"an exchange half done": half("old", func(to string, _ fs.FS) error {
		return os.Rename(strings.TrimSuffix(to,
			".new-1/old"), to)
	}),
}

// at does something to the file or folder of a name.
func at(name string, do func(*testing.T, string)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		do(t, filepath.Join(dir, name))
	}
}

// each does something to all files below a folder whose names end so, and wants at least one.
func each(folder, end string, do func(*testing.T, string)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		out, err := exec.Command("find", filepath.Join(dir, folder), "-type", "f", "-name", "*"+end).Output()
		if err != nil || len(out) == 0 {
			t.Fatalf("there is no file in %s: %v", dir, err)
		}
		for name := range strings.FieldsSeq(string(out)) {
			do(t, name)
		}
	}
}

// half leaves a folder beside the copy as a killed process does.
func half(name string, do func(to string, files fs.FS) error) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		folder(t, dir+".new-1")
		if err := do(dir+".new-1/"+name, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
}

func folder(t *testing.T, name string) {
	t.Helper()
	remove(t, name)
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

func device(t *testing.T, name string) {
	t.Helper()
	if err := os.Symlink("/dev/zero", name); err != nil {
		t.Fatal(err)
	}
}

func lock(t *testing.T, name string) {
	t.Helper()
	replace(t, name+".lock", "")
}

func empty(t *testing.T, name string) {
	t.Helper()
	replace(t, name, "")
}

func garble(t *testing.T, name string) {
	t.Helper()
	replace(t, name, strings.Repeat("garbled\n", 100))
}

func point(t *testing.T, name string) {
	t.Helper()
	replace(t, name, strings.Repeat("12", 20)+"\n")
}

func halve(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, name, string(data[:len(data)/2]))
}

func replace(t *testing.T, name, text string) {
	t.Helper()
	remove(t, name)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

// A damaged copy is fetched again, without a word; offline, the error names its folder.
func TestCacheHeals(t *testing.T) {
	parent, commit := newRepository(t)
	s := parse(t, "file://"+parent+"/acme/packs//lambda@v1")
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for _, options := range []source.Options{{}, {Commit: commit}, {Locked: commit}} {
				store, dir := damaged(t, s, damage)
				tree, err := store.Open(t.Context(), s, options)
				if err != nil || tree.Commit != commit {
					t.Errorf("with %+v: %v", options, err)
				}
				if _, err := store.Open(t.Context(), s, source.Options{Offline: true, Locked: commit}); err != nil {
					t.Errorf("with %+v, it is not healed: %v", options, err)
				}
				entries, err := os.ReadDir(filepath.Dir(dir))
				if err != nil || len(entries) != 2 {
					t.Errorf("with %+v, the cache has %v, %v", options, entries, err)
				}
			}
			for _, options := range []source.Options{{Offline: true}, {Offline: true, Locked: commit}} {
				store, dir := damaged(t, s, damage)
				_, err := store.Open(t.Context(), s, options)
				if problem := fault.All(errOr(err)); err != nil && (!strings.Contains(problem[0].Message, "is damaged") ||
					!strings.Contains(problem[0].Hint, "remove the folder "+dir+" and run this again without --offline")) {
					t.Errorf("with %+v: %v, hint %s", options, err, problem[0].Hint)
				}
			}
		})
	}
}

func errOr(err error) error {
	if err == nil {
		return fmt.Errorf("none")
	}
	return err
}

// damaged is a store whose only copy is damaged.
func damaged(t *testing.T, s source.Source, damage func(*testing.T, string)) (*source.Store, string) {
	t.Helper()
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	if _, err := store.Open(t.Context(), s, source.Options{}); err != nil {
		t.Fatal(err)
	}
	dir := copies(t, store.Cache)[0]
	damage(t, dir)
	return store, dir
}

// The network is gone and the copy is sound: the copy stays.
func TestFailedFetchKeepsTheCopy(t *testing.T) {
	parent, _ := newRepository(t)
	s := parse(t, "file://"+parent+"/acme/packs//lambda@v1")
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	if _, err := store.Open(t.Context(), s, source.Options{}); err != nil {
		t.Fatal(err)
	}
	remove(t, parent)
	if _, err := store.Open(t.Context(), s, source.Options{}); fault.CodeOf(errOr(err)) != fault.Network {
		t.Errorf("%v", err)
	}
	if _, err := store.Open(t.Context(), s, source.Options{Offline: true}); err != nil {
		t.Error(err)
	}
}

// killer is a git that kills who has started it, at its n-th start: before it works or after.
const killer = `#!/bin/sh
n=$(($(cat "$KILLER/count" 2>/dev/null) + 1))
echo $n > "$KILLER/count"
[ "$n$KILL_WHEN" = "${KILL_AT}before" ] && kill -9 $PPID && exit 1
[ "$n$KILL_WHEN" = "${KILL_AT}while" ] && { "$REAL_GIT" "$@" & kill -9 $PPID; wait; exit 1; }
"$REAL_GIT" "$@"
status=$?
[ "$n$KILL_WHEN" = "${KILL_AT}after" ] && kill -9 $PPID
exit $status
`

// A process that is killed at any moment, its git left behind or not, leaves a cache with which the next one
// succeeds: with no copy before, and with one that was about to be brought up to date.
func TestKilledWhileFetching(t *testing.T) {
	parent, _ := newRepository(t)
	dir := filepath.Join(parent, "acme", "packs")
	noise := make([]byte, 3<<20)
	_, _ = rand.Read(noise)
	address := "file://" + dir + "//lambda@main"
	s := parse(t, address)
	old := t.TempDir()
	if _, err := (&source.Store{Cache: old, Env: os.Environ()}).Open(t.Context(), s, source.Options{}); err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(dir, "lambda", "files", "noise"), string(noise))
	git(t, dir, "add", "--all")
	git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "two")
	commit := git(t, dir, "rev-parse", "HEAD")

	points, killed := 0, 0
	for _, before := range []string{"", old} {
		try := func(what string, run func(cache string) error) error {
			points++
			cache := t.TempDir()
			if before != "" {
				if err := os.CopyFS(cache, os.DirFS(before)); err != nil {
					t.Fatal(err)
				}
			}
			err := run(cache)
			if err != nil {
				killed++
			}
			tree, openErr := (&source.Store{Cache: cache, Env: os.Environ()}).Open(t.Context(), s, source.Options{})
			if openErr != nil || tree.Commit != commit {
				t.Errorf("%s, with a copy %t: %+v, %v", what, before != "", tree, openErr)
			}
			return err
		}
		for _, when := range []string{"before", "while", "after"} {
			for at := 1; ; at++ {
				err := try(fmt.Sprintf("%s call %d", when, at), func(cache string) error {
					return killedAt(t, address, cache,
						when, at)
				})
				if err == nil {
					break // It was not started so often.
				}
			}
		}
		for n := range sampled(t) {
			after := time.Duration(n) * 160 * time.Millisecond / time.Duration(sampled(t))
			_ = try("after "+after.String(), func(cache string) error {
				cmd := opener(t, address, cache)
				start(t, cmd)
				time.Sleep(after)
				_ = cmd.Process.Kill()
				return cmd.Wait()
			})
		}
	}
	t.Logf("%d moments, %d processes killed", points, killed)
	if killed < points/2 {
		t.Errorf("%d of %d processes were killed", killed, points)
	}
}

// killedAt runs a process whose git kills it at the given call. It returns nil if the process has made it to its end.
func killedAt(t *testing.T, address, cache, when string, at int) error {
	t.Helper()
	tools := t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "git"), []byte(killer), 0o755); err != nil {
		t.Fatal(err)
	}
	realGit, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	cmd := opener(t, address, cache)
	cmd.Env = append(cmd.Env, "PATH="+tools+":"+os.Getenv("PATH"), "KILLER="+tools, "KILL_WHEN="+when,
		fmt.Sprintf("KILL_AT=%d", at), "REAL_GIT="+realGit)
	start(t, cmd)
	return cmd.Wait()
}

// sampled is how many processes are killed after some time, and not at a certain call: KILLS=1000 for a long run.
func sampled(t *testing.T) int {
	t.Helper()
	text := os.Getenv("KILLS")
	if text == "" {
		return 12
	}
	count, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// start starts a process that is going to be killed. The test ends after all that the process has started, by a pipe
// that they inherit: what they write would be in the way of removing the test's folders.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{writer}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	t.Cleanup(func() {
		_, _ = io.Copy(io.Discard, reader)
		_ = reader.Close()
	})
}
