package project

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
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
}

// branch is one side of a merge: what it remembers, and its files.
type branch struct {
	commit string
	lock   *Lock
	files  map[string][]byte
}

// theirHeads is where git keeps the commit that is being merged into HEAD. Reverting merges the parent of a commit.
var theirHeads = []string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD", "REVERT_HEAD^"} //nolint:gochecknoglobals // immutable table

// findMerge returns the merge that has touched the records; nil if there is none.
func findMerge(ctx context.Context, r *repository) (*branchMerge, error) {
	out, err := r.git(ctx, nil, "ls-files", "--unmerged", "-z", "--", ".")
	if err != nil || len(out) == 0 {
		return nil, nil //nolint:nilerr // The project is in no repository.
	}
	m := &branchMerge{repository: r, unmerged: map[string]bool{}, resolved: map[string]bool{}}
	isTouched := false
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if _, name, ok := strings.Cut(entry, "\t"); ok {
			m.unmerged[name], m.resolved[name] = true, true
			isTouched = isTouched || IsRecord(name) || name == blueprint.FileName
		}
	}
	if !isTouched {
		return nil, nil
	}
	theirs := ""
	for _, head := range theirHeads {
		if out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", head+"^{commit}"); err == nil {
			theirs = strings.TrimSpace(string(out))
			break
		}
	}
	if theirs == "" {
		return nil, &fault.Error{
			Code: fault.Conflicts, Place: fault.Place{File: LockName}, Message: "it has conflicts, and git does not know any more of which commit",
			Hint: "git checkout --ours -- " + LockName + " " + ownFolder + ", and then: scaffold update",
		}
	}
	m.ours, m.theirs = &branch{commit: "HEAD"}, &branch{commit: theirs}
	return m, m.findModified(ctx)
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

// mergeBlueprint takes the blueprint as the user has resolved it, or resolves it where the branches have changed different things.
func (s *State) mergeBlueprint(ctx context.Context) error {
	m := s.merge
	if !m.unmerged[blueprint.FileName] || !gitMarkers(s.Blueprint) {
		return nil
	}
	versions, err := m.repository.read(ctx, "", []string{":1:./" + blueprint.FileName, ":2:./" + blueprint.FileName, ":3:./" + blueprint.FileName})
	if err != nil {
		return err
	}
	base, ours, theirs := versions[":1:./"+blueprint.FileName], versions[":2:./"+blueprint.FileName], versions[":3:./"+blueprint.FileName]
	joined, _, err := mergeFile(ctx, ours, base, theirs, union)
	if err != nil {
		return err
	}
	if s.Blueprint, err = blueprint.Merge(blueprint.FileName, base, ours, theirs, joined); err != nil {
		return err
	}
	return nil
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
		base := c.next
		if c.file == nil {
			base = ours.base
		}
		joined, conflicts, err := mergeFile(ctx, left, base, right, resolution)
		if err != nil {
			return err
		}
		c.settle(joined, hasConflicts || conflicts)
	}
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
