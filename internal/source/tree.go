package source

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// What a pack may have. The largest built-in pack has 250 files and 1 MB.
const (
	maxFiles     = 5_000
	maxFileBytes = 4 << 20
	maxBytes     = 64 << 20
)

// Tree is a pack's files, read whole.
type Tree struct {
	Files fs.FS
	// Commit is where a repository was; empty for a folder.
	Commit string
	// Hash is over the paths and the bytes of all files, in the order of their paths.
	Hash string
}

// collector takes the files of a pack within the limits.
type collector struct {
	files map[string][]byte
	names plan.Names
	bytes int64
}

// admit refuses a file before it is read: its path, its kind or its size.
func (c *collector) admit(name string, isRegular bool, size int64) error {
	c.bytes += size
	switch {
	case !isRegular:
		return refused(name, "this is a symbolic link, a submodule or a device; a pack has files alone")
	case size > maxFileBytes:
		return refused(name, fmt.Sprintf("this is larger than %d MB", maxFileBytes>>20))
	case c.bytes > maxBytes, len(c.files) >= maxFiles:
		return refused(name, fmt.Sprintf("this is one too many: a pack has at most %d files and %d MB", maxFiles, maxBytes>>20))
	}
	if err := c.names.Add(name); err != nil {
		return refused("", fault.All(err)[0].Message)
	}
	return nil
}

// tree is what was collected.
func (c *collector) tree(commit string) (*Tree, error) {
	if len(c.files) == 0 {
		return nil, invalid("there is no file in the pack", "a pack is a folder with a pack.yaml")
	}
	sum := sha256.New()
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(c.files[name]))
		sum.Write(c.files[name])
		file, err := writer.CreateHeader(&zip.FileHeader{Name: name})
		if err == nil {
			_, err = file.Write(c.files[name])
		}
		if err != nil {
			return nil, fault.Wrap(err, "keeping %s", name)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fault.Wrap(err, "keeping the pack")
	}
	// An archive that is not compressed is the standard library's file system in memory.
	files, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	return &Tree{Files: files, Commit: commit, Hash: hex.EncodeToString(sum.Sum(nil))}, fault.Wrap(err, "reading the pack again")
}

// Read reads a folder.
func Read(files fs.FS) (*Tree, error) {
	c := &collector{files: map[string][]byte{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fault.Wrap(err, "reading the pack")
		}
		if entry.IsDir() {
			if entry.Name() == ".git" {
				return fs.SkipDir // The pack's own repository.
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return fault.Wrap(err, "reading the pack")
		}
		if err := c.admit(name, info.Mode().IsRegular(), info.Size()); err != nil {
			return err
		}
		c.files[name], err = fs.ReadFile(files, name)
		return fault.Wrap(err, "reading the pack")
	})
	if err != nil {
		return nil, err
	}
	return c.tree("")
}

func refused(name, why string) error {
	return &fault.Error{
		Code: fault.Refused, Place: fault.Place{File: name}, Message: "the pack is refused: " + why, Hint: "take another pack, or tell its authors",
	}
}
