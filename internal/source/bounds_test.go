package source_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// gitWith runs git with an input.
func gitWith(t *testing.T, dir, input string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, output)
	}
	return strings.TrimSpace(string(output))
}

// commitTree makes the tree the branch main of a repository of its own, and returns its address.
func commitTree(t *testing.T, tree func(dir string) string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	commit := gitWith(t, dir, "", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit-tree", "-m", "one", tree(dir))
	git(t, dir, "update-ref", "refs/heads/main", commit)
	return "file://" + dir + "@main"
}

// nested is a tree in which each of the levels has the one below width times.
func nested(t *testing.T, levels, width int, inner func(dir string) (kind, id string)) func(dir string) string {
	t.Helper()
	return func(dir string) string {
		kind, id := inner(dir)
		for range levels {
			var entries strings.Builder
			for n := range width {
				mode := map[string]string{"blob": "100644", "tree": "040000"}[kind]
				fmt.Fprintf(&entries, "%s %s %s\tname-%d\n", mode, kind, id, n)
			}
			kind, id = "tree", gitWith(t, dir, entries.String(), "mktree")
		}
		return id
	}
}

// packed makes an object of many equal bytes, which is a thousand times smaller in the repository, and returns its id.
func packed(t *testing.T, dir, kind, header string, megabytes int) string {
	t.Helper()
	script := `git config core.bigFileThreshold 1m && { printf "$1"; head -c "$2"000000 /dev/zero | tr '\0' x; } | git hash-object -t "$3" -w --stdin`
	cmd := exec.Command("sh", "-c", script, "sh", header, strconv.Itoa(megabytes), kind)
	cmd.Dir = dir
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(id))
}

// Trees of a dozen objects and a billion names, of names that are too long, and of folders without an end are
// refused, with the memory that any pack takes.
func TestBombs(t *testing.T) {
	blob := func(dir string) (string, string) { return "blob", gitWith(t, dir, "x", "hash-object", "-w", "--stdin") }
	none := func(dir string) (string, string) { return "tree", gitWith(t, dir, "", "mktree") }
	for name, tree := range map[string]func(dir string) string{
		"a billion files":         nested(t, 9, 10, blob),
		"a billion empty folders": nested(t, 9, 10, none),
		"folders in folders":      nested(t, 300, 1, blob),
		"one folder of a million": nested(t, 2, 1000, blob),
		"a long name": func(dir string) string {
			_, id := blob(dir)
			return gitWith(t, dir, "100644 blob "+id+"\t"+strings.Repeat("n", 100_000)+"\n", "mktree")
		},
		"a large file": func(dir string) string {
			return gitWith(t, dir, "100644 blob "+packed(t, dir, "blob", "", 150)+"\tzeros\n", "mktree")
		},
		"a large tag": func(dir string) string {
			_, empty := none(dir)
			commit := gitWith(t, dir, "", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit-tree", "-m", "one", empty)
			header := "object " + commit + "\ntype commit\ntag v1\ntagger a <a@b.c> 1 +0000\n\n"
			git(t, dir, "update-ref", "refs/tags/main", packed(t, dir, "tag", header, 300))
			return empty
		},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := opener(t, commitTree(t, tree), t.TempDir())
			var said, kilobytes bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &kilobytes
			err := cmd.Run()
			if text := said.String(); err == nil || !strings.Contains(text, "refused") && !strings.Contains(text,
				"needs too much memory") {
				t.Errorf("it was not refused: %v: %s", err, said.String())
			}
			ofGit, err := strconv.Atoi(strings.TrimSpace(kilobytes.String()))
			ofUs := int(maxRSS(cmd.ProcessState) >> 10)
			if err != nil || ofGit > 100<<10 || ofUs > 100<<10 {
				t.Errorf("git took %d kB and this program %d kB, %v", ofGit, ofUs, err)
			}
			t.Logf("git took %d MB and this program %d MB: %s", ofGit>>10, ofUs>>10, strings.TrimSpace(said.String()))
		})
	}
}

// A large file beside the pack is not fetched from a server that can filter, and of one that cannot no more is than a
// repository may have.
func TestLargeFileBesideThePack(t *testing.T) {
	parent, _ := newRepository(t)
	dir := filepath.Join(parent, "acme", "packs")
	noise := make([]byte, 64<<20)
	_, _ = rand.Read(noise)
	if err := os.WriteFile(filepath.Join(dir, "dump.bin"), noise, 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "-c", "core.compression=0", "add", "--all")
	git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "two")
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	address, env := serve(t, parent)
	for _, address := range []string{"file://" + dir, address} {
		store := &source.Store{Cache: t.TempDir(), Env: env}
		tree, err := store.Open(t.Context(), parse(t, address+"//lambda@main"), source.Options{})
		if err != nil || len(contents(t, tree.Files)) != 2 {
			t.Fatalf("%s: %v", address, err)
		}
		if size := sizeOf(t, store.Cache); size > 1<<20 {
			t.Errorf("%s: the cache has %d bytes", address, size)
		}
		if _, err := store.Open(t.Context(), parse(t, address+"@main"),
			source.Options{}); fault.CodeOf(err) != fault.Refused ||
			!strings.Contains(err.Error(), "dump.bin: the pack is refused: this is larger than 4 MB") {
			t.Errorf("%s: a pack with the file: %v", address, err)
		}
		if _, err := store.Open(t.Context(), parse(t, address+"//lambda@main"), source.Options{Offline: true}); err != nil {
			t.Errorf("%s: offline afterwards: %v", address, err)
		}
	}
	git(t, dir, "config", "uploadpack.allowFilter", "false")
	store := &source.Store{Cache: t.TempDir(), Env: env}
	store.LimitFetch(16 << 20)
	_, err := store.Open(t.Context(), parse(t, "file://"+dir+"//lambda@main"), source.Options{})
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "it has more than 16 MB") {
		t.Errorf("without a filter: %v", err)
	}
	if size := sizeOf(t, store.Cache); size != 0 {
		t.Errorf("it has left %d bytes", size)
	}
}

// A cache that has grown over the limit by many fetches is begun again.
func TestCacheIsBounded(t *testing.T) {
	parent, _ := newRepository(t)
	dir := filepath.Join(parent, "acme", "packs")
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	store.LimitFetch(8 << 20)
	for range 8 {
		noise := make([]byte, 3<<20)
		_, _ = rand.Read(noise)
		if err := os.WriteFile(filepath.Join(dir, "lambda", "noise"), noise, 0o600); err != nil {
			t.Fatal(err)
		}
		git(t, dir, "add", "--all")
		git(t, dir, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "more")
		tree, err := store.Open(t.Context(), parse(t, "file://"+dir+"//lambda@main"), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if data, err := fs.ReadFile(tree.Files, "noise"); err != nil || !bytes.Equal(data, noise) {
			t.Errorf("the file is another one: %v", err)
		}
		if size := sizeOf(t, store.Cache); size > 8<<20 {
			t.Errorf("the cache has %d bytes", size)
		}
	}
}

// sizeOf is the bytes of all files of a folder.
func sizeOf(t *testing.T, dir string) (sum int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		sum += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
