package project

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Place says where a project is, and what its commands need of their surroundings.
type Place struct {
	// Dir is the project's folder.
	Dir string
	// Env is the environment for git, each entry NAME=value.
	Env []string
	// StateHome is the folder for the state of projects that are in no git repository; empty if there is none.
	StateHome string
	// Waiting is called once if another process is writing to the project and this one waits for it; nil for nobody.
	Waiting func()

	onWrite func(call string) error
}

// lockFileName is the file in the state folder that the one writing process holds. The kernel lets go of it when the process ends.
const lockFileName = "lock"

// lockPoll is how often a waiting process tries to get the lock. 50 ms is shorter than the shortest update.
const lockPoll = 50 * time.Millisecond

// stateDir returns the folder that the journal and the lock of the project are in. It is not in the project's tree, where a branch
// could bring a journal along: it is in the git directory, or in StateHome under a name made of the project's real path.
func (p *Place) stateDir(ctx context.Context) (string, error) {
	real, err := filepath.Abs(p.Dir)
	if err == nil {
		real, err = filepath.EvalSymlinks(real)
	}
	if err != nil {
		return "", fault.Wrap(err, "finding %s", p.Dir)
	}
	if home, prefix, ok := newRepository(real, p.Env).home(ctx); ok {
		return filepath.Join(home, key(prefix)), nil
	}
	if p.StateHome == "" {
		return "", nil
	}
	return filepath.Join(p.StateHome, key(real)), nil
}

func key(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// isHeld reports whether a living process holds the lock of the project whose state is in the folder. It writes nothing.
func isHeld(state string) bool {
	lock := flock.New(filepath.Join(state, lockFileName), flock.SetFlag(os.O_RDONLY))
	isFree, err := lock.TryRLock()
	if isFree {
		_ = lock.Unlock()
	}
	return err == nil && !isFree
}

// lock waits until no other process writes to the project, and returns how to let the next one do so.
func (p *Place) lock(ctx context.Context, state string) (unlock func() error, err error) {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, fault.Wrap(err, "making %s", state)
	}
	lock := flock.New(filepath.Join(state, lockFileName))
	isHeld, err := lock.TryLock()
	if err == nil && !isHeld {
		if p.Waiting != nil {
			p.Waiting()
		}
		isHeld, err = lock.TryLockContext(ctx, lockPoll)
	}
	if ctx.Err() != nil {
		return nil, &fault.Error{Code: fault.Interrupted, Message: "stopped while another scaffold was writing to the project; nothing was written", Err: ctx.Err()}
	}
	if err != nil || !isHeld {
		return nil, fault.Wrap(err, "locking %s", state)
	}
	return lock.Unlock, nil
}
