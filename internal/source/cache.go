package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// The cache has, for each repository:
//
//	packs/<hash>         the copy, a bare repository
//	packs/<hash>.lock    the lock; it is never removed, or two could hold it
//	packs/<hash>.new-*   the next copy, fresh, and the last one, old, while they are exchanged
//
// A copy is never changed, only replaced by one for which git is done. So no moment at which a process is killed leaves
// half a copy, and a git that a killed process has left behind works in a folder that nobody looks at.

const (
	// lockTimeout is longer than fetchTimeout: who holds the lock may be fetching.
	lockTimeout = 10 * time.Minute
	lockPoll    = 20 * time.Millisecond
	// maxFetchBytes bounds a repository in the cache. Files that are larger than a pack may have are not fetched from
	// servers that can filter, which are all of the large ones.
	maxFetchBytes = 256 << 20
	watchInterval = 50 * time.Millisecond
)

// lock waits until this process alone uses the copy, and returns what gives it back. The kernel does so too when the
// process ends, however it ends.
func (r *repository) lock(ctx context.Context) (release func(), err error) {
	if r.isOffline && !exists(r.dir) && !exists(r.dir+lockSuffix) {
		return func() {}, nil // There is nothing to read, and nothing is made.
	}
	packs := filepath.Dir(r.dir)
	if err := os.MkdirAll(packs, 0o700); err != nil {
		return nil, unwritable(packs, err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock := flock.New(r.dir + lockSuffix)
	_, err = lock.TryLockContext(ctx, lockPoll)
	switch {
	case err == nil:
		r.sweep()
		return func() { _ = lock.Unlock() }, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, &fault.Error{
			Code: fault.Network, Message: fmt.Sprintf("another scaffold has been fetching %s for minutes", r.source.URL),
			Hint: "wait for it or end it, and run this again",
		}
	case ctx.Err() != nil:
		return nil, err
	case r.isOffline:
		return func() {}, nil // A cache that cannot be written to can still be read.
	default:
		return nil, unwritable(packs, err)
	}
}

func unwritable(dir string, err error) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "the cache cannot be written", Err: err,
		Hint: "set XDG_CACHE_HOME to a folder that can, or make this one writable",
	}
}

// sweep removes what killed processes have left beside the copy, and puts a copy back that was about to be replaced.
func (r *repository) sweep() {
	packs, name := filepath.Split(r.dir)
	entries, err := os.ReadDir(packs)
	if err != nil {
		return // The copy will not be found either.
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), name+newInfix) {
			continue
		}
		left := filepath.Join(packs, entry.Name())
		if !exists(r.dir) {
			_ = os.Rename(filepath.Join(left, oldName), r.dir)
		}
		_ = os.RemoveAll(left)
	}
}

const (
	lockSuffix = ".lock"
	newInfix   = ".new-"
	freshName  = "fresh"
	oldName    = "old"
)

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// isSound reports whether git finds nothing wrong with the copy.
func (r *repository) isSound(ctx context.Context) bool {
	_, err := r.local(ctx, r.dir, "fsck", "--no-dangling", "--no-progress")
	return err == nil
}

// errTooLarge is a fetch that was ended because of its size.
var errTooLarge = errors.New("the repository is too large")

// fetch asks the repository for what a ref names, or for a commit, and returns the commit. It begins with what the
// copy has; if that fails, and it is the copy's fault, it begins with nothing.
func (r *repository) fetch(ctx context.Context, ref string) (string, error) {
	if exists(r.dir) && !r.mustRenew {
		commit, err := r.replace(ctx, ref, r.seed)
		if err == nil {
			return commit, nil
		}
		if ctx.Err() != nil || isAnswer(err) || !isOfCopy(err) && r.isSound(ctx) {
			return "", r.unreachable(ctx, ref, err)
		}
	}
	commit, err := r.replace(ctx, ref, r.bare("sha1"))
	if isFormat(err) {
		commit, err = r.replace(ctx, ref, r.bare("sha256"))
	}
	if err != nil {
		return "", r.unreachable(ctx, ref, err)
	}
	r.isNew = true
	return commit, nil
}

// beginning makes what a copy is before it is fetched into, in the folder fresh.
type beginning func(ctx context.Context, fresh string) error

