package fault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

func TestError(t *testing.T) {
	err := &fault.Error{Code: fault.Invalid, Place: fault.Place{File: "f.yaml", Line: 3, Column: 5}, Message: "no such key", Err: fs.ErrNotExist}
	if got, want := err.Error(), "f.yaml:3:5: no such key: file does not exist"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got := (&fault.Error{Place: fault.Place{File: "f"}, Message: "m"}).Error(); got != "f: m" {
		t.Errorf("without a line it is %q", got)
	}
}

func TestListKeepsEveryError(t *testing.T) {
	list := fault.List{{Code: fault.InputNeeded, Message: "a"}, {Code: fault.Invalid, Message: "b", Err: fs.ErrExist}}
	err := fmt.Errorf("wrapped: %w", list.OrNil())
	if got := fault.All(err); len(got) != 2 || fault.CodeOf(err) != fault.InputNeeded || !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", got)
	}
	if list.Error() != "a\nb: file already exists" {
		t.Errorf("it reads %q", list.Error())
	}
	if (fault.List{}).OrNil() != nil {
		t.Error("an empty list is an error")
	}
}

func TestAnErrorFromElsewhereIsInternal(t *testing.T) {
	if got := fault.CodeOf(errors.New("x")); got != fault.Internal {
		t.Errorf("got %s", got)
	}
	if fault.Wrap(nil, "nothing") != nil {
		t.Error("wrapping nothing is an error")
	}
	if err := fault.Wrap(fs.ErrClosed, "reading %d", 1); err.Error() != "reading 1: file already closed" {
		t.Errorf("it reads %q", err)
	}
}
