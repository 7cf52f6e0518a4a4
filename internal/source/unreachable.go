package source

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// isAnswer reports whether the repository has answered that it does not have the ref.
func isAnswer(err error) bool {
	return said(err, "couldn't find remote ref") || said(err, "not our ref") || said(err, "unadvertised object")
}

// isFormat reports whether the repository names its objects by another hash than the copy.
func isFormat(err error) bool { return said(err, "mismatched algorithms") }

func said(err error, text string) bool {
	problem, ok := errors.AsType[*gitError](err)
	return ok && strings.Contains(problem.said, text)
}

// reason is why a repository cannot be fetched, by what git says, and what to type next.
type reason struct {
	said, message, hint string
	code                fault.Code
}

// reasons returns what is known of git's words; the first that fits counts. try is the command that shows more.
func reasons(url, try string) []reason {
	again := "run this again; --offline takes what is in the cache"
	login := "git asks your own credential helper or ssh agent; make this work first: " + try
	return []reason{
		{
			"Could not resolve host", "its host is not known here",
			"check the name and your network; --offline takes what is in the cache", fault.Network,
		},
		{
			"' not allowed", "the address leads to one without encryption or to a helper program, which is refused",
			"take the final address, with https or ssh", fault.Refused,
		},
		{
			"Protocol \"http\"", "the server redirects to an address without encryption, which is refused",
			"take the final address, with https or ssh", fault.Refused,
		},
		{
			"dubious ownership", "the folder belongs to another user, and git does not trust it",
			"if you do: git config --global --add safe.directory " + quoted(strings.TrimPrefix(url, "file://")), fault.Refused,
		},
		{"fsck error", "it has objects that are not well-formed", "tell its authors: git fsck", fault.Refused},
		{"attempting to allocate", "it has an object that needs too much memory", "tell its authors", fault.Refused},
		{
			"Host key verification failed", "ssh does not know the host's key",
			"connect once by hand and compare the key: " + try, fault.Network,
		},
		{"Permission denied", "access is denied", login, fault.Network},
		{"Authentication failed", "access is denied", login, fault.Network},
		{"could not read Username", "it wants a login, or it is not there", login, fault.Network},
		{"could not read Password", "it wants a login", login, fault.Network},
		{"certificate", "the server's certificate is not trusted", "see what it is: " + try, fault.Network},
		{"No space left", "the disk is full", "make space, and run this again", fault.Invalid},
		{"timed out", "it does not answer", again, fault.Network},
		{"Connection refused", "it does not answer", again, fault.Network},
		{"Failed to connect", "it does not answer", again, fault.Network},
		{"not found", "there is no repository", "check the address and your access to it: " + try, fault.Network},
		{
			"does not appear to be a git repository", "there is no repository",
			"check the address and your access to it: " + try, fault.Network,
		},
	}
}

// unreachable returns the error of a fetch that failed: in this program's words where the reason is known, and in git's
// where it is not.
func (r *repository) unreachable(ctx context.Context, ref string, err error) error {
	_, isOurs := errors.AsType[*fault.Error](err)
	if errors.Is(ctx.Err(), context.Canceled) || isOurs && ctx.Err() == nil {
		return err
	}
	failure := &fault.Error{Code: fault.Network, Message: fmt.Sprintf("%s cannot be fetched", r.source)}
	because := func(code fault.Code, message, hint string) error {
		failure.Code, failure.Hint = code, hint
		failure.Message += ": " + message
		return failure
	}
	if ctx.Err() != nil {
		return because(fault.Network, fmt.Sprintf("it has not answered in %s", fetchTimeout),
			"run this again; --offline takes what is in the cache")
	}
	if _, isNoCommit := errors.AsType[*notCommitError](err); isNoCommit || isAnswer(err) {
		return invalid(fmt.Sprintf("%s has no ref %s that is a commit", r.source.URL, ref),
			"expected a branch, a tag or a commit; they are in: "+r.try())
	}
	if errors.Is(err, errTooLarge) {
		return because(fault.Refused, fmt.Sprintf("it has more than %d MB", r.limit()>>20),
			"keep the pack in a repository of its own, or take it as a folder")
	}
	for _, known := range reasons(r.source.URL, r.try()) {
		if said(err, known.said) {
			return because(known.code, known.message, known.hint)
		}
	}
	failure.Err, failure.Hint = err, "see what git says by itself: "+r.try()
	return failure
}

// try is the command by which a user sees what git sees.
func (r *repository) try() string { return "git ls-remote " + quoted(r.source.URL) }

var plainWord = regexp.MustCompile(`^[A-Za-z0-9@:/._~+-]+$`)

// quoted returns a word as a shell takes it: an address can come from the lock of somebody else's project, and a hint is
// something to type.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
