package source

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// maxTagBytes bounds what a repository may list: some have tens of thousands of tags.
const maxTagBytes = 16 << 20

// Newer returns the newest tag of the source's repository that is a later version than the source's ref; "" if there
// is none, if the ref is no version, or if it is no tag. Prereleases count only if the ref is one. A tag with the
// folder of a pack in front, such as lambda/v1.2.3, is compared with its own kind.
//
// It contacts the repository if the ref is a version, so it is not for a command that works offline.
func (s *Store) Newer(ctx context.Context, source Source) (tag string, err error) {
	if source.Dir != "" || versionOf(source.Ref, prefixOf(source.Ref)) == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	r := s.repository(source)
	listing := call{
		dir: r.dir, reach: remote, args: []string{"ls-remote", "--quiet", "--tags", "--end-of-options", source.URL},
	}
	commits := map[string]string{}
	err = r.stream(ctx, listing, func(pipe io.Reader) error {
		lines := bufio.NewScanner(io.LimitReader(pipe, maxTagBytes+1))
		read := 0
		for lines.Scan() {
			if read += len(lines.Bytes()) + 1; read > maxTagBytes {
				return refusedTags()
			}
			id, name, _ := strings.Cut(lines.Text(), "\trefs/tags/")
			// What an annotated tag names comes after it, under its name with ^{} behind.
			commits[strings.TrimSuffix(name, "^{}")] = id
		}
		if errors.Is(lines.Err(), bufio.ErrTooLong) {
			return refusedTags()
		}
		return lines.Err()
	})
	if err != nil {
		return "", r.unreachable(ctx, source.Ref, err)
	}
	return newest(commits, source.Ref), nil
}

func refusedTags() error {
	return &fault.Error{
		Code: fault.Refused, Message: "the repository has more tags than are read",
		Hint: "name the next tag yourself: --ref TAG",
	}
}

// newest returns the newest of the tags that is a later version than current. One at the same commit is not newer: a
// tag v1 may move along with v1.2.3.
func newest(commits map[string]string, current string) string {
	here, isTag := commits[current]
	prefix := prefixOf(current)
	from := versionOf(current, prefix)
	if !isTag || from == nil {
		return ""
	}
	found, best := "", from
	for tag, commit := range commits {
		version := versionOf(tag, prefix)
		if version == nil || commit == here || version.Prerelease() != "" && from.Prerelease() == "" {
			continue
		}
		// v2 and v2.0.0 are one version: the longer name says more.
		if version.GreaterThan(best) || found != "" && version.Equal(best) && isBefore(found, tag) {
			found, best = tag, version
		}
	}
	return found
}

// isBefore orders names of one version, so that the answer is always the same one.
func isBefore(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

// prefixOf is what stands before the version in a tag: its folder.
func prefixOf(tag string) string {
	folder, _ := path.Split(tag)
	return folder
}

// versionOf returns the version that a tag names after its prefix; nil if it names none.
func versionOf(tag, prefix string) *semver.Version {
	text, ok := strings.CutPrefix(tag, prefix)
	if !ok || !ref.MatchString(tag) || commitID.MatchString(tag) {
		return nil
	}
	version, err := semver.NewVersion(text)
	if err != nil {
		return nil
	}
	return version
}
