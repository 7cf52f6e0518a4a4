package project

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// branchMerge is a merge, a rebase, a cherry-pick or a revert that is under way in git and has left conflicts in what scaffold
// remembers. It is settled by rendering: from the merged blueprint the project is rendered anew, the edits of each branch are
// merged into that, and then the two results.
type branchMerge struct {
	repository *repository
	// unmerged is the files of the project that have conflicts in the index, by their paths in the project.
	unmerged map[string]bool
	// modified is the files that are not as they are in the index: somebody has edited them since git merged them.
	modified map[string]bool
	// resolved is what has to be added to the index once the update is written.
	resolved map[string]bool
	ours     *branch
	theirs   *branch
	// ancestor is the commit that both began at; empty where git has to find it. goOn is the command that ends the merge.
	ancestor, goOn string
}

// branch is one side of a merge: what it remembers, and its files.
type branch struct {
	commit string
	// untracked is the commit in which a stash keeps the files that git did not know; empty if there is none.
	untracked string
	lock      *Lock
	files     map[string][]byte
}

// heads is where git keeps the commit that is being merged into HEAD, and how its ancestor and the end of the merge are asked for.
// Reverting merges the parent of a commit.
var heads = []struct{ theirs, ancestor, goOn string }{ //nolint:gochecknoglobals // immutable table
	{"MERGE_HEAD", "", "git merge --continue"},
	{"CHERRY_PICK_HEAD", "CHERRY_PICK_HEAD^", "git cherry-pick --continue"},
	{"REBASE_HEAD", "REBASE_HEAD^", "git rebase --continue"},
	{"REVERT_HEAD^", "REVERT_HEAD", "git revert --continue"},
	{stash, stash + "^", "git stash drop"},
}

const stash = "refs/stash"

// findMerge returns the merge that is under way and has left conflicts; nil if there is none.
func findMerge(ctx context.Context, r *repository) (*branchMerge, error) {
	out, err := r.git(ctx, nil, "ls-files", "--unmerged", "-z", "--", ".")
	if err != nil || len(out) == 0 {
		return nil, nil //nolint:nilerr // The project is in no repository.
	}
	m := &branchMerge{repository: r, unmerged: map[string]bool{}, resolved: map[string]bool{}}
	staged := map[string]string{}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		about, name, ok := strings.Cut(entry, "\t")
		if fields := strings.Fields(about); ok && len(fields) == 3 {
			m.unmerged[name] = true
			if IsRecord(name) || name == blueprint.FileName {
				m.resolved[name] = true
			}
			if fields[2] == "3" {
				staged[name] = fields[1]
			}
		}
	}
	if err := m.findTheirs(ctx, staged); err != nil || m.theirs == nil {
		return nil, err
	}
	return m, m.findModified(ctx)
}

// findTheirs finds the commit that is being merged. Where git does not say, it is one whose files are those in the third stage of the
// index. Without it, conflicts in files that are not the records are for git alone.
func (m *branchMerge) findTheirs(ctx context.Context, staged map[string]string) error {
	candidates := slices.Clone(heads)
	if squashed := m.repository.squashed(ctx); squashed != "" {
		candidates = append(candidates, struct{ theirs, ancestor, goOn string }{squashed, "", "git commit"})
	}
	for _, head := range candidates {
		out, err := m.repository.git(ctx, nil, "rev-parse", "--verify", "--quiet", head.theirs+"^{commit}")
		if err != nil {
			continue
		}
		commit := strings.TrimSpace(string(out))
		if !strings.HasSuffix(head.goOn, "--continue") && !m.repository.has(ctx, commit, staged) {
			continue
		}
		m.ours, m.theirs = &branch{commit: "HEAD"}, &branch{commit: commit}
		m.ancestor, m.goOn = head.ancestor, head.goOn
		if _, err := m.repository.git(ctx, nil, "rev-parse", "--verify", "--quiet", head.theirs+"^3"); err == nil && head.theirs == stash {
			m.theirs.untracked = stash + "^3"
		}
		return nil
	}
	if len(m.resolved) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Conflicts, Place: fault.Place{File: LockName}, Message: "git has left conflicts in the project, and does not tell which commit it was merging",
		Hint: "resolve them, git add --all, then: git checkout HEAD -- " + LockName + " " + ownFolder + ", and then: scaffold update",
	}
}

