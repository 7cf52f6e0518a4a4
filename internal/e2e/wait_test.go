//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"
)

// patience is how long a test waits for a single thing. It is long because it counts only when a test fails.
const patience = 5 * time.Minute

// bounded returns a context that ends after the limit, or early enough before the time limit of the whole run for the
// test to say what it has seen.
func bounded(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	if deadline, ok := t.Deadline(); ok {
		limit = min(limit, time.Until(deadline)*9/10)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// await polls until the condition holds, and reports whether it came to hold before the context ended.
func await(ctx context.Context, condition func() bool) bool {
	for !condition() {
		if !pause(ctx, 20*time.Millisecond) {
			return false
		}
	}
	return true
}

// pause reports whether the time passed before the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// poll fails the test if the condition does not come to hold.
func poll(t *testing.T, what string, condition func() bool) {
	t.Helper()
	if !await(bounded(t, patience), condition) {
		t.Fatalf("%s: did not happen", what)
	}
}
