package source

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

// Store is the repositories that were fetched, each as a bare repository of this program's own.
type Store struct {
	// Cache is the folder in which they are.
	Cache string
	// Env is the environment for git, each entry NAME=value: it finds its credentials there.
	Env []string
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
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "there is no folder of a pack", Err: err, Hint: forms}
	}
	defer func() { _ = root.Close() }()
	return Read(root.FS())
}

func (s *Store) openGit(ctx context.Context, source Source, options Options) (*Tree, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	repository := &repository{store: s, source: source, dir: filepath.Join(s.Cache, "packs", hashOf(source.URL))}
	commit, err := repository.commit(ctx, options)
	if err != nil {
		return nil, err
	}
	return repository.read(ctx, commit)
}

// repository is the copy of one repository in the cache.
type repository struct {
	store  *Store
	source Source
	dir    string
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

var commitID = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// commit is the commit that the source names, fetched.
func (r *repository) commit(ctx context.Context, options Options) (string, error) {
	if options.Offline {
		return r.cached(ctx, options.Locked)
	}
	if commitID.MatchString(options.Commit) {
		if found, err := r.cached(ctx, options.Commit); err == nil {
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

// cached is the commit that is there already.
func (r *repository) cached(ctx context.Context, locked string) (string, error) {
	wanted := r.localRef()
	if locked != "" {
		wanted = locked
	}
	out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted+"^{commit}")
	if err != nil {
		known, unknown := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", r.localRef())
		if unknown == nil && (locked == "" || locked == strings.TrimSpace(string(known))) {
			return "", r.damaged(err)
		}
		return "", &fault.Error{
			Code: fault.Network, Message: fmt.Sprintf("%s is not in the cache", r.source), Hint: "run this once without --offline, or vendor the pack: scaffold template vendor",
		}
	}
	return strings.TrimSpace(string(out)), nil
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

// fetch asks the repository for what a ref names, or for a commit.
func (r *repository) fetch(ctx context.Context, ref string) (string, error) {
	if _, err := os.Stat(filepath.Join(r.dir, "HEAD")); err != nil {
		if _, err := r.run(ctx, nil, "init", "--quiet", "--bare", "--end-of-options", r.dir); err != nil {
			return "", fault.Wrap(err, "making the cache %s", r.dir)
		}
	}
	spec := "+" + ref + ":" + localRef(ref)
	if _, err := r.git(ctx, nil, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--end-of-options", r.source.URL, spec); err != nil {
		if strings.Contains(err.Error(), "couldn't find remote ref") || strings.Contains(err.Error(), "not our ref") {
			return "", invalid(fmt.Sprintf("%s has no ref %s", r.source.URL, ref), "expected a branch, a tag or a commit")
		}
		return "", &fault.Error{
			Code: fault.Network, Message: fmt.Sprintf("%s cannot be fetched", r.source), Err: err,
			Hint: "check the address and your access to it; --offline takes what is in the cache",
		}
	}
	out, err := r.git(ctx, nil, "rev-parse", "--verify", "--end-of-options", localRef(ref)+"^{commit}")
	commit := strings.TrimSpace(string(out))
	if err != nil || !commitID.MatchString(commit) {
		return "", r.damaged(err)
	}
	return commit, nil
}

// read takes the pack's files out of the commit: git lists them, with their kinds and sizes, before any is read.
func (r *repository) read(ctx context.Context, commit string) (*Tree, error) {
	listing, err := r.git(ctx, nil, "ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit+":"+r.source.Sub)
	if err != nil {
		if _, isThere := r.git(ctx, nil, "cat-file", "-e", commit+"^{tree}"); isThere != nil {
			return nil, r.damaged(isThere)
		}
		return nil, invalid(fmt.Sprintf("there is no folder %q in %s", r.source.Sub, r.source.URL), forms)
	}
	c := &collector{files: map[string][]byte{}}
	var names, objects []string
	for line := range strings.SplitAfterSeq(string(listing), "\x00") {
		if line == "" {
			continue // After the last one.
		}
		about, name, ok := strings.Cut(strings.TrimSuffix(line, "\x00"), "\t")
		fields := strings.Fields(about)
		if !ok || len(fields) != 4 {
			return nil, r.damaged(fmt.Errorf("git lists %q", line))
		}
		size, _ := strconv.ParseInt(fields[3], 10, 64)
		if err := c.admit(name, strings.HasPrefix(fields[0], "100"), size); err != nil {
			return nil, err
		}
		names, objects = append(names, name), append(objects, fields[2])
		c.files[name] = nil
	}
	contents, err := r.git(ctx, strings.NewReader(strings.Join(objects, "\n")+"\n"), "cat-file", "--batch")
	if err != nil {
		return nil, r.damaged(err)
	}
	reader := bufio.NewReader(bytes.NewReader(contents))
	for _, name := range names {
		if c.files[name], err = readObject(reader); err != nil {
			return nil, r.damaged(fmt.Errorf("%s: %w", name, err))
		}
	}
	return c.tree(commit)
}

// readObject reads one object as `git cat-file --batch` prints it: its id, kind and size on a line, its bytes, a newline.
func readObject(reader *bufio.Reader) ([]byte, error) {
	header, err := reader.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(header)
	if len(fields) != 3 || fields[1] != "blob" {
		return nil, fmt.Errorf("git answered %q", strings.TrimSpace(header))
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil || size > maxFileBytes {
		return nil, fmt.Errorf("git answered %q", strings.TrimSpace(header))
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(reader, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

func (r *repository) damaged(err error) error {
	return &fault.Error{
		Code: fault.Invalid, Message: fmt.Sprintf("the copy of %s in the cache is damaged", r.source.URL), Err: err, Hint: "remove the folder " + r.dir + " and try again",
	}
}

// git runs git in the copy.
func (r *repository) git(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	return r.run(ctx, stdin, append([]string{"--git-dir=" + r.dir}, args...)...)
}

// settings is what git must not do for a repository of somebody else's: run helpers that an address names, run hooks, take
// objects that are not well-formed.
func settings() []string {
	return []string{"-c", "protocol.ext.allow=never", "-c", "transfer.fsckObjects=true", "-c", "core.hooksPath=" + os.DevNull, "-c", "gc.auto=0"}
}

func (r *repository) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	var out, problems bytes.Buffer
	env := append(withoutGit(r.store.Env), "GIT_TERMINAL_PROMPT=0", "GIT_HTTP_LOW_SPEED_LIMIT=1000", "GIT_HTTP_LOW_SPEED_TIME=30", "LC_ALL=C")
	err := proc.Run(ctx, proc.Command{Argv: slices.Concat([]string{"git"}, settings(), args), Env: env, Stdin: stdin, Stdout: &out, Stderr: &problems})
	if err != nil {
		text := strings.TrimSpace(problems.String())
		return nil, fmt.Errorf("git %s: %w: %s", args[len(args)-1], err, text[:min(len(text), 2000)])
	}
	return out.Bytes(), nil
}

// withoutGit is the environment without what would turn git to another repository, as hooks of git have it.
func withoutGit(env []string) []string {
	var kept []string
	for _, entry := range env {
		if name, _, _ := strings.Cut(entry, "="); name != "GIT_DIR" && name != "GIT_WORK_TREE" && name != "GIT_INDEX_FILE" && name != "GIT_OBJECT_DIRECTORY" {
			kept = append(kept, entry)
		}
	}
	return kept
}
