package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// The files in which a project remembers what was rendered. The base has a file for each rendered one, so that git merges the
// bases of two branches as it merges the files; its suffix keeps compilers, test runners and scanners from taking it for sources.
const (
	LockName   = "blueprint.lock"
	ownFolder  = ".blueprint"
	baseFolder = ownFolder + "/base"
	baseSuffix = ".base"
	// attributesName keeps git from changing a byte of the base, and from showing every change twice.
	attributesName = ownFolder + "/.gitattributes"
	// OrganisationName is where a project keeps what its pack demands beyond its level, so that a check needs no pack. It is the
	// one file in the own folder that is rendered, and in the lock.
	OrganisationName = ownFolder + "/organisation.yaml"
)

const attributes = "# What scaffold rendered last, byte for byte: the common ancestor of your edits and of its updates.\n" +
	"base/** -text -diff -filter linguist-generated\n"

const lockHeader = "# What scaffold rendered, and from what. It is written by scaffold; please commit it and do not edit it.\n" +
	"# After a merge with conflicts in it, run: scaffold update\n"

// lockVersion is the version of the lock's format.
const lockVersion = "scaffold/v2"

// Lock is what was rendered, from what.
type Lock struct {
	APIVersion string              `yaml:"apiVersion"`
	Tool       string              `yaml:"tool"`
	Pack       PackRef             `yaml:"pack"`
	Files      map[string]LockFile `yaml:"files"`
}

// PackRef is which pack it was: Commit is that of a repository, Tree a hash over all of its files.
type PackRef struct {
	Source string `yaml:"source" json:"source"`
	Commit string `yaml:"commit,omitempty" json:"commit,omitempty"`
	Tree   string `yaml:"tree" json:"tree"`
}

// LockFile is one rendered file.
type LockFile struct {
	// SHA256 is the hash of the rendered bytes, which are in the base, unless the file is a seed.
	SHA256 string     `yaml:"sha256" json:"sha256"`
	Owner  plan.Owner `yaml:"owner" json:"owner"`
	Layer  string     `yaml:"layer" json:"layer"`
	// Executable is the rendered file's permission to be run.
	Executable bool `yaml:"executable,omitempty" json:"executable,omitempty"`
	// Retired files are not rendered any more, and the user has edited or deleted them before. They are remembered for the day
	// on which they are rendered again.
	Retired bool `yaml:"retired,omitempty" json:"retired,omitempty"`
	// Conflict says that an update has left conflict markers in the file.
	Conflict bool `yaml:"conflict,omitempty" json:"conflict,omitempty"`
}

// Rendering is what a project shall be, rendered: its files, and what to remember of where they come from.
type Rendering struct {
	// Blueprint is the text of blueprint.yaml.
	Blueprint []byte
	// Tool is the version of the program.
	Tool  string
	Pack  PackRef
	Files []*plan.File
	// Moves is the files that the pack has given other names.
	Moves []Move
	// Format returns a file as the project's own formatter writes it; nil if there is none. Where the user has formatted everything,
	// what was and is rendered has to be formatted too before the three can be compared.
	Format func(ctx context.Context, path string, data []byte) ([]byte, error)
}

// Move says that a rendered file has another name now: what the user has edited in From goes along to To.
type Move struct{ From, To string }

// IsRecord reports whether the file is one in which a project remembers what was rendered, and not one of its own.
func IsRecord(name string) bool {
	return name == LockName || name == attributesName || IsBase(name)
}

// IsBase reports whether the file is a copy of what was rendered for another one.
func IsBase(name string) bool { return strings.HasPrefix(name, baseFolder+"/") }

// Records returns the files that a new project needs besides the rendered ones: its blueprint, the base and the lock.
func (r *Rendering) Records() ([]*plan.File, error) {
	m := newMemory()
	for _, file := range r.Files {
		m.remember(file.Path, entryOf(file), file.Data)
	}
	files, err := m.files(r)
	if err != nil {
		return nil, err
	}
	records := make([]*plan.File, 0, len(files))
	for _, path := range slices.Sorted(maps.Keys(files)) {
		owner := plan.Managed
		if path == blueprint.FileName {
			owner = plan.Seed
		}
		records = append(records, &plan.File{Path: path, Data: files[path], Mode: 0o644, Owner: owner, Layer: "record"})
	}
	return records, nil
}

