package blueprint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// AppendFunction is the text of a blueprint.yaml with one more function. Comments, order and everything else stay as they are.
func AppendFunction(file string, text []byte, function *Function) ([]byte, error) {
	return appendItem(file, text, functionsKey, function.Item())
}

// AppendResource is the text of a blueprint.yaml with one more resource of a kind: table, queue, bus or secret.
func AppendResource(file string, text []byte, kind string, resource Resource) ([]byte, error) {
	sections := ResourceSections()
	n := slices.IndexFunc(sections, func(s ResourceSection) bool { return s.Kind == kind })
	if n < 0 {
		return nil, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("there is no kind of resource %q", kind)}
	}
	return appendItem(file, text, sections[n].Key, resource.Item())
}

// appendItem puts an item into a list that has a line for each item, or makes the list.
func appendItem(file string, text []byte, section string, item []string) ([]byte, error) {
	tree, problem := parseTree(file, text)
	if problem != nil {
		return nil, problem
	}
	newline := "\n"
	if strings.Contains(string(text), "\r\n") {
		newline = "\r\n"
	}
	text = endLine(text, newline)
	entry, next := findSection(tree, section)
	if entry == nil {
		return append(slices.Clip(text), section+":"+newline+itemText("  ", item, newline)...), nil
	}
	lines := strings.SplitAfter(string(text), "\n")
	list, ok := entry.Value.(*ast.SequenceNode)
	switch {
	case ok && isEmptyOnOneLine(list):
		return fillEmpty(lines, list, itemText("  ", item, newline), newline), nil
	case !ok || list.IsFlowStyle || len(list.Values) == 0:
		place := entry.Key.GetToken().Position
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: file, Line: place.Line, Column: place.Column},
			Message: fmt.Sprintf("nothing can be added to %s: it is not a list with one item a line", section), Hint: "write each item on a line of its own, after a dash",
		}
	}
	at := next - 1
	if later := laterItem(list, item); later != nil {
		at = itemLine(later) - 1
	}
	for at > 0 && isBlankOrComment(lines[at-1]) {
		at--
	}
	indent := strings.Repeat(" ", list.Start.Position.Column-1)
	return []byte(strings.Join(slices.Insert(lines, at, itemText(indent, item, newline)), "")), nil
}

// laterItem is the first item of a sorted list that comes after a new one: two branches that each add an item touch different
// lines then. A list that is not sorted gets new items at its end.
func laterItem(list *ast.SequenceNode, item []string) ast.Node {
	name, _ := strings.CutPrefix(item[0], "name: ")
	names := make([]string, len(list.Values))
	for n, other := range list.Values {
		names[n] = itemName(other)
	}
	if !slices.IsSorted(names) {
		return nil
	}
	at := slices.IndexFunc(names, func(other string) bool { return other > name })
	if at < 0 {
		return nil
	}
	return list.Values[at]
}

// endLine is the text with a newline at its end, if it has any text.
func endLine(text []byte, newline string) []byte {
	if len(text) == 0 || strings.HasSuffix(string(text), "\n") {
		return text
	}
	return append(slices.Clip(text), newline...)
}

func isEmptyOnOneLine(list *ast.SequenceNode) bool {
	return list.IsFlowStyle && len(list.Values) == 0 && list.End != nil && list.End.Position.Line == list.Start.Position.Line
}

// itemText is an item of a list, its lines at an indentation.
func itemText(indent string, item []string, newline string) string {
	return indent + "- " + strings.Join(item, newline+indent+"  ") + newline
}

// fillEmpty replaces the brackets of an empty list by its first item.
func fillEmpty(lines []string, list *ast.SequenceNode, item, newline string) []byte {
	at := list.Start.Position.Line - 1
	line := []rune(lines[at])
	before := strings.TrimRight(string(line[:list.Start.Position.Column-1]), " ")
	lines[at] = before + strings.TrimRight(string(line[list.End.Position.Column:]), "\r\n") + newline + item
	return []byte(strings.Join(lines, ""))
}

// findSection is the entry of a key at the top of the file, and the line at which what follows it begins.
func findSection(tree *ast.File, key string) (entry *ast.MappingValueNode, next int) {
	for _, document := range tree.Docs {
		for _, candidate := range entries(document.Body) {
			line := candidate.Key.GetToken().Position.Line
			if entry != nil {
				return entry, line
			}
			if candidate.Key.GetToken().Value == key {
				entry = candidate
			}
		}
	}
	if entry == nil {
		return nil, 0
	}
	return entry, 1 + lastLine(entry.Value)
}

// lastLine is the last line of a list: that of the last token in it.
func lastLine(node ast.Node) int {
	last := node.GetToken()
	for last.Next != nil {
		last = last.Next
	}
	return last.Position.Line + strings.Count(strings.TrimRight(last.Origin, "\r\n "), "\n")
}

func isBlankOrComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}
