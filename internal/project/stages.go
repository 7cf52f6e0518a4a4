package project

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// StageConflicts tells git of the conflicts, so that `git mergetool` and editors show them: the three versions of each file
// become its stages in the index. Where there is no repository, or git does not know a file, nothing happens.
func (u *Update) StageConflicts(ctx context.Context, env []string) error {
	repository := &gitIndex{dir: u.dir, env: env}
	var info strings.Builder
	for _, conflict := range u.Conflicts() {
		if len(conflict.Lines) == 0 || conflict.After == nil || !repository.knows(ctx, conflict.Path) {
			continue
		}
		versions, err := repository.stages(ctx, conflict)
		if err != nil {
			return err
		}
		info.WriteString(versions)
	}
	if info.Len() == 0 {
		return nil
	}
	_, err := repository.git(ctx, []byte(info.String()), "update-index", "-z", "--index-info")
	return fault.Wrap(err, "telling git of the conflicts")
}

// gitIndex is the index of the repository that a project is in.
type gitIndex struct {
	dir string
	env []string
}

func (g *gitIndex) knows(ctx context.Context, path string) bool {
	_, err := g.git(ctx, nil, "ls-files", "--error-unmatch", "--", path)
	return err == nil
}

// stages is what `git update-index --index-info` wants to hear of one file: it goes, and comes back three times. Where there
// was no version before, there is no stage 1.
func (g *gitIndex) stages(ctx context.Context, c *Change) (string, error) {
	prefix, err := g.git(ctx, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return "", fault.Wrap(err, "finding the project in its repository")
	}
	path := strings.TrimSuffix(string(prefix), "\n") + c.Path
	mode := "100644"
	if c.mode&0o111 != 0 {
		mode = "100755"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "0 %040d\t%s\x00", 0, path)
	for n, version := range [][]byte{c.base, c.Before, c.next} {
		if version == nil {
			continue
		}
		id, err := g.git(ctx, version, "hash-object", "-w", "--stdin")
		if err != nil {
			return "", fault.Wrap(err, "telling git of %s", c.Path)
		}
		fmt.Fprintf(&text, "%s %s %d\t%s\x00", mode, strings.TrimSpace(string(id)), n+1, path)
	}
	return text.String(), nil
}

func (g *gitIndex) git(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	var out, problems bytes.Buffer
	err := proc.Run(ctx, proc.Command{Argv: append([]string{"git"}, args...), Dir: g.dir, Env: g.env, Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &problems})
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, problems.String())
	}
	return out.Bytes(), nil
}
