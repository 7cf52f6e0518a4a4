package project

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// labels is the names of the three versions in conflict markers.
type labels struct{ ours, base, theirs string }

//nolint:gochecknoglobals // immutable table
var updateLabels = labels{"yours", "rendered before", "rendered now"}

//nolint:gochecknoglobals // immutable table
var branchLabels = labels{"yours", "rendered", "the other branch"}

// gitEnv keeps the user's configuration out of a merge: the same versions give the same result everywhere.
func gitEnv() []string {
	return []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C"}
}

// mergeFile is `git merge-file`: three versions of a file become one.
func mergeFile(ctx context.Context, ours, base, theirs []byte, resolution Resolution, names labels) (merged []byte, conflicts bool, err error) {
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
	argv := []string{"git", "merge-file", "-p", "--diff3", "-L", names.ours, "-L", names.base, "-L", names.theirs}
	if resolution == Ours || resolution == Theirs || resolution == union {
		argv = append(argv, "--"+string(resolution))
	}
	var out, problems bytes.Buffer
	err = proc.Run(ctx, proc.Command{Argv: append(argv, "ours", "base", "theirs"), Dir: dir, Env: gitEnv(), Stdout: &out, Stderr: &problems})
	// The status is the number of conflicts, and above 127 a failure.
	if status, ok := proc.ExitStatus(err); ok && status < 128 {
		return out.Bytes(), true, nil
	}
	if err != nil && fault.CodeOf(err) == fault.Interrupted {
		return nil, false, err
	}
	if err != nil {
		return nil, false, &fault.Error{Code: fault.Internal, Message: "git merge-file failed: " + problems.String(), Err: err, Hint: "scaffold update needs git"}
	}
	return out.Bytes(), false, nil
}

// markers is the lines of which one at least is left in a file whose conflicts are not resolved.
var markers = regexp.MustCompile(`(?m)^(<{7}|\|{7}|>{7}) .*$`)

func hasMarkers(data []byte) bool { return markers.Match(data) }

// markerLines returns the lines at which conflicts begin, or where half of one is left.
func markerLines(data []byte) []int {
	var lines, rest []int
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if found := markers.Find(line); found != nil && found[0] == '<' {
			lines = append(lines, number)
		} else if found != nil {
			rest = append(rest, number)
		}
	}
	if len(lines) == 0 {
		return rest
	}
	return lines
}
