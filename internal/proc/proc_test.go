package proc_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// patience is how long a test waits for what has to happen. It is long because it counts only when a test fails.
const patience = 2 * time.Minute

func shell(script string, out *bytes.Buffer) proc.Command {
	return proc.Command{Argv: []string{"/bin/sh", "-c", script}, Env: append(os.Environ(), "GREETING=hello"), Stdout: out, Stderr: out}
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := proc.Run(t.Context(), shell("echo $GREETING", &out)); err != nil || out.String() != "hello\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := proc.Run(t.Context(), shell("exit 3", &out)); err == nil {
		t.Error("a failure is no error")
	}
	if err := proc.Run(t.Context(), proc.Command{Argv: []string{"/no/such/program"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that does not exist: %v", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := proc.Run(ctx, shell("sleep 60", &bytes.Buffer{})); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// A killed program takes along what it has started.
func TestKill(t *testing.T) {
	p, err := proc.Start(shell("sleep 60 & wait", &bytes.Buffer{}))
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	select {
	case <-p.Done():
	default:
		t.Error("it is still running")
	}
	if p.CPU() < 0 {
		t.Error("it has used less than nothing")
	}
}

func TestIsAlive(t *testing.T) {
	if !proc.IsAlive(os.Getpid()) || proc.IsAlive(1<<22+1) {
		t.Error("it does not know who is alive")
	}
}

// helping is the environment variable by which a test tells its own binary to be the program that gets killed.
const helping = "SCAFFOLD_PROC_TEST_HELPER"

// TestTiedHelper starts a program that starts another, and waits to be killed. Both hold its output open.
func TestTiedHelper(t *testing.T) {
	if os.Getenv(helping) == "" {
		t.Skip("it is a part of TestTiedProgramsEndWithThisOne")
	}
	err := proc.Run(t.Context(), proc.Command{
		Argv: []string{"/bin/sh", "-c", "sleep 600 & echo ready; wait"}, Env: os.Environ(), Stdout: os.Stdout, Tied: true,
	})
	t.Fatalf("the program ended by itself: %v", err)
}

// The end of the output is the condition: it comes when the last process that could write to it is gone. A process id
// would still be there where nobody collects orphans.
func TestTiedProgramsEndWithThisOne(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	helper, err := proc.Start(proc.Command{
		Argv: []string{os.Args[0], "-test.run", "^TestTiedHelper$"}, Env: append(os.Environ(), helping+"=1"), Stdout: write,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(helper.Kill)
	if err := errors.Join(write.Close(), read.SetReadDeadline(time.Now().Add(patience))); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(read)
	if line, err := output.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the helper said %q: %v", line, err)
	}
	helper.Kill()
	if rest, err := io.ReadAll(output); err != nil {
		t.Errorf("what the killed program had started goes on: %q, %v", rest, err)
	}
}

// A guardian must not act on a process group that ended in good order.
func TestATiedProgramEndsByItself(t *testing.T) {
	var out bytes.Buffer
	command := shell("echo done", &out)
	command.Tied = true
	if err := proc.Run(t.Context(), command); err != nil || out.String() != "done\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	missing := proc.Command{Argv: []string{"/no/such/program"}, Tied: true}
	if _, err := proc.Start(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that does not exist: %v", err)
	}
}
