package project

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// errSaved says that somebody has saved, made or deleted a file in the moment in which it was replaced. Nothing of theirs is
// lost: the file is as they have left it.
var errSaved = errors.New("the file was saved meanwhile")

// replace gives the draft the name of a file in the same folder, if that has the content that it shall replace; nil for no file.
// Where the system can exchange two files, a save at any moment is noticed: what was replaced is looked at afterwards, and comes
// back if it is not what was expected. Elsewhere a save between the last look and the rename is lost.
func (t *tree) replace(draft, name string, replaced, after []byte) error {
	if err := t.before("rename", name); err != nil {
		return err
	}
	folder, err := t.root.Open(filepath.FromSlash(path.Dir(name)))
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	if replaced == nil {
		isDone, err := renameNew(folder, path.Base(draft), path.Base(name))
		if isDone && errors.Is(err, fs.ErrExist) {
			return t.giveUp(draft)
		}
		if isDone {
			return err
		}
		return t.replaceAfterLook(draft, name, replaced)
	}
	isDone, err := exchange(folder, path.Base(draft), path.Base(name))
	switch {
	case !isDone:
		return t.replaceAfterLook(draft, name, replaced)
	case errors.Is(err, fs.ErrNotExist):
		return t.giveUp(draft)
	case err != nil:
		return err
	}
	return t.settleExchange(folder, draft, name, replaced, after)
}

// settleExchange looks at what was replaced. If somebody had saved it, the names are exchanged back, until the draft is ours again.
func (t *tree) settleExchange(folder *os.File, draft, name string, replaced, after []byte) error {
	for {
		old, err := t.read(draft)
		switch {
		case err != nil:
			return err
		case same(old, replaced):
			return t.remove(draft)
		case same(old, after):
			return t.giveUp(draft)
		}
		if _, err := exchange(folder, path.Base(draft), path.Base(name)); err != nil {
			return err
		}
	}
}

func (t *tree) replaceAfterLook(draft, name string, replaced []byte) error {
	current, err := t.read(name)
	if err != nil {
		return err
	}
	if !same(current, replaced) {
		return t.giveUp(draft)
	}
	return t.root.Rename(filepath.FromSlash(draft), filepath.FromSlash(name))
}

func (t *tree) giveUp(draft string) error { return errors.Join(errSaved, t.remove(draft)) }
