package project

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// repository is the git repository that a project is in, if it is in one.
type repository struct {
	dir string
	env []string
}

func newRepository(dir string, env []string) *repository { return &repository{dir: dir, env: env} }

// settings keep git from running anything that a repository names, and from taking a folder of the project for a repository.
func settings() []string {
	return []string{"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "safe.bareRepository=explicit"}
}

// git runs git in the project. Variables such as GIT_DIR, which a hook of git sets for its own repository, do not reach it.
func (r *repository) git(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	var out, problems bytes.Buffer
	argv := append(append([]string{"git"}, settings()...), args...)
	err := proc.Run(ctx, proc.Command{
		Argv: argv, Dir: r.dir, Env: append(proc.GitEnv(r.env), "LC_ALL=C"), Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &problems,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(problems.String()))
	}
	return out.Bytes(), nil
}

// home returns the folder in the git directory for what scaffold keeps there, and where in the repository the project is.
func (r *repository) home(ctx context.Context) (home, prefix string, ok bool) {
	out, err := r.git(ctx, nil, "rev-parse", "--path-format=absolute", "--git-path", "scaffold", "--show-prefix")
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) != 3 || !filepath.IsAbs(lines[0]) {
		return "", "", false
	}
	return lines[0], lines[1], true
}
