// Package source finds template packs: in a folder, or in a git repository, at a commit. It reads them whole into
// memory, within limits, and nothing of them ever lies on the disk as files: git fetches objects into a cache, and
// the objects of one commit are read from there. Symbolic links and submodules are refused.
package source

import (
	"path"
	"regexp"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Source is where a pack is: in the folder Dir, or in a git repository.
type Source struct {
	// Dir is a folder, as it was written; empty for a repository.
	Dir string
	// URL is the repository's, Sub the pack's folder in it, and Ref a branch, a tag or a commit; HEAD if it was left out.
	URL, Sub, Ref string
}

const forms = "expected a folder such as ./pack, or host/owner/repo//folder@ref, https://…, ssh://… or file:///…"

var (
	// scp is the short form of ssh: git@host:owner/repo.
	scp = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~/][^\s@:?#]*$`)
	// plain is host/owner/repo.
	plain = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*\.)+[A-Za-z]{2,}(/[A-Za-z0-9_.~-]+){2,}$`)
	// full is a URL with a scheme that git fetches from without a helper of somebody's choice. It may have a user where
	// ssh needs one, and never a password, a query or a fragment: those are where tokens are, and a source goes into the
	// lock.
	full = regexp.MustCompile(`^(https://[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/[^\s@:?#]+` +
		`|ssh://([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/[^\s@:?#]+|file:///[^\s?#]+)$`)
	// secret is a user, a password or a token before the host, in any spelling of a scheme and without one.
	secret = regexp.MustCompile(`(?i)^\s*([a-z][a-z0-9+.-]*:/*[^/\s]*|[^/\s]+:[^/\s]*)@`)
	ref    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./+-]*$`)
)

// Parse reads a source as people write it. Its errors never repeat the text: what is refused may hold a token.
func Parse(text string) (Source, error) {
	address, at := cutRef(text)
	address, sub, hasSub := cutSub(address)
	if isFolder(address) && at == "" && !hasSub {
		return Source{Dir: text}, nil
	}
	if strings.ContainsAny(text, "?#") {
		return Source{}, invalid("the template's address has a query or a fragment, which would stay in the lock", "leave ? and # out; "+forms)
	}
	url, ok := urlOf(address)
	switch {
	case !ok && secret.MatchString(text), strings.Count(text, "@") > 2:
		return Source{}, invalid("the template's address has a secret or a user in it, which would stay in the lock",
			"leave it out: git asks your own credential helper or ssh agent; "+forms)
	case !ok:
		return Source{}, invalid("this is no address of a template", forms)
	}
	s := Source{URL: url, Sub: path.Clean("/" + sub)[1:], Ref: at}
	if err := s.check(sub); err != nil {
		return Source{}, err
	}
	return s, nil
}

// check refuses folders and refs that could be something else for git; sub is the folder as it was written.
func (s *Source) check(sub string) error {
	if sub != "" && (s.Sub != strings.Trim(sub, "/") || strings.HasPrefix(sub, "-")) {
		return invalid("the folder after // leaves the repository, or is not in its shortest form", forms)
	}
	if s.Ref != "" && (!ref.MatchString(s.Ref) || strings.Contains(s.Ref, "..")) {
		return invalid("the ref after the last @ can be no branch, tag or commit", forms)
	}
	return nil
}

func isFolder(address string) bool {
	first, _, _ := strings.Cut(address, "/")
	return first == "." || first == ".." || strings.HasPrefix(address, "/")
}

// urlOf is the URL from which git fetches; not ok if it would be another kind of address.
func urlOf(address string) (url string, ok bool) {
	switch {
	case strings.HasPrefix(address, "/"):
		return "file://" + address, true
	case plain.MatchString(address):
		return "https://" + address, true
	default:
		return address, full.MatchString(address) || scp.MatchString(address)
	}
}

// cutRef takes the ref from the end: what stands after the last @, unless that belongs to a user of the host.
func cutRef(text string) (address, at string) {
	n := strings.LastIndex(text, "@")
	if n < 0 || !strings.Contains(text[:n], "/") {
		return text, ""
	}
	if strings.HasPrefix(text, "ssh://") && !strings.Contains(strings.TrimPrefix(text[:n], "ssh://"), "/") {
		return text, ""
	}
	return text[:n], text[n+1:]
}

// cutSub takes the folder from the end: what stands after a double slash that belongs to no scheme.
func cutSub(address string) (repository, sub string, found bool) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return strings.Cut(address, "//")
	}
	repository, sub, found = strings.Cut(rest, "//")
	return scheme + "://" + repository, sub, found
}

// String is the source as Parse reads it.
func (s Source) String() string {
	if s.Dir != "" {
		return s.Dir
	}
	text := s.URL
	if short := strings.TrimPrefix(s.URL, "https://"); plain.MatchString(short) {
		text = short
	}
	if s.Sub != "" {
		text += "//" + s.Sub
	}
	if s.Ref != "" {
		text += "@" + s.Ref
	}
	return text
}

func invalid(message, hint string) error {
	return &fault.Error{Code: fault.Invalid, Message: message, Hint: hint}
}
