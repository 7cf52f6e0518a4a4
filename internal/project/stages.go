package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// How often, and how long apart, git's index is looked at while another program holds it. An editor holds it for moments.
const (
	indexTries = 25
	indexPause = 200 * time.Millisecond
)

// TellGit tells git of the conflicts, so that `git mergetool` and editors show them: the three versions of each file become its
// stages in the index. What the update has resolved of a merge of branches is added to the index. Where there is no
// repository, or git does not know a file, nothing happens.
func (u *Update) TellGit(ctx context.Context) error {
	r := newRepository(u.state.place.Dir, u.state.place.Env)
	if u.state.merge == nil && len(u.Conflicts()) == 0 || !r.isThere(ctx) {
		return nil
	}
	if err := r.awaitIndex(ctx); err != nil {
		return err
	}
	if u.state.merge != nil {
		if err := u.addResolved(ctx, r); err != nil {
			return err
		}
	}
	return u.addConflicts(ctx, r)
}

// addConflicts makes the three versions of each file with conflicts its stages in the index.
func (u *Update) addConflicts(ctx context.Context, r *repository) error {
	var info strings.Builder
	for _, conflict := range u.Conflicts() {
		if len(conflict.Lines) == 0 || conflict.After == nil || u.isUnmerged(conflict) || !r.knows(ctx, conflict.Path) {
			continue
		}
		versions, err := r.stages(ctx, conflict)
		if err != nil {
			return err
		}
		info.WriteString(versions)
	}
	if info.Len() == 0 {
		return nil
	}
	_, err := r.git(ctx, []byte(info.String()), "update-index", "-z", "--index-info")
	return fault.Wrap(err, "telling git of the conflicts")
}

func (u *Update) isUnmerged(c *Change) bool {
	return u.state.merge != nil && u.state.merge.unmerged[c.Path]
}

// addResolved adds to the index what a merge of branches has become, except for the files that still have conflicts.
func (u *Update) addResolved(ctx context.Context, r *repository) error {
	open := map[string]bool{}
	for _, conflict := range u.Conflicts() {
		open[conflict.Path] = true
	}
	var paths strings.Builder
	for name := range u.state.merge.resolved {
		if !open[name] {
			paths.WriteString(name + "\x00")
		}
	}
	for _, change := range append(u.Changes, u.records...) {
		if !open[change.Path] && !u.state.merge.resolved[change.Path] {
			paths.WriteString(change.Path + "\x00")
		}
	}
	if paths.Len() == 0 {
		return nil
	}
	_, err := r.git(ctx, []byte(paths.String()), "update-index", "--add", "--remove", "-z", "--stdin")
	return fault.Wrap(err, "telling git what is resolved")
}

func (r *repository) isThere(ctx context.Context) bool {
	_, _, ok := r.home(ctx)
	return ok
}

// awaitIndex waits for the end of another program that writes the index.
func (r *repository) awaitIndex(ctx context.Context) error {
	out, err := r.git(ctx, nil, "rev-parse", "--path-format=absolute", "--git-path", "index.lock")
	if err != nil {
		return fault.Wrap(err, "finding git's index")
	}
	name := filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	for range indexTries {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		select {
		case <-ctx.Done():
			return &fault.Error{Code: fault.Interrupted, Message: "stopped", Err: ctx.Err()}
		case <-time.After(indexPause):
		}
	}
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: "git's index is locked by another program, and git was not told of the conflicts",
		Hint: "close the program, or remove the file if there is none",
	}
}

func (r *repository) knows(ctx context.Context, name string) bool {
	_, err := r.git(ctx, nil, "--literal-pathspecs", "ls-files", "--error-unmatch", "--", name)
	return err == nil
}

// stages returns the records of `git update-index --index-info` for one file: stage 0 goes, and stages 1 to 3 come. Where there
// was no version before, there is no stage 1.
func (r *repository) stages(ctx context.Context, c *Change) (string, error) {
	_, prefix, _ := r.home(ctx)
	mode := "100644"
	if c.mode&0o111 != 0 {
		mode = "100755"
	}
	var text strings.Builder
	for n, version := range [][]byte{c.habit.apply(c.base), c.Before, c.habit.apply(c.next)} {
		if version == nil {
			continue
		}
		id, err := r.git(ctx, version, "hash-object", "-w", "--stdin", "--path", c.Path)
		if err != nil {
			return "", fault.Wrap(err, "telling git of %s", c.Path)
		}
		name := strings.TrimSpace(string(id))
		if text.Len() == 0 {
			fmt.Fprintf(&text, "0 %s\t%s\x00", strings.Repeat("0", len(name)), prefix+c.Path)
		}
		fmt.Fprintf(&text, "%s %s %d\t%s\x00", mode, name, n+1, prefix+c.Path)
	}
	return text.String(), nil
}