// has reports whether a commit has all of the staged files.
func (r *repository) has(ctx context.Context, commit string, staged map[string]string) bool {
	for name, id := range staged {
		out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", commit+":./"+name)
		if err != nil || strings.TrimSpace(string(out)) != id {
			return false
		}
	}
	return true
}

// squashedCommit is how git names the newest commit of a merge that it has made into one change.
var squashedCommit = regexp.MustCompile(`(?m)^commit ([0-9a-f]{40,64})$`)

func (r *repository) squashed(ctx context.Context) string {
	out, err := r.git(ctx, nil, "rev-parse", "--path-format=absolute", "--git-path", "SQUASH_MSG")
	if err != nil {
		return ""
	}
	text, err := os.ReadFile(strings.TrimSuffix(string(out), "\n"))
	if found := squashedCommit.FindSubmatch(text); err == nil && found != nil {
		return string(found[1])
	}
	return ""
}

func (m *branchMerge) findModified(ctx context.Context) error {
	out, err := m.repository.git(ctx, nil, "ls-files", "--modified", "--deleted", "-z", "--", ".")
	m.modified = map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		m.modified[name] = true
	}
	return fault.Wrap(err, "asking git what was edited")
}

// readMerge reads both sides of a merge, and settles the blueprint.
func (s *State) readMerge(ctx context.Context, files *tree) error {
	m := s.merge
	for _, side := range []*branch{m.ours, m.theirs} {
		found, err := m.repository.read(ctx, side.commit, []string{LockName})
		if err != nil {
			return err
		}
		if found[LockName] == nil {
			s.merge = nil // One side is no project of scaffold's.
			return s.readLock(files)
		}
		if side.lock, err = parseLock(found[LockName]); err != nil {
			return damaged(LockName, fmt.Errorf("at %s: %w", side.commit, err))
		}
	}
	if err := s.mergeLocks(); err != nil {
		return err
	}
	if err := s.mergeBlueprint(ctx); err != nil {
		return err
	}
	if data, err := files.read(LockName); err != nil {
		return fault.Wrap(err, "reading %s", LockName)
	} else if data != nil {
		s.records[LockName] = data
	}
	if err := s.readBase(files); err != nil {
		return err
	}
	if err := s.readSides(ctx); err != nil {
		return err
	}
	return s.verify()
}

// mergeLocks makes one lock of both: of files that the branches remember differently the update asks the branches themselves.
func (s *State) mergeLocks() error {
	ours, theirs := s.merge.ours.lock, s.merge.theirs.lock
	s.Lock = Lock{APIVersion: lockVersion, Tool: newer(ours.Tool, theirs.Tool), Pack: ours.Pack, Files: map[string]LockFile{}}
	if ours.Pack.Source != theirs.Pack.Source || ours.Pack.Commit != theirs.Pack.Commit {
		return &fault.Error{
			Code: fault.Conflicts, Place: fault.Place{File: LockName}, Message: fmt.Sprintf("the branches have different packs: %s at %.12s and %s at %.12s",
				ours.Pack.Source, ours.Pack.Commit, theirs.Pack.Source, theirs.Pack.Commit),
			Hint: "merge again after both are updated to the same pack",
		}
	}
	for name, entry := range ours.Files {
		if theirs.Files[name] == entry {
			s.Lock.Files[name] = entry
		}
	}
	return nil
}

// mergeBlueprint takes the blueprint as the user has resolved it. Where it has git's markers still, or where git has merged its
// lines into something that cannot be read, it is merged by its values.
func (s *State) mergeBlueprint(ctx context.Context) error {
	if _, err := blueprint.Parse(blueprint.FileName, s.Blueprint); err == nil {
		return nil
	}
	if s.merge.modified[blueprint.FileName] && !gitMarkers(s.Blueprint) {
		return nil // It is the user's, and so is the mistake.
	}
	ancestor, err := s.merge.ancestorCommit(ctx)
	if err != nil {
		return err
	}
	var versions [3][]byte
	for n, commit := range []string{ancestor, s.merge.ours.commit, s.merge.theirs.commit} {
		found, err := s.merge.repository.read(ctx, commit, []string{blueprint.FileName})
		if err != nil {
			return err
		}
		versions[n] = found[blueprint.FileName]
	}
	joined, _, err := mergeFile(ctx, versions[1], versions[0], versions[2], union, branchLabels)
	if err != nil {
		return err
	}
	s.Blueprint, err = blueprint.Merge(blueprint.FileName, versions[0], versions[1], versions[2], joined)
	return err
}

