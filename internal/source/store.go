package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Store is the repositories that were fetched, each as a bare repository of this program's own.
type Store struct {
	// Cache is the folder in which they are; an absolute path.
	Cache string
	// Env is the environment for git, each entry NAME=value: it finds its credentials there.
	Env []string
	// maxFetch bounds the bytes of a repository in the cache; 0 stands for maxFetchBytes. Tests have a lower bound.
	maxFetch int64
}

// Options says how a source is opened.
type Options struct {
	// Base is the folder that relative paths begin at.
	Base string
	// Locked is the commit that the ref must name; empty for whatever it names now.
	Locked string
	// Commit is the commit to take, whatever the ref names now. It is fetched only if it is not in the cache.
	Commit string
	// Offline takes what is in the cache, and asks nobody.
	Offline bool
}

// fetchTimeout bounds how long a repository may take to answer. The built-in pack's repository takes seconds.
const fetchTimeout = 5 * time.Minute

// Open reads the pack at a source.
func (s *Store) Open(ctx context.Context, source Source, options Options) (*Tree, error) {
	if source.Dir == "" {
		return s.openGit(ctx, source, options)
	}
	dir := source.Dir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(options.Base, dir)
	}
	root, err := os.OpenRoot(dir) //nolint:forbidigo // It reads, and links out of the folder lead nowhere.
	if err != nil {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "there is no folder of a pack", Err: err, Hint: forms,
		}
	}
	defer func() { _ = root.Close() }()
	return Read(root.FS())
}

// Knows reports whether the cache has a copy of the source's repository: its host was contacted before, by a command of
// this user's. A folder needs no host.
func (s *Store) Knows(source Source) bool {
	if source.Dir != "" {
		return true
	}
	info, err := os.Stat(s.repository(source).dir)
	return err == nil && info.IsDir()
}

func (s *Store) repository(source Source) *repository {
	return &repository{store: s, source: source, dir: filepath.Join(s.Cache, "packs", hashOf(source.URL))}
}

func (s *Store) openGit(ctx context.Context, source Source, options Options) (*Tree, error) {
	if !filepath.IsAbs(s.Cache) {
		return nil, invalid("there is no folder for the cache of repositories",
			"set HOME, or XDG_CACHE_HOME to an absolute path")
	}
	r := s.repository(source)
	r.isOffline = options.Offline
	release, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	tree, err := r.open(ctx, options)
	if _, isDamaged := errors.AsType[*damage](err); isDamaged && !r.isFinal() && ctx.Err() == nil {
		r.mustRenew = true
		tree, err = r.open(ctx, options)
	}
	return tree, err
}

// repository is the copy of one repository in the cache.
type repository struct {
	store  *Store
	source Source
	dir    string
	// isOffline forbids to contact anybody.
	isOffline bool
	// mustRenew wants the copy to be fetched anew: it is damaged.
	mustRenew bool
	// isNew says that the copy was fetched anew: what is not in it is not in the repository.
	isNew bool
}

// isFinal reports whether fetching anew can change nothing.
func (r *repository) isFinal() bool { return r.isNew || r.isOffline }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

var commitID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

func (r *repository) open(ctx context.Context, options Options) (*Tree, error) {
	commit, err := r.commit(ctx, options)
	if err != nil {
		return nil, err
	}
	return r.read(ctx, commit)
}

// commit returns the commit that the source names, fetched.
func (r *repository) commit(ctx context.Context, options Options) (string, error) {
	if options.Offline {
		return r.cached(ctx, options.Locked)
	}
	if commitID.MatchString(options.Commit) {
		if found, err := r.resolve(ctx, r.dir, options.Commit); err == nil && !r.mustRenew {
			return found, nil
		}
		return r.fetch(ctx, options.Commit)
	}
	found, err := r.fetch(ctx, r.ref())
	if err != nil {
		return "", err
	}
	if options.Locked != "" && options.Locked != found {
		return "", &fault.Error{
			Code:    fault.Refused,
			Message: fmt.Sprintf("%s is commit %s now, and the lock has %s", r.source, found, options.Locked),
			Hint:    "find out who moved it; without --locked the new one is taken",
		}
	}
	return found, nil
}

// cached returns the commit that is there already.
func (r *repository) cached(ctx context.Context, locked string) (string, error) {
	absent := &fault.Error{
		Code: fault.Network, Message: fmt.Sprintf("%s is not in the cache", r.source),
		Hint: "run this once without --offline, or vendor the pack: scaffold template vendor",
	}
	if _, err := os.Stat(r.dir); err != nil {
		return "", absent
	}
	wanted := r.localRef()
	if locked != "" {
		wanted = locked
	}
	found, err := r.resolve(ctx, r.dir, wanted)
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	known, unknown := r.local(ctx, r.dir, "rev-parse", "--verify", "--quiet", "--end-of-options", r.localRef())
	if unknown == nil && (locked == "" || locked == known) || !r.isSound(ctx) {
		return "", r.damaged(err)
	}
	return "", absent
}

// resolve returns the commit that a name in the copy at dir stands for.
func (r *repository) resolve(ctx context.Context, dir, name string) (string, error) {
	commit, err := r.local(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err == nil && !commitID.MatchString(commit) {
		err = fmt.Errorf("git knows %s as %q", name, commit)
	}
	return commit, err
}

// localRef is where the cache keeps the commit that the source's ref named last.
func (r *repository) localRef() string { return localRef(r.ref()) }

func localRef(ref string) string { return "refs/scaffold/" + hashOf(ref) }

func (r *repository) ref() string {
	if r.source.Ref == "" {
		return "HEAD"
	}
	return r.source.Ref
}

// damage is the cause of an error that is the cache's alone.
type damage struct{ cause error }

func (d *damage) Error() string { return strings.TrimSpace(d.cause.Error()) }

func (d *damage) Unwrap() error { return d.cause }

func (r *repository) damaged(err error) error {
	hint := "remove the folder " + r.dir + " and run this again"
	if r.isOffline {
		hint += " without --offline"
	}
	return &fault.Error{
		Code: fault.Invalid, Message: fmt.Sprintf("the copy of %s in the cache is damaged", r.source.URL),
		Err: &damage{err}, Hint: hint,
	}
}
