// Package report turns results into text for people and JSON for programs.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
)

// Schema is the version of the JSON form.
const Schema = "scaffold/v1"

// Result is something to print.
type Result interface {
	Text(w io.Writer) error
	// Data is the result as a value for JSON.
	Data() any
	// Next is the commands that make sense now.
	Next() Next
}

// Next is commands for whoever has read a result. They are printed, and never run.
type Next struct {
	Commands [][]string
	// IsForeign says that a pack that is not built in has written some of them.
	IsForeign bool
}

// nextOf returns the steps of a pack after commands of this program's own.
func nextOf(steps []pack.Step, own ...[]string) Next {
	next := Next{Commands: own}
	for _, step := range steps {
		next.Commands = append(next.Commands, step.Run)
		next.IsForeign = next.IsForeign || step.IsForeign
	}
	return next
}

// Object is the contract with programs: with --json, stdout is exactly one of these, whatever happens.
type Object struct {
	Schema string `json:"schema"`
	// OK says that the exit status is 0.
	OK bool `json:"ok"`
	// Result is what the command has found or done. A result that is not OK is one of findings or of conflicts, and
	// says which.
	Result any `json:"result,omitempty"`
	// Error says why there is no result.
	Error *Failure `json:"error,omitempty"`
	// Next is the commands that make sense now, each with its arguments.
	Next [][]string `json:"next"`
	// NextFrom is "pack" where Next has commands of a pack that is not built in: to be read before they are run.
	NextFrom string `json:"nextFrom,omitempty"`
}

// Failure is an error.
type Failure struct {
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
	Hint    string     `json:"hint,omitempty"`
	// Problems is every single thing that is wrong; the members above speak of the first.
	Problems []Problem `json:"problems"`
}

// Problem is one thing that is wrong.
type Problem struct {
	Code    fault.Code   `json:"code"`
	Message string       `json:"message"`
	Hint    string       `json:"hint,omitempty"`
	Place   *fault.Place `json:"place,omitempty"`
}

// JSON prints the result as one object.
func JSON(w io.Writer, r Result, ok bool) error {
	next := r.Next()
	object := Object{Schema: Schema, OK: ok, Result: r.Data(), Next: next.Commands}
	if next.IsForeign {
		object.NextFrom = "pack"
	}
	return encode(w, object)
}

// JSONError prints an error as one object.
func JSONError(w io.Writer, err error) error {
	list := fault.All(err)
	failure := &Failure{Code: list[0].Code, Message: list[0].Error(), Hint: list[0].Hint}
	for _, e := range list {
		failure.Problems = append(failure.Problems, problemOf(e))
	}
	return encode(w, Object{Schema: Schema, Error: failure})
}

func problemOf(e *fault.Error) Problem {
	p := Problem{Code: e.Code, Message: e.Said(), Hint: e.Hint}
	if e.Place != (fault.Place{}) {
		p.Place = &e.Place
	}
	return p
}

const (
	errorLabel = "error: "
	hintLabel  = "hint:  "
	margin     = "       "
)

// TextError prints an error for people: each problem with its hint.
func TextError(w io.Writer, err error) {
	for _, e := range fault.All(err) {
		fmt.Fprintf(w, "%s%s\n", errorLabel, indented(placed(e).Error(), margin))
		if e.Hint != "" {
			fmt.Fprintf(w, "%s%s\n", hintLabel, indented(e.Hint, margin))
		}
	}
}

// placed returns the error with a place that is on one line.
func placed(e *fault.Error) *fault.Error {
	shown := *e
	shown.Place.File = line(e.Place.File)
	return &shown
}

func encode(w io.Writer, object Object) error {
	if object.Next == nil {
		object.Next = [][]string{}
	}
	encoded, err := marshal(object)
	if err != nil {
		return err
	}
	_, err = w.Write(encoded)
	return err
}

// marshal returns a value as JSON that a terminal can show.
func marshal(value any) ([]byte, error) {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return visibleJSON(encoded.Bytes()), nil
}

// Prose is text that is a result of its own: help, or a script for a shell.
type Prose struct {
	// Kind is the name of its member in the object, such as help.
	Kind    string
	Content string
}

// Text prints it.
func (p *Prose) Text(w io.Writer) error {
	_, err := io.WriteString(w, p.Content)
	return err
}

// Data is an object with the text in it.
func (p *Prose) Data() any { return map[string]string{p.Kind: p.Content} }

// Next is nothing.
func (p *Prose) Next() Next { return Next{} }
