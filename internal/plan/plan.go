// Package plan is what would be written, in memory: the last stop before the disk.
//
// A plan cannot hold a path that leaves the project, two files with the same path, or two paths that a
// case-insensitive file system would take for one.
package plan

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Owner says whose a file is after it was written.
type Owner string

// The owners of files.
const (
	// Managed files are the tool's: an edit is drift.
	Managed Owner = "managed"
	// Merge files are shared: an update merges three ways.
	Merge Owner = "merge"
	// Seed files are written once and then the user's.
	Seed Owner = "seed"
)

// File is one file of a plan.
type File struct {
	// Path is relative to the project, with forward slashes.
	Path  string
	Data  []byte
	Mode  fs.FileMode
	Owner Owner
	// Layer is the layer of the pack that the file comes from, Source the file of the pack, and Condition why the layer applies.
	Layer, Source, Condition string
	// IsForeign says that it comes from a pack that is not built in.
	IsForeign bool
}

// IsPrivileged says whether the file can make something run, or can tell an agent what to do, without anybody starting it by its
// name, and comes from a pack that is not built in: CI, hooks, editors, agents, package managers, shells.
func (f *File) IsPrivileged() bool {
	first, _, _ := strings.Cut(f.Path, "/")
	name := strings.ToLower(path.Base(f.Path))
	return f.IsForeign && (strings.Contains(privilegedFolders, "|"+strings.ToLower(first)+"|") || strings.Contains(privilegedFiles, "|"+name+"|"))
}

const (
	privilegedFolders = "|.github|.gitlab|.circleci|.buildkite|.husky|.githooks|.vscode|.idea|.zed|.cursor|.claude|.codex|.gemini|.devcontainer|.cargo|"
	privilegedFiles   = "|agents.md|claude.md|gemini.md|copilot-instructions.md|.cursorrules|.mcp.json|.envrc|.env|.npmrc|.yarnrc|.yarnrc.yml|.pnpmfile.cjs|package.json|" +
		".gitmodules|.gitattributes|.gitlab-ci.yml|azure-pipelines.yml|buildspec.yml|jenkinsfile|makefile|justfile|taskfile.yml|lefthook.yml|.pre-commit-config.yaml|.tool-versions|mise.toml|"
)

// Plan is a set of files. Its zero value is an empty plan.
type Plan struct {
	files  map[string]*File
	folded map[string]string
}

// Add puts a file into the plan. A file of a later layer replaces one of an earlier layer at the same path.
func (p *Plan) Add(file *File) error {
	if err := checkPath(file.Path); err != nil {
		return err
	}
	if p.files == nil {
		p.files, p.folded = map[string]*File{}, map[string]string{}
	}
	if earlier, ok := p.files[file.Path]; ok && earlier.Layer == file.Layer {
		return invalid(file.Path, "is written twice by layer "+file.Layer)
	}
	folded := strings.ToLower(file.Path)
	if other, ok := p.folded[folded]; ok && other != file.Path {
		return invalid(file.Path, "differs from "+other+" in upper and lower case only")
	}
	p.files[file.Path], p.folded[folded] = file, file.Path
	return nil
}

// AddNew puts a file into the plan that must not replace another: that of one item among several.
func (p *Plan) AddNew(file *File) error {
	if other, ok := p.files[file.Path]; ok {
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: file.Path}, Message: fmt.Sprintf("layer %s would replace this file, which is of layer %s", file.Layer, other.Layer),
			Hint: "give the function or the resource another name",
		}
	}
	return p.Add(file)
}

// Files is all files, sorted by path.
func (p *Plan) Files() []*File {
	files := make([]*File, 0, len(p.files))
	for _, file := range p.files {
		files = append(files, file)
	}
	slices.SortFunc(files, func(a, b *File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

// reserved is the base names that Windows keeps for devices, whatever their ending.
const reserved = "|con|prn|aux|nul|com1|com2|com3|com4|com5|com6|com7|com8|com9|lpt1|lpt2|lpt3|lpt4|lpt5|lpt6|lpt7|lpt8|lpt9|"

// What file systems take: parts of 255 bytes, of which an update needs some for itself, and paths that Windows opens too.
const (
	maxPathBytes = 1024
	maxPartBytes = 240
)

// CheckPath is an error that says why a path cannot be one of a file of a project; nil if it can.
func CheckPath(name string) error { return checkPath(name) }

func checkPath(name string) error {
	if name != path.Clean(name) || !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") {
		return invalid(name, "is not a path inside the project")
	}
	if len(name) > maxPathBytes || strings.ContainsFunc(name, isInvisible) {
		return invalid(name[:min(len(name), 100)], fmt.Sprintf("has characters that cannot be seen, or more than %d bytes", maxPathBytes))
	}
	for part := range strings.SplitSeq(name, "/") {
		if why := checkPart(part); why != "" {
			return invalid(name, why)
		}
	}
	return nil
}

// checkPart says what is wrong with the name of a file or a folder; nothing if it is well.
func checkPart(part string) string {
	stem, _, _ := strings.Cut(strings.ToLower(part), ".")
	switch {
	case len(part) > maxPartBytes || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return fmt.Sprintf("has a part that ends in a dot or a blank, or has more than %d bytes", maxPartBytes)
	case strings.EqualFold(part, ".git") || strings.EqualFold(part, "git~1") || strings.Contains(reserved, "|"+stem+"|"):
		return fmt.Sprintf("has the reserved part %q", part)
	default:
		return ""
	}
}

// isInvisible says whether a character is not seen, such as those that some file systems ignore in ".git".
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}

func invalid(name, why string) error {
	return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: name}, Message: fmt.Sprintf("the path %q %s", name, why), Hint: "change the template pack"}
}