// ancestorCommit returns the commit that both sides of the merge began at.
func (m *branchMerge) ancestorCommit(ctx context.Context) (string, error) {
	args := []string{"merge-base", m.ours.commit, m.theirs.commit}
	if m.ancestor != "" {
		args = []string{"rev-parse", "--verify", m.ancestor + "^{commit}"}
	}
	out, err := m.repository.git(ctx, nil, args...)
	return strings.TrimSpace(string(out)), fault.Wrap(err, "finding where the branches have parted")
}

func gitMarkers(data []byte) bool {
	return bytes.Contains(data, []byte("\n<<<<<<< ")) || bytes.HasPrefix(data, []byte("<<<<<<< "))
}

// isTouched reports whether the branches remember a file differently, or git could not merge it.
func (m *branchMerge) isTouched(name string) bool {
	ours, oursKnows := m.ours.lock.Files[name]
	theirs, theirsKnows := m.theirs.lock.Files[name]
	return oursKnows != theirsKnows || ours != theirs || m.unmerged[name] || m.unmerged[basePath(name)]
}

// names returns the files that one of the branches knows, or that are rendered now.
func (m *branchMerge) names() map[string]bool {
	names := map[string]bool{}
	for _, side := range []*branch{m.ours, m.theirs} {
		for name := range side.lock.Files {
			names[name] = true
		}
	}
	return names
}

// readSides reads the touched files of both branches, and what each had rendered for them.
func (s *State) readSides(ctx context.Context) error {
	var paths []string
	for name := range s.merge.names() {
		if s.merge.isTouched(name) {
			paths = append(paths, name, basePath(name))
		}
	}
	for _, side := range []*branch{s.merge.ours, s.merge.theirs} {
		var err error
		if side.files, err = s.merge.repository.read(ctx, side.commit, paths); err != nil {
			return err
		}
		if side.untracked == "" {
			continue
		}
		untracked, err := s.merge.repository.read(ctx, side.untracked, paths)
		if err != nil {
			return err
		}
		maps.Copy(side.files, untracked)
	}
	return nil
}

