package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// Whom git may contact. It knows the list as protocols, and it goes before everything that its configuration allows and
// before a redirection: https never becomes http, and there is no helper of somebody else's choice. The three belong
// together, because users have url.<base>.insteadOf for their mirrors.
const (
	nobody = "none"
	remote = "https:ssh:file"
)

// settings is what git must not do for a repository of somebody else's: run hooks or a monitor, take objects that are
// not well-formed, keep a large file in memory, tidy up behind our back.
func settings() []string {
	return []string{
		"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit",
		"-c", "transfer.fsckObjects=true", "-c", "fetch.fsckObjects=true", "-c", "fetch.unpackLimit=1",
		"-c", "core.bigFileThreshold=4m", "-c", "fetch.writeCommitGraph=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
	}
}

// maxAllocation is the largest piece of memory that git takes at once: a tree, a commit or the base of a delta can be
// packed a thousand times smaller than it is.
const maxAllocation = "256m"

// environment is git's. Nobody is at a terminal to be asked, and the messages are those that this package knows.
func (s *Store) environment(reach string) []string {
	env := append(proc.GitEnv(s.Env),
		"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_HTTP_LOW_SPEED_LIMIT=1000", "GIT_HTTP_LOW_SPEED_TIME=30",
		"GIT_ALLOW_PROTOCOL="+reach, "GIT_ALLOC_LIMIT="+maxAllocation, "GIT_NO_REPLACE_OBJECTS=1")
	if reach == nobody {
		env = append(env, "GIT_NO_LAZY_FETCH=1") // What the filter left out is not fetched when it is looked at.
	}
	return env
}

// call is one git: in the copy at dir, with what it may contact.
type call struct {
	dir, reach string
	stdin      io.Reader
	stdout     io.Writer
	args       []string
}

// run runs git. Its error has the end of what git said.
func (r *repository) run(ctx context.Context, c call) error {
	problems := &tail{}
	argv := slices.Concat([]string{"git", "--git-dir=" + c.dir}, settings(), c.args)
	err := proc.Run(ctx, proc.Command{
		Argv: argv, Env: r.store.environment(c.reach), Stdin: c.stdin, Stdout: c.stdout, Stderr: problems,
	})
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case strings.Contains(err.Error(), "executable file not found"):
		return invalid("git is not installed, or not in the PATH", "install git 2.30 or a later one")
	default:
		return &gitError{said: redact(problemsOf(problems.String())), err: fmt.Errorf("git %s: %w", c.args[0], err)}
	}
}

// local runs git in the copy at dir, contacts nobody, and returns the first line that it prints.
func (r *repository) local(ctx context.Context, dir string, args ...string) (string, error) {
	out := &tail{}
	err := r.run(ctx, call{dir: dir, reach: nobody, stdout: out, args: args})
	line, _, _ := strings.Cut(out.String(), "\n")
	return strings.TrimSpace(line), err
}

// stream runs git and gives what it prints to read. When read returns, git is over: with an error of read, it is
// ended by its next write.
func (r *repository) stream(ctx context.Context, c call, read func(io.Reader) error) error {
	reader, writer := io.Pipe()
	c.stdout = writer
	ended := make(chan error, 1)
	go func() {
		err := r.run(ctx, c)
		_ = writer.Close()
		ended <- err
	}()
	readErr := read(reader)
	_ = reader.CloseWithError(errEnough)
	err := <-ended
	isShort := errors.Is(readErr, io.EOF) || errors.Is(readErr, io.ErrUnexpectedEOF)
	if readErr == nil || err != nil && (ctx.Err() != nil || isShort) {
		return err
	}
	return readErr // Git was ended because of it.
}

var errEnough = errors.New("no more is read")

// gitError is a git that failed, with what it said. It hides what proc makes of the failure: every caller has to say
// what it means.
type gitError struct {
	said string
	err  error
}

func (e *gitError) Error() string {
	if e.said == "" {
		return e.err.Error()
	}
	return e.said
}

// tail keeps the end of what is written to it: a server can send messages without an end, and the reason comes last.
type tail struct{ kept []byte }

const maxTail = 8 << 10

func (t *tail) Write(data []byte) (int, error) {
	t.kept = append(t.kept, data...)
	if extra := len(t.kept) - maxTail; extra > maxTail {
		t.kept = bytes.Clone(t.kept[extra:])
	}
	return len(data), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.kept)) }

var (
	userInfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*:/+)[^\s'"]*@`)
	query    = regexp.MustCompile(`(://[^\s'"?#]*)[?#][^\s'"]*`)
)

// problemsOf returns what git said without its warnings, such as that a server cannot filter.
func problemsOf(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "warning:") {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}

// redact returns what git said without what stands before the host and behind the path of an address: the user's own
// url.<base>.insteadOf, or a server's redirection, can have tokens there.
func redact(text string) string {
	text = query.ReplaceAllString(userInfo.ReplaceAllString(text, "$1"), "$1")
	return text[max(0, len(text)-2000):]
}
