package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// object is a file as git lists it.
type object struct{ name, id string }

// read takes the pack's files out of the commit. Git lists them before any is read; both are read from a pipe, so that
// git ends at the first that is too much.
func (r *repository) read(ctx context.Context, commit string) (*Tree, error) {
	c := newCollector()
	objects, err := r.list(ctx, commit, c)
	if err != nil {
		return nil, err
	}
	if err := r.contents(ctx, objects, c); err != nil {
		return nil, err
	}
	return c.tree(commit)
}

// maxEntry is the longest line of `git ls-tree`: a path as long as one may be, and what stands before it.
const maxEntry = 4 << 10

// list returns the files of the pack's folder. Folders are listed too: there are trees without a file that have no end.
func (r *repository) list(ctx context.Context, commit string, c *collector) ([]object, error) {
	var objects []object
	listing := call{
		dir: r.dir, reach: nobody,
		args: []string{"ls-tree", "-r", "-t", "-z", "--full-tree", "--end-of-options", commit + ":" + r.source.Sub},
	}
	err := r.stream(ctx, listing, func(pipe io.Reader) error {
		entries := bufio.NewReaderSize(pipe, maxEntry)
		for {
			entry, err := entries.ReadSlice(0)
			switch {
			case errors.Is(err, io.EOF) && len(entry) == 0:
				return nil
			case errors.Is(err, bufio.ErrBufferFull):
				return refused("", "it has a path of thousands of characters")
			case err != nil:
				return err
			}
			found, err := c.admitEntry(strings.TrimSuffix(string(entry), "\x00"))
			if err != nil {
				return err
			}
			if found.id != "" {
				objects = append(objects, found)
			}
		}
	})
	return objects, r.listError(ctx, commit, err)
}

// admitEntry reads an entry of `git ls-tree`: mode, kind and id, a tab, the path. It returns nothing for a folder.
func (c *collector) admitEntry(entry string) (object, error) {
	about, name, ok := strings.Cut(entry, "\t")
	fields := strings.Fields(about)
	if !ok || len(fields) != 3 || !commitID.MatchString(fields[2]) {
		return object{}, fmt.Errorf("git lists %q", entry)
	}
	switch {
	case fields[1] == "tree":
		return object{}, c.admitFolder(name)
	case !strings.HasPrefix(fields[0], "100"):
		return object{}, c.admit(name, fs.ModeIrregular)
	case fields[0] == "100755":
		return object{name: name, id: fields[2]}, c.admit(name, 0o755)
	default:
		return object{name: name, id: fields[2]}, c.admit(name, 0o644)
	}
}

// listError is what a failed list means: the folder is not there, or the copy is damaged. Only a new copy can tell.
func (r *repository) listError(ctx context.Context, commit string, err error) error {
	if _, isOurs := errors.AsType[*fault.Error](err); err == nil || isOurs || ctx.Err() != nil {
		return err
	}
	_, isGits := errors.AsType[*gitError](err)
	if isGits && r.isNew {
		return r.noFolder()
	}
	if isGits && r.isOffline {
		if _, err := r.local(ctx, r.dir, "cat-file", "-e", commit+"^{tree}"); err == nil && r.isSound(ctx) {
			return r.noFolder()
		}
	}
	return r.damaged(err)
}

func (r *repository) noFolder() error {
	return invalid(fmt.Sprintf("there is no folder %q in %s", r.source.Sub, r.source.URL),
		"name a folder that has a pack.yaml: "+forms)
}

// contents reads the files that were listed.
func (r *repository) contents(ctx context.Context, objects []object, c *collector) error {
	var ids strings.Builder
	for _, object := range objects {
		ids.WriteString(object.id + "\n")
	}
	reading := call{
		dir: r.dir, reach: nobody, stdin: strings.NewReader(ids.String()), args: []string{"cat-file", "--batch"},
	}
	done := 0
	err := r.stream(ctx, reading, func(pipe io.Reader) error {
		reader := bufio.NewReaderSize(pipe, maxEntry)
		for _, object := range objects {
			if err := c.readObject(reader, object); err != nil {
				return err
			}
			done++
		}
		return nil
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, isOurs := errors.AsType[*fault.Error](err); isOurs {
		return err
	}
	if r.isNew && done < len(objects) {
		return tooLarge(objects[done].name) // A new copy has everything but the files that the filter leaves out.
	}
	return r.damaged(err)
}

// readObject reads one object as `git cat-file --batch` prints it: id, kind and size on a line, its bytes, a newline.
func (c *collector) readObject(reader *bufio.Reader, from object) error {
	header, err := reader.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("%s: %w", from.name, err)
	}
	fields := strings.Fields(string(header))
	if len(fields) != 3 || fields[0] != from.id || fields[1] != "blob" {
		return fmt.Errorf("%s: git answered %q", from.name, strings.TrimSpace(string(header)))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return fmt.Errorf("%s: git answered %q", from.name, strings.TrimSpace(string(header)))
	}
	if err := c.admitSize(from.name, size); err != nil {
		return err
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(reader, data); err != nil {
		return fmt.Errorf("%s: %w", from.name, err)
	}
	c.files[from.name].data = data[:size]
	return nil
}