// read returns the files of a commit, by the paths that were asked for; those that it does not have are not among them. Without
// a commit the paths are objects' names.
func (r *repository) read(ctx context.Context, commit string, paths []string) (map[string][]byte, error) {
	var request strings.Builder
	var asked []string
	for _, name := range paths {
		if strings.Contains(name, "\n") {
			continue // No rendered file has such a name.
		}
		asked = append(asked, name)
		if commit != "" {
			request.WriteString(commit + ":./")
		}
		request.WriteString(name + "\n")
	}
	out, err := r.git(ctx, []byte(request.String()), "cat-file", "--batch")
	if err != nil {
		return nil, fault.Wrap(err, "reading %s", commit)
	}
	found := map[string][]byte{}
	reader := bufio.NewReader(bytes.NewReader(out))
	for _, name := range asked {
		header, err := reader.ReadString('\n')
		if err != nil {
			return nil, fault.Wrap(err, "reading %s", name)
		}
		fields := strings.Fields(header)
		size, err := strconv.Atoi(fields[len(fields)-1])
		if err != nil || len(fields) != 3 || fields[1] != "blob" {
			continue // It is missing.
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(reader, data); err != nil {
			return nil, fault.Wrap(err, "reading %s", name)
		}
		found[name] = data[:size]
	}
	return found, nil
}

// bringBranches works out what happens to a file that the branches have in two versions.
func (u *updating) bringBranches(ctx context.Context, name string, resolution Resolution) (*Change, error) {
	m := u.merge
	ours, err := u.side(ctx, m.ours, name)
	if err != nil {
		return nil, err
	}
	theirs, err := u.side(ctx, m.theirs, name)
	if err != nil {
		return nil, err
	}
	c := &Change{Path: name, file: u.next[name], obstacle: u.obstacle(name)}
	if c.Before, c.mode, err = u.ours(name); err != nil {
		return nil, err
	}
	if c.file != nil {
		c.next, c.IsPrivileged = content(c.file), u.isPrivileged(c.file)
	}
	isResolved := m.isResolvedByHand(name, c.Before)
	if !isResolved {
		if err := c.join(ctx, ours, theirs, resolution); err != nil {
			return nil, err
		}
	}
	c.rememberBranches(u.memory, ours, theirs, isResolved)
	m.resolved[name] = true
	return c, nil
}

// side brings one branch's version of a file to what is rendered now.
func (u *updating) side(ctx context.Context, b *branch, name string) (*Change, error) {
	was, isKnown := b.lock.Files[name]
	c := &Change{Path: name, was: was, isKnown: isKnown, base: b.files[basePath(name)], Before: b.files[name], file: u.next[name]}
	if isKnown && was.Owner != plan.Seed && hash(c.base) != was.SHA256 {
		return nil, damaged(basePath(name), fmt.Errorf("at %s it is not what was rendered", b.commit))
	}
	if c.file != nil {
		c.next = content(c.file)
	}
	c.habit = habitOf(c.Before, c.base, c.next)
	c.ours = c.habit.undo(c.Before)
	err := c.decide(ctx, Markers)
	return c, err
}

// outcome is the content that a change leads to; nil for no file.
func (c *Change) outcome() []byte {
	switch {
	case c.Action == Removed:
		return nil
	case c.After != nil:
		return c.habit.undo(c.After)
	default:
		return c.ours
	}
}

// isResolvedByHand reports whether somebody has edited a file since git merged it, and has left no markers in it.
func (m *branchMerge) isResolvedByHand(name string, current []byte) bool {
	if !m.modified[name] {
		return false
	}
	if !m.unmerged[name] {
		return true
	}
	isSide := bytes.Equal(current, m.ours.files[name]) && current != nil || bytes.Equal(current, m.theirs.files[name]) && current != nil
	return !gitMarkers(current) && !isSide
}

// join makes one content of those of two branches, both of which are brought to what is rendered now.
func (c *Change) join(ctx context.Context, ours, theirs *Change, resolution Resolution) error {
	left, right := ours.outcome(), theirs.outcome()
	hasConflicts := ours.Action == Conflicted || theirs.Action == Conflicted
	switch {
	case same(left, right), same(right, c.next):
		c.settle(left, hasConflicts)
	case same(left, c.next):
		c.settle(right, hasConflicts)
	case left == nil:
		c.Reason = "one branch has deleted it, and the other has edited it"
		c.settle(right, hasConflicts)
	case right == nil:
		c.Reason = "one branch has deleted it, and the other has edited it"
		c.settle(left, hasConflicts)
	default:
		return c.joinEdits(ctx, ours, theirs, resolution)
	}
	return nil
}

// joinEdits merges what both branches have made of a file. A branch that has conflicts with what is rendered now would bring its
// markers into those of the other: the conflict is left as git has written it then.
func (c *Change) joinEdits(ctx context.Context, ours, theirs *Change, resolution Resolution) error {
	base := c.next
	if c.file == nil {
		base = ours.base
	}
	if (ours.Action == Conflicted || theirs.Action == Conflicted) && gitMarkers(c.Before) {
		c.settle(c.Before, true)
		return nil
	}
	joined, conflicts, err := mergeFile(ctx, ours.outcome(), base, theirs.outcome(), resolution, branchLabels)
	if err != nil {
		return err
	}
	c.settle(joined, conflicts || ours.Action == Conflicted || theirs.Action == Conflicted)
	return nil
}

// settle says what the joined content means for the file as it lies in the project.
func (c *Change) settle(joined []byte, hasConflicts bool) {
	switch {
	case same(joined, c.Before):
		if hasConflicts {
			c.Action, c.Lines = Conflicted, markerLines(joined)
		}
		return
	case c.obstacle != "":
		c.Action, c.Reason = Kept, c.obstacle
		return
	case joined == nil:
		c.Action = Removed
		return
	case c.Before == nil:
		c.Action = Added
		c.isExecutable = c.file != nil && c.file.Mode&0o111 != 0
	case hasConflicts:
		c.Action, c.Lines = Conflicted, markerLines(joined)
	default:
		c.Action = Merged
	}
	c.After = joined
}

func (c *Change) rememberBranches(m *memory, ours, theirs *Change, isResolved bool) {
	known := ours
	if !ours.isKnown {
		known = theirs
	}
	isLeft := c.After == nil && (c.Action == Removed || c.Before == nil)
	switch {
	case c.file != nil:
		entry := entryOf(c.file)
		entry.Conflict = c.Action == Conflicted && !isResolved
		m.remember(c.Path, entry, c.next)
	case isLeft && !ours.was.Retired && !theirs.was.Retired:
	case known.isKnown:
		known.was.Retired = true
		m.remember(c.Path, known.was, known.base)
	}
}