// replace begins a copy beside the present one, fetches into it, and puts it in its place.
func (r *repository) replace(ctx context.Context, ref string, begin beginning) (string, error) {
	packs, name := filepath.Split(r.dir)
	beside, err := os.MkdirTemp(packs, name+newInfix)
	if err != nil {
		return "", unwritable(packs, err)
	}
	defer func() { _ = os.RemoveAll(beside) }()
	fresh := filepath.Join(beside, freshName)
	if err := begin(ctx, fresh); err != nil {
		return "", err
	}
	commit, err := r.fetchInto(ctx, fresh, ref)
	if err != nil {
		return "", err
	}
	if err := os.Rename(r.dir, filepath.Join(beside, oldName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", unwritable(packs, err)
	}
	if err := os.Rename(fresh, r.dir); err != nil {
		return "", unwritable(packs, err)
	}
	return commit, nil
}

// bare begins with nothing; objects have names of the given kind, which has to be that of the repository.
func (r *repository) bare(format string) beginning {
	return func(ctx context.Context, fresh string) error {
		_, err := r.local(ctx, fresh, "init", "--quiet", "--bare", "--template=", "--object-format="+format)
		return err
	}
}

// seed begins with what the copy has. Git never changes an object, so links to them do; the rest is small. What is
// only there while a git is at work is left out.
func (r *repository) seed(_ context.Context, fresh string) error {
	packs, from := filepath.Split(r.dir)
	to, err := filepath.Rel(packs, fresh)
	if err != nil {
		return &seedError{err}
	}
	root, err := os.OpenRoot(packs)
	if err != nil {
		return &seedError{err}
	}
	defer func() { _ = root.Close() }()
	err = fs.WalkDir(root.FS(), from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative := strings.TrimPrefix(name, from)
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir():
			return root.Mkdir(target, 0o700)
		case strings.HasSuffix(name, lockSuffix), strings.HasPrefix(entry.Name(), "tmp_"):
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is no file", name)
		case strings.HasPrefix(relative, "/objects/") && root.Link(name, target) == nil:
			return nil
		}
		data, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		return root.WriteFile(target, data, 0o600)
	})
	if err != nil {
		return &seedError{err}
	}
	return nil
}

// seedError is a copy with which a new one cannot begin.
type seedError struct{ error }

// fetchInto fetches into the copy at dir. It ends git when the copy becomes too large; what git receives between two
// looks at the folder is not counted.
func (r *repository) fetchInto(ctx context.Context, dir, ref string) (string, error) {
	fetching, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(fetching, dir, stop)
	}()
	err := r.run(fetching, call{dir: dir, reach: remote, args: []string{
		"fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
		fmt.Sprintf("--filter=blob:limit=%d", maxFileBytes+1),
		"--end-of-options", r.source.URL, "+" + ref + ":" + localRef(ref),
	}})
	stop(nil)
	<-watched
	if errors.Is(context.Cause(fetching), errTooLarge) || err == nil && r.isTooLarge(dir) {
		return "", errTooLarge
	}
	if err != nil {
		return "", err
	}
	commit, err := r.resolve(ctx, dir, localRef(ref))
	if err != nil && ctx.Err() == nil {
		return "", &notCommitError{err}
	}
	return commit, err
}

// isOfCopy reports whether a failed fetch may succeed with a new copy, however sound the present one is.
func isOfCopy(err error) bool {
	_, isNoSeed := errors.AsType[*seedError](err)
	_, isNoCommit := errors.AsType[*notCommitError](err)
	return isNoSeed || isNoCommit || isFormat(err) || errors.Is(err, errTooLarge)
}

// notCommitError is a ref that was fetched and names no commit.
type notCommitError struct{ error }

func (r *repository) watch(ctx context.Context, dir string, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if r.isTooLarge(dir) {
				stop(errTooLarge)
			}
		}
	}
}

func (r *repository) limit() int64 { return cmp.Or(r.store.maxFetch, maxFetchBytes) }

func (r *repository) isTooLarge(dir string) bool {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // Git renames and removes its files meanwhile.
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
		return nil
	})
	return sum > r.limit()
}
