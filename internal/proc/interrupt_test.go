package proc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// pids waits until the script has written how many process ids into the file, and returns them.
func pids(t *testing.T, file string, count int) []int {
	t.Helper()
	for range 1000 {
		text, _ := os.ReadFile(file)
		if fields := strings.Fields(string(text)); len(fields) == count && strings.HasSuffix(string(text), "\n") {
			var found []int
			for _, field := range fields {
				pid, err := strconv.Atoi(field)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, pid)
			}
			return found
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the script has not started")
	return nil
}

// isGone reports whether a process has ended; a zombie that nobody has waited for yet counts as ended.
func isGone(pid int) bool {
	for range 500 {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if _, state, _ := strings.Cut(string(status), ") "); err != nil || strings.HasPrefix(state, "Z") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// Each script starts a child; whatever they do with the first signal, both are gone when Run returns.
func TestAnInterruptedProgramLeavesNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc to look into")
	}
	for name, script := range map[string]string{
		"ends":             "sleep 300 & echo $$ $! > FILE; wait",
		"ignores it":       "trap '' TERM; sleep 300 & echo $$ $! > FILE; wait; wait",
		"leaves its child": "(trap '' TERM; exec sleep 300 >/dev/null 2>&1) & echo $$ $! > FILE; exec sleep 300",
	} {
		for _, isTied := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, tied: %v", name, isTied), func(t *testing.T) {
				t.Parallel()
				interrupt(t, script, isTied)
			})
		}
	}
}

func interrupt(t *testing.T, script string, isTied bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	command := shell(strings.ReplaceAll(script, "FILE", file), &bytes.Buffer{})
	command.Tied = isTied
	go func() { failed <- proc.Run(ctx, command) }()
	started := pids(t, file, 2)
	cancel()
	if err := <-failed; err == nil || fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("the error is %v", err)
	}
	for _, pid := range started {
		if !isGone(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
}

// A program can clear up: it hears of the end first.
func TestAnInterruptedProgramIsAskedFirst(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	script := "trap 'echo bye > " + dir + "/said; exit' TERM; echo $$ > " + dir + "/pids; while :; do sleep 0.1; done"
	go func() { failed <- proc.Run(ctx, shell(script, &bytes.Buffer{})) }()
	pids(t, filepath.Join(dir, "pids"), 1)
	cancel()
	<-failed
	if said, err := os.ReadFile(filepath.Join(dir, "said")); err != nil || string(said) != "bye\n" {
		t.Errorf("it said %q, %v", said, err)
	}
}

func TestADeadlineIsNoInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := proc.Run(ctx, shell("sleep 60", &bytes.Buffer{}))
	if err == nil || fault.CodeOf(err) == fault.Interrupted || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

func TestNothingIsStartedAfterAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "started")
	err := proc.Run(ctx, shell("touch "+file, &bytes.Buffer{}))
	if _, missing := os.Stat(file); err == nil || missing == nil {
		t.Errorf("it was started: %v", err)
	}
}
