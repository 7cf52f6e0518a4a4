package source_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/source"
)

// TestMain is the test, or a process that opens one source, for tests that need several or that kill one.
func TestMain(m *testing.M) {
	if address := os.Getenv("SOURCE_TEST_ADDRESS"); address != "" {
		os.Exit(openAndPrint(address, os.Getenv("SOURCE_TEST_CACHE")))
	}
	os.Exit(m.Run())
}

// openAndPrint prints the tree's hash or the error, and the memory of the largest git in kilobytes.
func openAndPrint(address, cache string) int {
	s, err := source.Parse(address)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	tree, err := (&source.Store{Cache: cache, Env: os.Environ()}).Open(context.Background(), s, source.Options{})
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used)
	fmt.Fprintln(os.Stderr, used.Maxrss)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(tree.Hash)
	return 0
}

// opener is the command for a process that opens the address.
func opener(t *testing.T, address, cache string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "SOURCE_TEST_ADDRESS="+address, "SOURCE_TEST_CACHE="+cache)
	return cmd
}

// copies is the copies of repositories in a cache: the folders in it that are not being made.
func copies(t *testing.T, cache string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(cache, "packs"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		if !strings.Contains(entry.Name(), ".") {
			found = append(found, filepath.Join(cache, "packs", entry.Name()))
		}
	}
	return found
}

// maxRSS is the most memory that a process had, in bytes.
func maxRSS(state *os.ProcessState) int64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return used.Maxrss << 10
}

// canMake makes a repository whose objects have names of the given format, if this git can.
func canMake(t *testing.T, dir, format string) bool {
	t.Helper()
	cmd := exec.Command("git", "init", "--quiet", "--initial-branch", "main", "--object-format="+format)
	cmd.Dir = dir
	return cmd.Run() == nil
}
