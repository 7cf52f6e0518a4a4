package project

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// The names of the three versions in conflict markers.
const (
	oursLabel   = "yours"
	baseLabel   = "rendered before"
	theirsLabel = "rendered now"
)

// merge brings the user's and the rendered changes together.
func (c *Change) merge(ctx context.Context, resolution Resolution) error {
	if isBinary(c.Before) || isBinary(c.next) {
		c.Action, c.Reason = Conflicted, "binary files cannot be merged; yours stays"
		if resolution == Theirs {
			c.Action, c.Reason, c.After = Updated, "", c.next
		}
		return nil
	}
	merged, conflicts, err := mergeFile(ctx, c.Before, c.base, c.next, resolution)
	if err != nil {
		return fault.Wrap(err, "merging %s", c.Path)
	}
	c.Action, c.After = Merged, merged
	if conflicts {
		c.Action, c.Lines = Conflicted, markerLines(merged)
	}
	if bytes.Equal(merged, c.Before) {
		c.Action, c.After, c.Reason = Kept, nil, "your edits already have it"
	}
	return nil
}

// refuseUnresolved is an error if something new would have to be merged into a file with markers.
func (c *Change) refuseUnresolved() error {
	if bytes.Equal(c.base, c.next) {
		return nil
	}
	return &fault.Error{
		Code: fault.Conflicts, Message: "it still has the conflicts of an earlier update",
		Place: fault.Place{File: c.Path, Line: c.Lines[0], Column: 1}, Hint: "resolve them, and try again",
	}
}

// gitEnv keeps the user's configuration out of a merge: the same versions give the same result everywhere.
func gitEnv() []string {
	return []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
}

// mergeFile is `git merge-file`: three versions of a file become one.
func mergeFile(ctx context.Context, ours, base, theirs []byte, resolution Resolution) (merged []byte, conflicts bool, err error) {
	dir, err := os.MkdirTemp("", "scaffold-merge-")
	if err != nil {
		return nil, false, fault.Wrap(err, "making a folder to merge in")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, data := range map[string][]byte{"ours": ours, "base": base, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, false, fault.Wrap(err, "writing what is merged")
		}
	}
	argv := []string{"git", "merge-file", "-p", "--diff3", "-L", oursLabel, "-L", baseLabel, "-L", theirsLabel}
	if resolution == Ours || resolution == Theirs {
		argv = append(argv, "--"+string(resolution))
	}
	var out, problems bytes.Buffer
	err = proc.Run(ctx, proc.Command{Argv: append(argv, "ours", "base", "theirs"), Dir: dir, Env: gitEnv(), Stdout: &out, Stderr: &problems})
	// The status is the number of conflicts, and above 127 a failure.
	if status, ok := proc.ExitStatus(err); ok && status < 128 {
		return out.Bytes(), true, nil
	}
	if err != nil {
		return nil, false, &fault.Error{Code: fault.Internal, Message: "git merge-file failed: " + problems.String(), Err: err, Hint: "scaffold update needs git"}
	}
	return out.Bytes(), false, nil
}

func hasMarkers(data []byte) bool { return len(markerLines(data)) > 0 }

func markerLines(data []byte) []int {
	var lines []int
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if bytes.HasPrefix(line, []byte("<<<<<<< "+oursLabel)) {
			lines = append(lines, number)
		}
	}
	return lines
}
