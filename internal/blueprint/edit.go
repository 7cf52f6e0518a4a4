package blueprint

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Edit is the text of a blueprint.yaml with another value for one input. Comments, order and everything else stay as
// they are. The text has to be valid.
func Edit(file string, text []byte, key, value string) ([]byte, error) {
	input, ok := find(key)
	if !ok {
		return nil, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("there is no input %q", key), Hint: oneOf(key, Keys())}
	}
	tree, problem := parseTree(file, text)
	if problem != nil {
		return nil, problem
	}
	written := input.written(input.Split(value))
	for _, document := range tree.Docs {
		if node := lookUp(document.Body, key); node != nil {
			return replaceNode(file, text, node, key, written)
		}
	}
	if strings.Contains(key, ".") {
		return nil, cannotEdit(fault.Place{File: file}, key, written)
	}
	if len(text) > 0 && !strings.HasSuffix(string(text), "\n") {
		text = append(text, '\n')
	}
	return append(text, fmt.Sprintf("%s: %s\n", key, written)...), nil
}

// lookUp is the value at a path of keys, joined by dots.
func lookUp(node ast.Node, path string) ast.Node {
	for _, entry := range entries(node) {
		key := entry.Key.GetToken().Value
		if key == path {
			return entry.Value
		}
		if rest, ok := strings.CutPrefix(path, key+"."); ok {
			return lookUp(entry.Value, rest)
		}
	}
	return nil
}

// replaceNode puts the text in the place of a value that stands on one line.
func replaceNode(file string, text []byte, node ast.Node, key, written string) ([]byte, error) {
	start := node.GetToken()
	place := fault.Place{File: file, Line: start.Position.Line, Column: start.Position.Column}
	lines := strings.SplitAfter(string(text), "\n")
	line := []rune(lines[start.Position.Line-1])
	from := start.Position.Column - 1
	var to int
	switch node := node.(type) {
	case *ast.StringNode:
		to = from + len([]rune(strings.TrimSpace(start.Origin)))
	case *ast.SequenceNode:
		if !node.IsFlowStyle || node.End == nil || node.End.Position.Line != start.Position.Line {
			return nil, cannotEdit(place, key, written)
		}
		to = node.End.Position.Column
	default:
		return nil, cannotEdit(place, key, written)
	}
	if from < 0 || to > len(line) {
		return nil, cannotEdit(place, key, written)
	}
	lines[start.Position.Line-1] = string(line[:from]) + written + string(line[to:])
	return []byte(strings.Join(lines, "")), nil
}

func cannotEdit(place fault.Place, key, written string) error {
	return &fault.Error{
		Code: fault.Invalid, Place: place, Message: key + " cannot be changed here without disturbing what stands around it",
		Hint: fmt.Sprintf("write %s: %s yourself, and run scaffold update", key, written),
	}
}
