// Package plan is what would be written, in memory: the last stop before the disk.
//
// A plan cannot hold a path that leaves the project, two files with the same path, or two paths that some file system
// would take for one.
package plan

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"

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
	// Layer is the layer of the pack that the file comes from, Source the file of the pack, and Condition why the layer
	// applies.
	Layer, Source, Condition string
	// IsForeign says that it comes from a pack that is not built in, and Kind what that pack calls it.
	IsForeign bool
	Kind      Kind
}

// Plan is a set of files. Its zero value is an empty plan.
type Plan struct {
	files map[string]*File
	names Names
}

// Add puts a file of a pack into the plan. A file of a later layer replaces one of an earlier layer at the same path.
// Add refuses the paths of scaffold's own records.
func (p *Plan) Add(file *File) error {
	if IsOwn(file.Path) {
		return &fault.Error{
			Code: fault.Refused, Place: fault.Place{File: cmp.Or(file.Source, file.Path)},
			Message: fmt.Sprintf("no pack writes where scaffold keeps its own records, and %q is there", file.Path),
			Hint:    "take another pack, or tell its authors",
		}
	}
	if earlier, ok := p.files[file.Path]; ok {
		if earlier.Layer == file.Layer {
			return invalid(file.Path, "is written twice by layer "+file.Layer)
		}
		p.files[file.Path] = file
		return nil
	}
	return p.put(file)
}

// AddNew puts a file of a pack into the plan that must not replace another: that of one item among several.
func (p *Plan) AddNew(file *File) error {
	if other, ok := p.files[file.Path]; ok {
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: file.Path},
			Message: fmt.Sprintf("layer %s would replace this file, which is of layer %s", file.Layer, other.Layer),
			Hint:    "give the function or the resource another name",
		}
	}
	return p.Add(file)
}

// AddRecord puts one of scaffold's own records into the plan. It must not replace a file.
func (p *Plan) AddRecord(file *File) error {
	if !IsOwn(file.Path) {
		return fault.Wrap(fs.ErrInvalid, "%s is no record of scaffold's", file.Path)
	}
	return p.put(file)
}

// put puts a file into the plan at a path that is new.
func (p *Plan) put(file *File) error {
	if err := p.names.Add(file.Path); err != nil {
		return err
	}
	if p.files == nil {
		p.files = map[string]*File{}
	}
	p.files[file.Path] = file
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
