//go:build e2e

package e2e

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const kills = 200

// TestKilledNew kills `scaffold new` at random moments: what is left is a whole project or none.
func TestKilledNew(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "scaffold")
	if output, err := exec.Command("go", "build", "-o", binary, "../../cmd/scaffold").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	reference := t.TempDir()
	began := time.Now()
	if output, err := exec.Command(binary, "new", "orders", "--platform", "lambda", "-C", reference).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	whole := time.Since(began)
	want := countFiles(t, filepath.Join(reference, "orders"))
	parent, none, full := t.TempDir(), 0, 0
	for range kills {
		killOne(t, binary, parent, time.Duration(rand.Int64N(int64(whole*3/2))))
		switch got := countFiles(t, filepath.Join(parent, "orders")); got {
		case 0:
			none++
		case want:
			full++
		default:
			t.Fatalf("a project of %d files was left, of %d", got, want)
		}
		if err := os.RemoveAll(filepath.Join(parent, "orders")); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills: %d times no project, %d times all %d files", kills, none, full, want)
	assertClearedUp(t, binary, parent)
}

func killOne(t *testing.T, binary, parent string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(binary, "new", "orders", "--platform", "lambda", "-C", parent)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// assertClearedUp wants the next run to remove what the killed ones have left.
func assertClearedUp(t *testing.T, binary, parent string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(binary, "new", "orders", "--platform", "lambda", "-C", parent)
	cmd.Stderr = &output
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, output.String())
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.Contains(entry.Name(), "scaffold-new") {
			t.Errorf("%s was left", entry.Name())
		}
	}
}

func countFiles(t *testing.T, dir string) int {
	t.Helper()
	count := 0
	err := filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			count++
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}