// memory is what a project remembers of its files: an entry of the lock for each, and the rendered bytes of those that a later
// update may have to merge.
type memory struct {
	entries map[string]LockFile
	base    map[string][]byte
}

func newMemory() *memory { return &memory{entries: map[string]LockFile{}, base: map[string][]byte{}} }

func entryOf(file *plan.File) LockFile {
	return LockFile{SHA256: hash(file.Data), Owner: file.Owner, Layer: file.Layer, Executable: file.Mode&0o111 != 0}
}

func (m *memory) remember(path string, entry LockFile, data []byte) {
	m.entries[path] = entry
	if entry.Owner != plan.Seed {
		m.base[path] = data
	}
}

// files returns the contents of all records by their paths. They are read back: what cannot be read again is never written.
func (m *memory) files(r *Rendering) (map[string][]byte, error) {
	lock := Lock{APIVersion: lockVersion, Tool: r.Tool, Pack: r.Pack, Files: m.entries}
	text, err := lock.format()
	if err != nil {
		return nil, err
	}
	again, err := parseLock(text)
	if err != nil || again.Tool != lock.Tool || again.Pack != lock.Pack || !maps.Equal(again.Files, lock.Files) {
		return nil, &fault.Error{Code: fault.Internal, Message: "the lock cannot be read back as it was written", Err: err}
	}
	files := map[string][]byte{blueprint.FileName: r.Blueprint, LockName: text, attributesName: []byte(attributes)}
	for path, data := range m.base {
		files[basePath(path)] = data
	}
	return files, nil
}

func basePath(path string) string { return baseFolder + "/" + path + baseSuffix }

// format returns the text of the lock, in which each file has a line of its own, so that branches which touch different
// files can be merged.
func (l *Lock) format() ([]byte, error) {
	head, err := yaml.Marshal(Lock{APIVersion: l.APIVersion, Tool: l.Tool, Pack: l.Pack})
	if err != nil {
		return nil, fault.Wrap(err, "writing the lock")
	}
	var text bytes.Buffer
	text.WriteString(lockHeader)
	text.Write(bytes.TrimSuffix(head, []byte("files: {}\n")))
	text.WriteString("files:\n")
	for _, path := range slices.Sorted(maps.Keys(l.Files)) {
		name, err := quote(path)
		if err != nil {
			return nil, err
		}
		entry, err := quote(l.Files[path])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "  %s: %s\n", name, strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(entry))
	}
	return text.Bytes(), nil
}

// quote returns the value as JSON, which is YAML that no reader takes for a number or a truth value.
func quote(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(text.String(), "\n"), fault.Wrap(err, "writing the lock")
}

// What bounds a lock: one of 10,000 files has less than 2 MB, and is two levels deep. The YAML parser's memory grows with the
// square of the depth. A bracket in a file's name counts as a level, and hardly any name has one that is not closed.
const (
	maxLockBytes   = 8 << 20
	maxLockNesting = 500
)

// errMarkers says that somebody has committed a merge without resolving the lock.
var errMarkers = errors.New("it has conflict markers")

// parseLock reads a lock, and refuses one that names a file which is not inside of the project, or is scaffold's or git's own.
func parseLock(text []byte) (*Lock, error) {
	if len(text) > maxLockBytes {
		return nil, fmt.Errorf("it has more than %d MB", maxLockBytes>>20)
	}
	if blueprint.Nesting(text) > maxLockNesting {
		return nil, fmt.Errorf("it is more than %d levels deep", maxLockNesting)
	}
	if gitMarkers(text) {
		return nil, errMarkers
	}
	lock := &Lock{}
	if err := yaml.UnmarshalWithOptions(text, lock, yaml.Strict()); err != nil {
		return nil, err
	}
	if lock.APIVersion != lockVersion {
		return nil, fmt.Errorf("its apiVersion is %q, and this version of scaffold reads %s", lock.APIVersion, lockVersion)
	}
	if len(lock.Files) == 0 {
		return nil, errors.New("it has no files")
	}
	for path := range lock.Files {
		if plan.CheckPath(path) != nil || plan.IsOwn(path) && path != OrganisationName {
			return nil, fmt.Errorf("%q is no path of a rendered file", path)
		}
	}
	return lock, nil
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
