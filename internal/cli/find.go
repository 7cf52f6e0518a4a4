package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// location is where the user is, and the project around.
type location struct {
	// project is the folder with the blueprint, or the folder where the user is if there is none above.
	project string
	// here is the folder where the user is, and root the project's; both without links.
	here, root string
	// isFound says that there is a blueprint.
	isFound bool
}

// locate finds the project that the folder of -C belongs to: the nearest folder from there upwards that has a
// blueprint. It looks no further than the top of a git repository, and not at the user's home, unless it starts there.
func (a *app) locate() (*location, error) {
	if err := isFolder(a.dir); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(a.dir)
	if err == nil {
		absolute, err = filepath.EvalSymlinks(absolute)
	}
	if err != nil {
		return nil, fault.Wrap(err, "finding %s", a.dir)
	}
	found := &location{project: a.dir, here: absolute, root: absolute}
	home, _ := filepath.EvalSymlinks(a.getenv("HOME"))
	for folder := absolute; folder == absolute || folder != home; folder = filepath.Dir(folder) {
		if exists(filepath.Join(folder, blueprint.FileName)) {
			found.root, found.isFound = folder, true
			break
		}
		if exists(filepath.Join(folder, ".git")) || folder == filepath.Dir(folder) {
			break
		}
	}
	if found.root != absolute {
		// A pack's folder is named from where the user is, and recorded from where the project is.
		found.project, a.dir = found.root, absolute
	}
	return found, nil
}

// project returns the folder of the project that the user is in.
func (a *app) project() (string, error) {
	found, err := a.locate()
	if err != nil {
		return "", err
	}
	return found.project, nil
}

// pathOf returns a path of the user's as seen from the project.
func (l *location) pathOf(name string) (string, error) {
	absolute := name
	if !filepath.IsAbs(name) {
		absolute = filepath.Join(l.here, name)
	} else if folder, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
		absolute = filepath.Join(folder, filepath.Base(name))
	}
	relative, err := filepath.Rel(l.root, absolute)
	if err != nil || !filepath.IsLocal(relative) || relative == "." {
		return "", &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: name}, Message: "this is not a file of the project " + l.project,
			Hint: "name a file inside of it",
		}
	}
	return filepath.ToSlash(relative), nil
}

// isFolder is an error unless there is a folder of that name.
func isFolder(dir string) error {
	invalid := func(message, hint string) error {
		return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: dir}, Message: message, Hint: hint}
	}
	info, err := os.Stat(dir)
	switch {
	case dir == "":
		return invalid("the name of the directory is empty", "leave it out for the current one, or name another")
	case errors.Is(err, fs.ErrNotExist):
		return invalid("there is no such directory", "check the path")
	case err != nil:
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: dir}, Message: "the directory cannot be opened", Err: err,
			Hint: "check the path, and that you may read it",
		}
	case !info.IsDir():
		return invalid("this is a file, and a directory is needed",
			fmt.Sprintf("name the directory that it is in: %s", filepath.Dir(dir)))
	default:
		return nil
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
