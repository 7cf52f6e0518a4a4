package project

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// exchange gives two files of a folder each other's name, in one step. It reports false where the file system cannot do that.
func exchange(folder *os.File, one, other string) (isDone bool, err error) {
	return done(unix.Renameat2(int(folder.Fd()), one, int(folder.Fd()), other, unix.RENAME_EXCHANGE))
}

// renameNew gives a file a name that no other has. It reports false where the file system cannot see to that.
func renameNew(folder *os.File, from, to string) (isDone bool, err error) {
	return done(unix.Renameat2(int(folder.Fd()), from, int(folder.Fd()), to, unix.RENAME_NOREPLACE))
}

func done(err error) (bool, error) {
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return false, nil
	}
	return true, err
}
