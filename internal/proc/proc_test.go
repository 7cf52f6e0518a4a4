package proc_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/proc"
)

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
