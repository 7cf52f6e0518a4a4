package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// project is a folder that `check --run` starts the command lint of.
func project(t *testing.T, lint string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cdk.out/app.template.json": `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`,
		"package.json":              `{"name": "sleeper", "scripts": {"lint": "sh lint.sh", "test": "sh lint.sh", "typecheck": "sh lint.sh"}}`,
		"lint.sh":                   lint,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func build(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc to look for children in")
	}
	binary := filepath.Join(t.TempDir(), "scaffold")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// npm is a folder with a program npm in it: the real one, or one that runs the script lint.sh.
func npm(t *testing.T, real bool) string {
	t.Helper()
	if real {
		found, err := exec.LookPath("npm")
		if err != nil {
			t.Skip("there is no npm")
		}
		return filepath.Dir(found)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\nsh lint.sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pids waits for the ids that the script has written, each on a line.
func pids(t *testing.T, file string) []int {
	t.Helper()
	for range 6000 {
		text, _ := os.ReadFile(file)
		if fields := strings.Fields(string(text)); len(fields) == 2 && strings.HasSuffix(string(text), "\n") {
			var ids []int
			for _, field := range fields {
				id, err := strconv.Atoi(field)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			return ids
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the script was never started")
	return nil
}

func isGone(id int) bool {
	for range 1000 {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(id) + "/stat")
		if _, state, _ := strings.Cut(string(status), ") "); err != nil || strings.HasPrefix(state, "Z") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// A signal ends the check and everything that it has started, with status 130 and one object.
func TestASignalEndsAllChildren(t *testing.T) {
	binary := build(t)
	for name, c := range map[string]struct {
		signal  syscall.Signal
		realNPM bool
		script  string
	}{
		"SIGINT":                        {syscall.SIGINT, false, "sleep 300 & echo $$ $! > pids; wait"},
		"SIGTERM":                       {syscall.SIGTERM, false, "sleep 300 & echo $$ $! > pids; wait"},
		"SIGINT, and it is ignored":     {syscall.SIGINT, false, "trap '' INT TERM; sleep 300 & echo $$ $! > pids; wait; wait"},
		"SIGINT, and npm is in between": {syscall.SIGINT, true, "sleep 300 & echo $$ $! > pids; wait"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, c.script)
			var out, errs bytes.Buffer
			cmd := exec.Command(binary, "check", "--run", "--json")
			cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
			cmd.Env = append(os.Environ(), "PATH="+npm(t, c.realNPM)+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // As a job of a shell: a signal to it reaches nobody else.
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			started := pids(t, filepath.Join(dir, "pids"))
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 130 {
				t.Errorf("it ended with %v: %s", err, errs.String())
			}
			for _, id := range started {
				if !isGone(id) {
					t.Errorf("process %d is still there", id)
				}
			}
			var object struct {
				OK    bool
				Error struct{ Code string }
			}
			decoder := json.NewDecoder(&out)
			if err := decoder.Decode(&object); err != nil || object.OK || object.Error.Code != "interrupted" || decoder.More() {
				t.Errorf("stdout has %+v, %v", object, err)
			}
		})
	}
}

// The second signal does not wait for anybody.
func TestTheSecondSignalEndsAtOnce(t *testing.T) {
	binary := build(t)
	dir := project(t, "trap '' INT TERM; sleep 300 & echo $$ $! > pids; wait; wait")
	cmd := exec.Command(binary, "check", "--run")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+npm(t, false)+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := pids(t, filepath.Join(dir, "pids"))
	defer func() {
		for _, id := range started {
			_ = syscall.Kill(id, syscall.SIGKILL)
		}
	}()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		_ = cmd.Process.Signal(syscall.SIGINT)
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
				t.Errorf("it ended with %v", err)
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
