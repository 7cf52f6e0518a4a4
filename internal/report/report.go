// Package report turns results into text for people and JSON for programs.
package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Schema is the version of the JSON form.
const Schema = "scaffold/v1"

// Result is something to print.
type Result interface {
	Text(w io.Writer) error
	// Data is the result as a value for JSON.
	Data() any
	// Next is the commands that make sense now.
	Next() [][]string
}

type envelope struct {
	Schema string     `json:"schema"`
	OK     bool       `json:"ok"`
	Result any        `json:"result,omitempty"`
	Error  *jsonError `json:"error,omitempty"`
	Next   [][]string `json:"next"`
}

type jsonError struct {
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
	Hint    string     `json:"hint,omitempty"`
	// Problems is every single thing that is wrong; the members above speak of the first.
	Problems []problem `json:"problems"`
}

type problem struct {
	Code    fault.Code   `json:"code"`
	Message string       `json:"message"`
	Hint    string       `json:"hint,omitempty"`
	Place   *fault.Place `json:"place,omitempty"`
}

// JSON prints the result as one object.
func JSON(w io.Writer, r Result) error {
	next := r.Next()
	if next == nil {
		next = [][]string{}
	}
	return encode(w, envelope{Schema: Schema, OK: true, Result: r.Data(), Next: next})
}

// JSONError prints an error as one object.
func JSONError(w io.Writer, err error) error {
	list := fault.All(err)
	object := &jsonError{Code: list[0].Code, Message: list[0].Error(), Hint: list[0].Hint}
	for _, e := range list {
		p := problem{Code: e.Code, Message: e.Said(), Hint: e.Hint}
		if e.Place != (fault.Place{}) {
			p.Place = &e.Place
		}
		object.Problems = append(object.Problems, p)
	}
	return encode(w, envelope{Schema: Schema, Error: object, Next: [][]string{}})
}

// TextError prints an error for people: each problem with its hint.
func TextError(w io.Writer, err error) {
	for _, e := range fault.All(err) {
		fmt.Fprintf(w, "error: %s\n", e.Error())
		if e.Hint != "" {
			fmt.Fprintf(w, "hint:  %s\n", e.Hint)
		}
	}
}

func encode(w io.Writer, object envelope) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(object)
}
