//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killedUpdates is how many updates CI kills; `make kill` kills a thousand, by KILLS.
const killedUpdates = 60

// TestKilledUpdate kills updates at random moments, of an edited project that goes up and down between two levels. The next
// command finds the old state or the new one, whole, and brings it there if need be; what the user has made is in both.
func TestKilledUpdate(t *testing.T) {
	runs := killedUpdates
	if text := os.Getenv("KILLS"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		runs = number
	}
	u := newKilledUpdates(t)
	counts := map[string]int{}
	for n := range runs {
		target := u.other()
		interrupted := u.kill(t, target, n%2 == 1)
		counts[u.settle(t, n, target, interrupted)]++
	}
	t.Logf("%d updates killed: %v; not one mixture, and nothing lost", runs, counts)
}

// killedProject is a project with edits, and what it looks like at each of the two levels.
type killedProject struct {
	binary, dir string
	// trees is the hash of the whole project at each level.
	trees map[string]string
	level string
	// whole is how long an update takes.
	whole time.Duration
}

func newKilledUpdates(t *testing.T) *killedProject {
	t.Helper()
	parent := t.TempDir()
	u := &killedProject{binary: filepath.Join(parent, "scaffold"), dir: filepath.Join(parent, "orders"), trees: map[string]string{}, level: "mvp"}
	if output, err := exec.Command("go", "build", "-o", u.binary, "../../cmd/scaffold").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	u.run(t, 0, "new", "orders", "--platform", "lambda", "--level", "mvp", "-C", parent)
	edited := filepath.Join(u.dir, "infra", "stack.go")
	content, err := os.ReadFile(edited)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{edited: append([]byte("// A line of mine.\n\n"), content...), filepath.Join(u.dir, "src", "mine.ts"): []byte("export {};\n")} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(u.dir, "CHANGELOG.md")); err != nil {
		t.Fatal(err)
	}
	for _, level := range []string{"production", "mvp", "production", "mvp"} {
		began := time.Now()
		u.run(t, 0, "update", "--level", level, "-C", u.dir)
		u.whole = time.Since(began)
		if tree := u.tree(t); u.trees[level] != "" && u.trees[level] != tree {
			t.Fatalf("level %s is not the same the second time", level)
		} else {
			u.trees[level] = tree
		}
	}
	return u
}

// state is the folder of the journal, which is not in the project.
func (u *killedProject) state() string { return filepath.Join(filepath.Dir(u.dir), "state") }

func (u *killedProject) other() string {
	if u.level == "mvp" {
		return "production"
	}
	return "mvp"
}

// run runs the binary, and wants one of two exit statuses.
func (u *killedProject) run(t *testing.T, status int, args ...string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(u.binary, args...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+u.state())
	cmd.Stdout, cmd.Stderr = &output, &output
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != 0 && got != status {
		t.Fatalf("scaffold %s exited with %d: %s", strings.Join(args, " "), got, output.String())
	}
}

// kill starts an update and kills it at a random moment: of all its time, or, with late, of that in which it writes, which is
// short. It answers whether it came between the first write and the last.
func (u *killedProject) kill(t *testing.T, target string, late bool) (interrupted bool) {
	t.Helper()
	cmd := exec.Command(u.binary, "update", "--level", target, "-C", u.dir)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+u.state())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if late {
		for began := time.Now(); !u.isWriting(t) && time.Since(began) < 2*u.whole; {
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(u.whole / 10))))
	} else {
		time.Sleep(time.Duration(rand.Int64N(int64(u.whole * 5 / 4))))
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return u.isWriting(t)
}

// isWriting says whether there is a journal: the point of no return has passed, and the end has not come.
func (u *killedProject) isWriting(t *testing.T) bool {
	t.Helper()
	journals, err := filepath.Glob(filepath.Join(u.state(), "scaffold", "*", "journal.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(journals) > 0
}

// settle lets the next command bring the project to its end, and answers which of the two states it is in.
func (u *killedProject) settle(t *testing.T, n int, target string, interrupted bool) string {
	t.Helper()
	if interrupted {
		before := u.tree(t)
		u.run(t, 6, "plan", "-C", u.dir)
		if u.tree(t) != before {
			t.Fatalf("kill %d: a command that only reads has written", n)
		}
	}
	u.run(t, 0, "update", "-C", u.dir)
	switch u.tree(t) {
	case u.trees[u.level]:
		return "the old state" // Before the first file was written, if the journal was.
	case u.trees[target]:
		u.level = target
		if interrupted {
			return "the new state, by the next command"
		}
		return "the new state"
	default:
		t.Fatalf("kill %d: the project is a mixture", n)
		return ""
	}
}

// tree is a hash over all files with their modes.
func (u *killedProject) tree(t *testing.T) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(u.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			fmt.Fprintf(sum, "%s %s %d\n%s", file, info.Mode(), len(data), data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
