package project

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// The files in which a project remembers what was rendered.
const (
	LockName = "blueprint.lock"
	BaseName = ".blueprint/base.txtar"
)

// Records is the files in which a project remembers what was rendered.
func Records() []string { return []string{LockName, BaseName} }

const lockHeader = "# What scaffold rendered, and from what. It is written by scaffold; please commit it and do not edit it.\n"

// encodedComment stands in front of the paths, in the comment of the archive, that txtar could not hold as they are.
const encodedComment = "base64: "

// Lock is what was rendered, from what.
type Lock struct {
	APIVersion string              `yaml:"apiVersion"`
	Tool       string              `yaml:"tool"`
	Pack       PackRef             `yaml:"pack"`
	Blueprint  string              `yaml:"blueprint"`
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
	SHA256 string     `yaml:"sha256"`
	Owner  plan.Owner `yaml:"owner"`
	Layer  string     `yaml:"layer"`
}

// Record is the files that a project needs besides the rendered ones: its blueprint, whose text is given, the base, which
// holds the rendered bytes as the ancestor of later merges, and the lock.
func Record(text []byte, tool string, ref PackRef, files []*plan.File) ([]*plan.File, error) {
	lock := Lock{APIVersion: blueprint.APIVersion, Tool: tool, Pack: ref, Blueprint: hash(text), Files: map[string]LockFile{}}
	for _, file := range files {
		lock.Files[file.Path] = LockFile{SHA256: hash(file.Data), Owner: file.Owner, Layer: file.Layer}
	}
	content, err := yaml.Marshal(lock)
	if err != nil {
		return nil, fault.Wrap(err, "writing the lock")
	}
	record := func(path string, data []byte, owner plan.Owner) *plan.File {
		return &plan.File{Path: path, Data: data, Mode: 0o644, Owner: owner, Layer: "record"}
	}
	return []*plan.File{
		record(blueprint.FileName, text, plan.Seed),
		record(BaseName, formatBase(files), plan.Managed),
		record(LockName, append([]byte(lockHeader), content...), plan.Managed),
	}, nil
}

// formatBase is the archive of all files that a later update may have to merge.
func formatBase(files []*plan.File) []byte {
	archive := &txtar.Archive{}
	var encoded []string
	for _, file := range files {
		if file.Owner == plan.Seed {
			continue
		}
		data := file.Data
		if !survives(data) {
			encoded = append(encoded, encodedComment+file.Path+"\n")
			data = []byte(base64.StdEncoding.EncodeToString(data) + "\n")
		}
		archive.Files = append(archive.Files, txtar.File{Name: file.Path, Data: data})
	}
	archive.Comment = []byte(strings.Join(encoded, ""))
	return txtar.Format(archive)
}

// parseBase is the files of the archive, by path.
func parseBase(text []byte) (map[string][]byte, error) {
	if halfMarker.Match(text) {
		return nil, errors.New("it has a line that no archive has")
	}
	archive := txtar.Parse(text)
	encoded := map[string]bool{}
	for line := range strings.Lines(string(archive.Comment)) {
		if name, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), encodedComment); ok {
			encoded[name] = true
		}
	}
	files := map[string][]byte{}
	for _, file := range archive.Files {
		files[file.Name] = file.Data
		if !encoded[file.Name] {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(file.Data)))
		if err != nil {
			return nil, fault.Wrap(err, "decoding %s", file.Name)
		}
		files[file.Name] = data
	}
	return files, nil
}

// halfMarker is a line at which txtar panics (go-internal 1.16.0): it begins and ends like a marker, and is too short for both.
var halfMarker = regexp.MustCompile(`(?m)^-- --\r?$`)

// survives says whether an archive gives the bytes back as they were: it adds a missing newline at the end,
// and takes a line of the form `-- name --` for its own.
func survives(data []byte) bool {
	if halfMarker.Match(data) {
		return false
	}
	parsed := txtar.Parse(txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "a", Data: data}}}))
	return len(parsed.Files) == 1 && string(parsed.Files[0].Data) == string(data)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
