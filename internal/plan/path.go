package plan

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// What file systems take: parts of 255 bytes, of which an update needs some for itself, and paths that Windows opens
// too.
const (
	maxPathBytes = 1024
	maxPartBytes = 240
)

// CheckPath reports what is wrong with the name of a file of a project. It is the one check for every path that this
// program did not make itself: those of packs, of locks and of journals. A path that passes means the same file on
// every system, and never one of git's own. CheckPath passes the paths of scaffold's own records: see IsOwn.
//
// CheckPath refuses what some file system cannot have, takes for another name, or does not show. It does not refuse
// what only a writer of text could get wrong, such as the names "~", "null" and ".inf": writers quote them.
func CheckPath(name string) error {
	if len(name) > maxPathBytes {
		return invalid(name[:100], fmt.Sprintf("and so on has more than %d bytes", maxPathBytes))
	}
	if name != path.Clean(name) || !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") {
		return invalid(name, "is not a path inside the project")
	}
	if strings.ContainsFunc(name, isInvisible) {
		return invalid(name, "has characters that cannot be seen")
	}
	if strings.ContainsAny(name, `<>"|?*`) {
		return invalid(name, `has a character that Windows cannot have in a name: one of < > " | ? *`)
	}
	for part := range strings.SplitSeq(name, "/") {
		if why := checkPart(part); why != "" {
			return invalid(name, why)
		}
	}
	return nil
}

// checkPart returns what is wrong with the name of a file or a folder, and nothing if it is well.
func checkPart(part string) string {
	first, _ := utf8.DecodeRuneInString(part)
	last, _ := utf8.DecodeLastRuneInString(part)
	folded := fold(norm.NFKD, part)
	switch {
	case len(part) > maxPartBytes:
		return fmt.Sprintf("has a part of more than %d bytes", maxPartBytes)
	case strings.HasSuffix(part, "."):
		return fmt.Sprintf("has the part %q, which ends in a dot", part)
	case unicode.IsSpace(first) || unicode.IsSpace(last):
		return fmt.Sprintf("has the part %q, which begins or ends with a blank", part)
	case folded == ".git":
		return fmt.Sprintf("has the part %q, which is git's own", part)
	case shortName.MatchString(folded):
		return fmt.Sprintf("has the part %q, which is a short name on Windows", part)
	case isDevice(folded):
		return fmt.Sprintf("has the part %q, which is a device on Windows", part)
	default:
		return ""
	}
}

// shortName matches the second name that Windows gives to files, such as GIT~1 for .git and BLUEPR~1 for .blueprint.
var shortName = regexp.MustCompile(`^[^.~]{0,6}~[0-9]{1,6}(\.[^.]{0,3})?$`)

// device matches the names that Windows keeps for devices. NFKD has made plain digits of superscript ones.
var device = regexp.MustCompile(`^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9])$`)

// isDevice reports whether Windows takes a folded name for a device, whatever its ending.
func isDevice(folded string) bool {
	stem, _, _ := strings.Cut(folded, ".")
	return device.MatchString(strings.TrimRight(stem, " "))
}

// isInvisible reports whether a character is not seen, is ignored by some file system, ends a line for some reader, or
// is private, as those with which Cygwin and file servers write what Windows cannot have in a name.
func isInvisible(r rune) bool {
	return r == unicode.ReplacementChar ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Where scaffold keeps its own records of a project.
const (
	ownFolder    = ".blueprint"
	ownBlueprint = "blueprint.yaml"
	ownLock      = "blueprint.lock"
)

// IsOwn reports whether a path is where scaffold keeps its own records of a project: the folder .blueprint, and the
// files blueprint.yaml and blueprint.lock. It knows each of them under every name that some file system has for it. The
// path may be one that CheckPath refuses.
func IsOwn(name string) bool {
	root, _, _ := strings.Cut(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/")
	root, _, _ = strings.Cut(root, ":") // What follows is a stream of the same file.
	folded := strings.TrimRight(fold(norm.NFKD, root), ". ")
	switch folded {
	case ownFolder, ownBlueprint, ownLock:
		return true
	default:
		// Windows takes the first letters, or two of them and a hash.
		return strings.HasPrefix(folded, "bl") && shortName.MatchString(folded)
	}
}

// fold returns the form of a part of a path that is equal for all spellings that some file system takes for one: upper
// and lower case, composed and decomposed letters, with and without characters that are ignored.
func fold(form norm.Form, part string) string {
	if !strings.ContainsFunc(part, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(part)
	}
	// Full folding makes ss of ß, as macOS does. Windows compares in upper case, where ı is I.
	upper := strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, form.String(part))
	return form.String(cases.Fold().String(upper))
}

func invalid(name, why string) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: fmt.Sprintf("the path %q %s", name, why),
		Hint: "change the template pack",
	}
}
