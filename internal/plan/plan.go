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
	// Layer is the layer of the pack that the file comes from.
	Layer string
}

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

func checkPath(name string) error {
	if name != path.Clean(name) || !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") {
		return invalid(name, "is not a path inside the project")
	}
	for part := range strings.SplitSeq(name, "/") {
		stem, _, _ := strings.Cut(strings.ToLower(part), ".")
		if strings.EqualFold(part, ".git") || strings.Contains(reserved, "|"+stem+"|") {
			return invalid(name, fmt.Sprintf("has the reserved part %q", part))
		}
	}
	return nil
}

func invalid(name, why string) error {
	return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: name}, Message: fmt.Sprintf("the path %q %s", name, why), Hint: "change the template pack"}
}
