package plan

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Names is a set of paths of files that can be in one folder on every system. Its zero value is empty.
//
// No two paths of it have a prefix that some file system takes for one although it is spelt in two ways, and no path is
// a file here and a folder there.
type Names struct{ root entry }

// entry is a file or a folder of a set of names.
type entry struct {
	// spelling is the last part of its path.
	spelling string
	isFile   bool
	// entries is what is in the folder, by the folded forms of their names.
	entries map[string]*entry
}

// Add puts the path of a file into the set, in time proportional to its length. It refuses a path that CheckPath
// refuses, that is there already, or that cannot be beside another.
func (n *Names) Add(name string) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	// What collides does so before the first part that is new. A path that is refused leaves nothing behind.
	at, rest, isFolder := &n.root, name, true
	for isFolder {
		var part string
		part, rest, isFolder = strings.Cut(rest, "/")
		folded := fold(norm.NFD, part)
		next, isThere := at.entries[folded]
		switch {
		case !isThere:
			next = &entry{spelling: part, isFile: !isFolder}
			if at.entries == nil {
				at.entries = map[string]*entry{}
			}
			at.entries[folded] = next
		case next.isFile == isFolder:
			return invalid(name, fmt.Sprintf("cannot be: %q is a file and a folder", part))
		case next.spelling != part:
			return invalid(name, fmt.Sprintf("has %q, which differs from %q in %s only", part, next.spelling,
				difference(part, next.spelling)))
		case next.isFile:
			return invalid(name, "is there twice")
		}
		at = next
	}
	return nil
}

// difference returns in what two spellings of a name differ.
func difference(a, b string) string {
	if norm.NFC.String(a) == norm.NFC.String(b) {
		return "the form of its characters"
	}
	return "upper and lower case"
}
