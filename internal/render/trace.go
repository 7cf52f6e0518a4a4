package render

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// Origin is where a line of a file comes from.
type Origin struct {
	// Line is the line of the template, counted from 1, and Text what stands there.
	Line int
	Text string
	// Conditions is what the template asks before it prints the line, from the outside to the inside.
	Conditions []string
}

// marks is marks in a template's text, which its output carries along: each says which part of the template follows. Traced,
// a template prints them too; they are taken out again.
type marks struct {
	text    string
	lines   []string
	origins []Origin
}

// A mark is a number between two characters that no template has.
const (
	markStart = "\uE000"
	markEnd   = "\uE001"
)

// place puts a mark before each part of a list that can print something.
func (m *marks) place(list *parse.ListNode, conditions []string) {
	if list == nil {
		return
	}
	var marked []parse.Node
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.IfNode:
			m.branch(&node.BranchNode, "if", conditions)
		case *parse.WithNode:
			m.branch(&node.BranchNode, "with", conditions)
		case *parse.RangeNode:
			m.branch(&node.BranchNode, "range", conditions)
		case *parse.TextNode:
			marked = append(marked, m.eachLine(node, conditions)...)
			continue
		}
		marked = append(marked, m.mark(m.lineOf(int(node.Position())), conditions), node)
	}
	list.Nodes = marked
}

func (m *marks) branch(node *parse.BranchNode, kind string, conditions []string) {
	m.place(node.List, append(slices.Clone(conditions), kind+" "+node.Pipe.String()))
	m.place(node.ElseList, append(slices.Clone(conditions), kind+" not "+node.Pipe.String()))
}

// eachLine is a text with a mark before each of its lines.
func (m *marks) eachLine(node *parse.TextNode, conditions []string) []parse.Node {
	var parts []parse.Node
	at := int(node.Position())
	for line := range bytes.Lines(node.Text) {
		parts = append(parts, m.mark(m.lineOf(at), conditions), &parse.TextNode{NodeType: parse.NodeText, Text: slices.Clone(line)})
		at += len(line)
	}
	return parts
}

// lineOf is the line of a position in the template. A text begins where it was before its blanks were trimmed.
func (m *marks) lineOf(position int) int {
	return 1 + strings.Count(m.text[:min(position, len(m.text))], "\n")
}

func (m *marks) mark(line int, conditions []string) parse.Node {
	m.origins = append(m.origins, Origin{Line: line, Text: m.lines[line-1], Conditions: conditions})
	return &parse.TextNode{NodeType: parse.NodeText, Text: []byte(fmt.Sprintf("%s%d%s", markStart, len(m.origins)-1, markEnd))}
}

// read takes the marks out of what was printed. The origin of a line is that of its first character.
func (m *marks) read(out []byte) (content []byte, origins []Origin) {
	var current Origin
	isNew := true
	for part := range bytes.SplitSeq(out, []byte(markStart)) {
		number, rest, marked := bytes.Cut(part, []byte(markEnd))
		if !marked {
			rest = part
		} else if n, err := strconv.Atoi(string(number)); err == nil && n < len(m.origins) {
			current = m.origins[n]
		}
		for line := range bytes.Lines(rest) {
			if isNew {
				origins = append(origins, current)
			}
			isNew = bytes.HasSuffix(line, []byte("\n"))
		}
		content = append(content, rest...)
	}
	return content, origins
}
