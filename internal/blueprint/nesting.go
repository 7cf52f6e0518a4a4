package blueprint

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// maxBytes and maxNesting bound a file before the YAML parser reads it: its memory grows with the nesting, and its
// time with the square of the size. 256 kB have room for 2,000 functions and take seconds at worst; 1 MB can take
// minutes (measured 2026-11).
const (
	maxBytes   = 256 << 10
	maxNesting = 40
)

// Nesting returns an upper bound for how deep the lists and mappings of a YAML text lie in each other, by its brackets
// and by its indentation. It reads no YAML, and so it is safe for any text; every parser of YAML from elsewhere asks it
// first.
func Nesting(text []byte) int {
	open, deepest := 0, 0
	for line := range bytes.Lines(text) {
		indent := len(line) - len(bytes.TrimLeft(line, " -?:\t"))
		for _, char := range line {
			switch char {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			}
			deepest = max(deepest, open+indent/2)
		}
	}
	return deepest
}

// parseTree parses a text as YAML, if it is within the bounds.
func parseTree(file string, text []byte) (*ast.File, *fault.Error) {
	place := fault.Place{File: file}
	switch {
	case len(text) > maxBytes:
		message := fmt.Sprintf("the file has %d kB, and a blueprint has %d at most", len(text)>>10, maxBytes>>10)
		return nil, invalid(place, message, "check that it is the right file")
	case !utf8.Valid(text):
		return nil, invalid(place, "the file is not text in UTF-8", "check that it is the right file, or convert it")
	case Nesting(text) > maxNesting:
		message := fmt.Sprintf("the file is more than %d levels deep", maxNesting)
		return nil, invalid(place, message, "close the brackets, and indent less")
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntaxError(file, err)
	}
	return tree, nil
}

func invalid(place fault.Place, message, hint string) *fault.Error {
	return &fault.Error{Code: fault.Invalid, Place: place, Message: message, Hint: hint}
}

func syntaxError(file string, err error) *fault.Error {
	place := fault.Place{File: file}
	message := err.Error()
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		position := syntax.GetToken().Position
		place.Line, place.Column = position.Line, position.Column
		message = syntax.GetMessage()
	}
	return invalid(place, message, syntaxHint(message))
}

// marker is the beginning of a conflict that a merge has left.
var marker = regexp.MustCompile(`(?m)^(<{7}|\|{7}|>{7}) `)

// conflictError is an error if the text has the markers of a merge; nil if it has none.
func conflictError(file string, text []byte) error {
	at := marker.FindIndex(text)
	if at == nil {
		return nil
	}
	place := fault.Place{File: file, Line: 1 + bytes.Count(text[:at[0]], []byte("\n")), Column: 1}
	return &fault.Error{Code: fault.Conflicts, Place: place, Message: "a merge has left a conflict here", Hint: "choose between the versions, and try again"}
}

// syntaxHint returns how to put right what the parser complains about.
func syntaxHint(message string) string {
	for _, known := range []struct{ part, hint string }{
		{"\t", "indent with spaces: YAML takes no tabs"},
		{"tab character", "indent with spaces: YAML takes no tabs"},
		{"already defined", "put what both have below one of them"},
		{"end token ']'", "close the list with ]"},
		{"end token '}'", "close the mapping with }"},
		{"',' or ']'", "close the list with ], or put a comma between its items"},
		{"',' or '}'", "close the mapping with }, or put a comma between its entries"},
		{"corresponding to", "remove the bracket, or open it first"},
		{"end character of", "close the quotes"},
		{"reserved character", "put the value into quotes"},
		{"mapping value is not allowed", "put the value into quotes, or the key on a line of its own"},
	} {
		if strings.Contains(message, known.part) {
			return known.hint
		}
	}
	return "this is not YAML: write key: value, one a line"
}
