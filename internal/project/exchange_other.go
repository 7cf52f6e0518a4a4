//go:build !linux

package project

import "os"

// exchange and renameNew need a system call that only Linux has in this form.
func exchange(*os.File, string, string) (isDone bool, err error)  { return false, nil }
func renameNew(*os.File, string, string) (isDone bool, err error) { return false, nil }
