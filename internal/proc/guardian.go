package proc

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// vigil waits for a line. Its input ends without one when whoever started it is gone, however it went, and then
// everything in its process group has to go too.
const vigil = `read -r _ || kill -s KILL 0`

// guardian is a shell that leads the process group of a tied program. It is there before the program is, so there is no
// moment at which the program could be left alone. The kernel's own signal for a dead parent would not reach what the
// program has started, and only Linux has it.
type guardian struct {
	cmd   *exec.Cmd
	input *os.File
}

func newGuardian() (*guardian, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fault.Wrap(err, "making a pipe")
	}
	defer func() { _ = read.Close() }()
	cmd := exec.Command("/bin/sh", "-c", vigil)
	cmd.Env, cmd.Stdin, cmd.SysProcAttr = []string{}, read, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return nil, fault.Wrap(err, "starting %s", cmd.Path)
	}
	return &guardian{cmd: cmd, input: write}, nil
}

// group is the id of the process group that the guardian leads.
func (g *guardian) group() int { return g.cmd.Process.Pid }

// dismiss ends the guardian and nothing else. The line does not arrive where the group was killed, and need not.
func (g *guardian) dismiss() {
	_, _ = fmt.Fprintln(g.input)
	_ = g.input.Close()
	_ = g.cmd.Wait()
}
