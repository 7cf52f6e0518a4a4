package project

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// tree is a folder whose files are written and removed. Symbolic links never lead out of it, and no change is made through one
// that leads to git's folder or to the records of scaffold.
type tree struct {
	root *os.Root
	// onWrite is called before each change of the disk, with the name of the call; an error takes the call's place.
	// It is nil outside of tests, which let the n-th call fail, or stop there as a killed process does.
	onWrite func(call string) error
}

func openTree(dir string, onWrite func(call string) error) (*tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &tree{root: root, onWrite: onWrite}, nil
}

func (t *tree) close() error { return t.root.Close() }

func (t *tree) before(call, name string) error {
	if err := t.admit(name); err != nil {
		return err
	}
	if t.onWrite == nil {
		return nil
	}
	return t.onWrite(call + " " + name)
}

// admit refuses to change a file that is not where its name says, because a folder of its path is a link: to where CheckPath
// refuses paths, such as git's folder, or to the records. A record itself is reached by no link at all.
func (t *tree) admit(name string) error {
	real, err := t.real(name)
	if err == nil && (real == name || plan.CheckPath(real) == nil && !plan.IsOwn(real) && !plan.IsOwn(name)) {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, Place: fault.Place{File: name}, Message: "a folder of its path is a symbolic link to where scaffold does not write", Err: err,
		Hint: "put a folder in the place of the link",
	}
}

// real returns the path of a file with the links among its folders followed. The file need not be there.
func (t *tree) real(name string) (string, error) {
	folder := t.linkedFolder(name)
	if folder == "" {
		return name, nil
	}
	root, err := filepath.Abs(t.root.Name())
	if err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(folder)))
	if err != nil {
		return "", err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", err
	}
	relative, err := filepath.Rel(root, target)
	if err != nil {
		return "", err
	}
	return path.Join(filepath.ToSlash(relative), strings.TrimPrefix(name, folder)), nil
}

// linkedFolder returns the longest part of a path, without its last element, that ends in a link; empty if there is none.
func (t *tree) linkedFolder(name string) string {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if info, err := t.root.Lstat(filepath.FromSlash(folder)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return folder
		}
	}
	return ""
}

func (t *tree) mkdirAll(name string) error {
	if info, err := t.root.Stat(filepath.FromSlash(name)); err == nil && info.IsDir() {
		return nil
	}
	if err := t.before("mkdir", name); err != nil {
		return err
	}
	return t.root.MkdirAll(filepath.FromSlash(name), 0o777)
}

func (t *tree) rename(from, to string) error {
	if err := t.before("rename", to); err != nil {
		return err
	}
	return t.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to))
}

// remove removes a file or an empty folder; one that is not there is no error.
func (t *tree) remove(name string) error {
	if err := t.before("remove", name); err != nil {
		return err
	}
	if err := t.root.Remove(filepath.FromSlash(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (t *tree) chmod(name string, mode fs.FileMode) error {
	if err := t.before("chmod", name); err != nil {
		return err
	}
	return t.root.Chmod(filepath.FromSlash(name), mode)
}

// write makes a new file and returns when the disk has its bytes. A mode of 0 leaves it to the umask, as for any new file.
func (t *tree) write(name string, data []byte, mode fs.FileMode, isExecutable bool) (err error) {
	if err := t.before("create", name); err != nil {
		return err
	}
	created := fs.FileMode(0o666)
	if isExecutable {
		created = 0o777
	}
	file, err := t.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, created)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := t.before("write", name); err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return err
	}
	if mode != 0 {
		if err := file.Chmod(mode); err != nil {
			return err
		}
	}
	return file.Sync()
}

// read returns the bytes of a file; nil if there is none, also where a folder has its name, or a file that of one of its folders.
func (t *tree) read(name string) ([]byte, error) {
	data, err := t.root.ReadFile(filepath.FromSlash(name))
	if isAbsent(err) || err != nil && (t.isBelowFile(name) || t.isFolder(name)) {
		return nil, nil
	}
	if data == nil && err == nil {
		data = []byte{}
	}
	return data, err
}

func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// removeEmpty removes a folder that has nothing in it but other empty folders, so that a file can get its name.
func (t *tree) removeEmpty(name string) error {
	if !t.isFolder(name) {
		return nil
	}
	children, err := fs.ReadDir(t.root.FS(), name)
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := t.removeEmpty(path.Join(name, child.Name())); err != nil {
			return err
		}
	}
	return t.remove(name)
}

func (t *tree) isFolder(name string) bool {
	info, err := t.root.Lstat(filepath.FromSlash(name))
	return err == nil && info.IsDir()
}

// isBelowFile reports whether one of the path's folders is a regular file.
func (t *tree) isBelowFile(name string) bool {
	prefix := t.obstacle(name)
	if prefix == "" {
		return false
	}
	info, err := t.root.Lstat(filepath.FromSlash(prefix))
	return err == nil && info.Mode().IsRegular()
}

// obstacle returns the first part of a path that is there and is no folder; empty if there is none. A link that leads out of the
// tree, or to where nothing is written, is no folder.
func (t *tree) obstacle(name string) string {
	parts := strings.Split(path.Dir(name), "/")
	for n := range parts {
		prefix := path.Join(parts[:n+1]...)
		info, err := t.root.Lstat(filepath.FromSlash(prefix))
		if err != nil {
			return ""
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			info, err = t.root.Stat(filepath.FromSlash(prefix))
		}
		if err != nil || !info.IsDir() || t.admit(path.Join(prefix, "x")) != nil {
			return prefix
		}
	}
	return ""
}
