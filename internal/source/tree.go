package source

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// What a pack may have. The largest built-in pack has 250 files and 1 MB.
const (
	maxFiles     = 5_000
	maxFolders   = 5_000
	maxDepth     = 64
	maxFileBytes = 4 << 20
	maxBytes     = 64 << 20
)

// Tree is a pack's files, read whole.
type Tree struct {
	// Files is the pack's files. The mode of a file tells whether it is executable, and nothing else.
	Files fs.FS
	// Commit is where a repository was; empty for a folder.
	Commit string
	// Hash is over the paths, the bytes and the executable bits of all files, in the order of their paths. A pack without
	// an executable file has the hash that it had before the bits were part of it.
	Hash string
}

// file is one file of a pack.
type file struct {
	data         []byte
	isExecutable bool
}

// collector takes the files of a pack within the limits.
type collector struct {
	files   map[string]*file
	names   plan.Names
	folders int
	bytes   int64
}

func newCollector() *collector { return &collector{files: map[string]*file{}} }

// admitFolder refuses a folder before it is entered. An empty folder is none of the pack's files, but a tree of ten
// folders in each of ten folders is never done.
func (c *collector) admitFolder(name string) error {
	c.folders++
	if c.folders > maxFolders {
		return refused("", fmt.Sprintf("it has more than %d folders", maxFolders))
	}
	return admitDepth(name)
}

func admitDepth(name string) error {
	if strings.Count(name, "/") >= maxDepth {
		return refused("", fmt.Sprintf("its folders are nested more than %d deep", maxDepth))
	}
	return nil
}

// admit refuses a file before it is read: its path or its kind.
func (c *collector) admit(name string, mode fs.FileMode) error {
	switch {
	case !mode.IsRegular():
		return refused(name, "this is a symbolic link, a submodule or a device; a pack has files alone")
	case len(c.files) >= maxFiles:
		return tooMuch(name)
	}
	if err := admitDepth(name); err != nil {
		return err
	}
	if err := c.names.Add(name); err != nil {
		return refused("", fault.All(err)[0].Message)
	}
	c.files[name] = &file{isExecutable: mode&0o111 != 0}
	return nil
}

// admitSize refuses a file's content before it is read.
func (c *collector) admitSize(name string, size int64) error {
	c.bytes += size
	switch {
	case size > maxFileBytes:
		return tooLarge(name)
	case c.bytes > maxBytes:
		return tooMuch(name)
	}
	return nil
}

func tooLarge(name string) error {
	return refused(name, fmt.Sprintf("this is larger than %d MB", maxFileBytes>>20))
}

func tooMuch(name string) error {
	const text = "this is one too many: a pack has at most %d files and %d MB"
	return refused(name, fmt.Sprintf(text, maxFiles, maxBytes>>20))
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
		file, header, mark := c.files[name], &zip.FileHeader{Name: name}, ""
		header.SetMode(0o644)
		if file.isExecutable {
			header.SetMode(0o755)
			mark = " x"
		}
		fmt.Fprintf(sum, "%s %d%s\n", name, len(file.data), mark)
		sum.Write(file.data)
		entry, err := writer.CreateHeader(header)
		if err == nil {
			_, err = entry.Write(file.data)
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
	tree := &Tree{Files: files, Commit: commit, Hash: hex.EncodeToString(sum.Sum(nil))}
	return tree, fault.Wrap(err, "reading the pack again")
}

// Read reads a folder.
func Read(files fs.FS) (*Tree, error) {
	c := newCollector()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fault.Wrap(err, "reading the pack")
		}
		if entry.IsDir() {
			if entry.Name() == ".git" {
				return fs.SkipDir // The pack's own repository.
			}
			return c.admitFolder(name)
		}
		return c.readFile(files, name, entry)
	})
	if err != nil {
		return nil, err
	}
	return c.tree("")
}

// readFile reads one file of a folder, and no more of it than it may have: it may have grown since it was listed.
func (c *collector) readFile(files fs.FS, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return fault.Wrap(err, "reading the pack")
	}
	if err := c.admit(name, info.Mode()); err != nil {
		return err
	}
	if err := c.admitSize(name, info.Size()); err != nil {
		return err
	}
	opened, err := files.Open(name)
	if err != nil {
		return fault.Wrap(err, "reading the pack")
	}
	defer func() { _ = opened.Close() }()
	data, err := io.ReadAll(io.LimitReader(opened, info.Size()+1))
	if err != nil {
		return fault.Wrap(err, "reading the pack")
	}
	if int64(len(data)) > info.Size() {
		return refused(name, "this has changed while it was read")
	}
	c.files[name].data = data
	return nil
}

func refused(name, why string) error {
	return &fault.Error{
		Code: fault.Refused, Place: fault.Place{File: name}, Message: "the pack is refused: " + why,
		Hint: "take another pack, or tell its authors",
	}
}
