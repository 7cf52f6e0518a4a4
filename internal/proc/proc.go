// Package proc is the only door to other programs.
package proc

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Command is a program to start.
type Command struct {
	// Argv is the program and its arguments; no shell reads them.
	Argv []string
	Dir  string
	// Env is the whole environment, each entry NAME=value.
	Env    []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Tied ends the program, and everything it has started, when this program is gone, even if it was killed. It is for
	// servers and tests. A git that writes an index has to come to its end, or it leaves a lock.
	Tied bool
}

// UntilSignal returns a context that ends with the first SIGINT or SIGTERM. The second one ends the process at once.
func UntilSignal(parent context.Context) context.Context {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// Process is a program that has been started.
type Process struct {
	cmd   *exec.Cmd
	group int
	done  chan struct{}
	err   error
}

// Start starts the program in a process group of its own.
func Start(c Command) (*Process, error) {
	if !c.Tied {
		return start(c, 0, func() {})
	}
	g, err := newGuardian()
	if err != nil {
		return nil, err
	}
	return start(c, g.group(), g.dismiss)
}

// start starts the program in the process group, or in a new one if that is 0. It calls ended when the program has
// ended or could not start.
func start(c Command, group int, ended func()) (*Process, error) {
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, c.Env, c.Stdin, c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: group}
	if err := cmd.Start(); err != nil {
		ended()
		return nil, fault.Wrap(err, "starting %s", c.Argv[0])
	}
	if group == 0 {
		group = cmd.Process.Pid
	}
	p := &Process{cmd: cmd, group: group, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		ended()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends the program and everything it has started, and waits for it.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.group, syscall.SIGKILL)
	<-p.done
}

// grace is how long a program that is asked to end may take to do so.
const grace = 2 * time.Second

// Stop asks the program and everything it has started to end, and kills what has not ended after the grace.
func (p *Process) Stop() {
	group := -p.group
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.done
}

// CPU is the processor time that the program has used; it is known once the program has ended.
func (p *Process) CPU() time.Duration {
	<-p.done
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// Run starts the program and waits for its end. When the context ends, so does the program, with everything that it has
// started. The error of a context that was cancelled is fault.Interrupted; that of a deadline is not.
func Run(ctx context.Context, c Command) error {
	if err := ctx.Err(); err != nil {
		return stopped(c, err)
	}
	p, err := Start(c)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Stop()
		return stopped(c, ctx.Err())
	}
	if _, ok := errors.AsType[*exec.ExitError](p.err); ok {
		return fault.Wrap(p.err, "%s failed", c.Argv[0])
	}
	return p.err
}

func stopped(c Command, err error) error {
	if errors.Is(err, context.Canceled) {
		return &fault.Error{
			Code: fault.Interrupted, Message: "interrupted, and " + c.Argv[0] + " was stopped",
			Hint: "type the command again",
		}
	}
	return fault.Wrap(err, "%s was stopped", c.Argv[0])
}

// ExitStatus is the status with which the program of Run ended, where it ended by itself and with an error.
func ExitStatus(err error) (status int, ok bool) {
	failure, ok := errors.AsType[*exec.ExitError](err)
	if !ok || failure.ExitCode() < 0 {
		return 0, false
	}
	return failure.ExitCode(), true
}

// IsAlive says whether there is a process with the id.
func IsAlive(pid int) bool {
	process, err := os.FindProcess(pid)
	return err == nil && !errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
