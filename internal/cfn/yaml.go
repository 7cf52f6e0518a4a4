package cfn

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
)

// maxNesting bounds a template before it is read as YAML: the parser's memory grows with the square of the depth. Brackets in
// texts count as levels.
const maxNesting = 1000

// fromYAML is a template in YAML as the same template in JSON, with the short forms of intrinsic functions written
// out (!Ref, !GetAtt, !Sub, …), and the lines of its resources.
func fromYAML(text []byte) (encoded []byte, lines map[string]int, err error) {
	if blueprint.Nesting(text) > maxNesting {
		return nil, nil, fmt.Errorf("it is more than %d levels deep", maxNesting)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, nil, err
	}
	if len(tree.Docs) != 1 {
		return nil, nil, errors.New("a template is one document")
	}
	c := &converter{}
	value := c.convert(tree.Docs[0].Body)
	if c.err != nil {
		return nil, nil, c.err
	}
	encoded, err = json.Marshal(value)
	return encoded, resourceLines(tree.Docs[0].Body), err
}

// converter turns nodes into values and keeps the first error.
type converter struct{ err error }

func (c *converter) convert(node ast.Node) any {
	switch node := node.(type) {
	case *ast.MappingNode:
		return c.mapping(node.Values)
	case *ast.MappingValueNode:
		return c.mapping([]*ast.MappingValueNode{node})
	case *ast.SequenceNode:
		list := make([]any, len(node.Values))
		for i, item := range node.Values {
			list[i] = c.convert(item)
		}
		return list
	case *ast.TagNode:
		return c.tag(node)
	case *ast.LiteralNode:
		return node.Value.Value
	case *ast.NullNode, nil:
		return nil
	case ast.ScalarNode:
		return node.GetValue()
	default:
		c.err = errors.Join(c.err, errors.New("anchors and aliases are not read: "+node.String()))
		return nil
	}
}

func (c *converter) mapping(entries []*ast.MappingValueNode) map[string]any {
	object := map[string]any{}
	for _, entry := range entries {
		object[entry.Key.GetToken().Value] = c.convert(entry.Value)
	}
	return object
}

// tag writes the short form of an intrinsic function out: !Ref is Ref, !Condition is Condition, !X is Fn::X.
func (c *converter) tag(node *ast.TagNode) any {
	name := strings.TrimPrefix(node.Start.Value, "!")
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return map[string]any{name: c.convert(node.Value)}
}

func resourceLines(body ast.Node) map[string]int {
	lines := map[string]int{}
	for _, section := range children(body) {
		if section.Key.GetToken().Value != "Resources" {
			continue
		}
		for _, resource := range children(section.Value) {
			lines[resource.Key.GetToken().Value] = resource.Key.GetToken().Position.Line
		}
	}
	return lines
}

func children(node ast.Node) []*ast.MappingValueNode {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}
	default:
		return nil
	}
}
