// Package fault is how this program says that something went wrong: what happened, where, and what to do next.
//
// Every layer below the command line returns these errors and prints nothing. The code decides the exit status;
// the hint is the next thing to type.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code tells the kinds of failure apart that a script may want to react to.
type Code string

// The codes, from the most to the least surprising. internal/cli maps each of them to one exit status.
const (
	Internal    Code = "internal"
	Invalid     Code = "invalid_input"
	Findings    Code = "findings"
	InputNeeded Code = "input_needed"
	Conflicts   Code = "conflicts"
	// Refused is what trust or the lock forbid.
	Refused Code = "refused"
	// Network is what needs the network, and it is not there or not allowed.
	Network     Code = "network"
	Interrupted Code = "interrupted"
)

// Place is a position in a file; Line and Column count from 1 and are 0 where they are not known.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is the place as editors and compilers write it: file:line:column.
func (p Place) String() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Error is one thing that went wrong.
type Error struct {
	Code    Code
	Place   Place
	Message string
	// Hint is what to type or change next.
	Hint string
	// Err is the cause, if there is one.
	Err error
}

// Error is the message with its place and cause, on one line.
func (e *Error) Error() string {
	var parts []string
	if place := e.Place.String(); place != "" {
		parts = append(parts, place)
	}
	return strings.Join(append(parts, e.Said()), ": ")
}

// Said returns the message with its cause, for who has the place beside it.
func (e *Error) Said() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// List is several errors of which none is more important than the others.
type List []*Error

// Error is one line for each error.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As access to each error.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// OrNil is the list as an error, or nil if it is empty.
func (l List) OrNil() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Wrap is an internal error: something that neither the user nor this program expected.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Code: Internal, Message: fmt.Sprintf(format, args...), Err: err}
}

// All is every single error in err, in order. An error from elsewhere becomes an internal one.
func All(err error) List {
	if list, ok := errors.AsType[List](err); ok {
		return list
	}
	if single, ok := errors.AsType[*Error](err); ok {
		return List{single}
	}
	return List{{Code: Internal, Message: err.Error(), Err: errors.Unwrap(err)}}
}

// CodeOf is the code of the first error in err.
func CodeOf(err error) Code { return All(err)[0].Code }
