// Package cfn reads CloudFormation templates as what they are: resources with properties that refer to each other.
// It resolves nothing; that would take a deployment.
package cfn

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Template is a template's resources, by their logical ids.
type Template struct {
	File      string
	Resources map[string]*Resource
}

// Resource is one resource of a template.
type Resource struct {
	ID         string         `json:"-"`
	Type       string         `json:"Type"`
	Properties map[string]any `json:"Properties"`
	// DeletionPolicy and UpdateReplacePolicy are Delete, Retain, … or empty.
	DeletionPolicy      string `json:"DeletionPolicy"`
	UpdateReplacePolicy string `json:"UpdateReplacePolicy"`
	// UpdatePolicy is how CloudFormation changes the resource.
	UpdatePolicy map[string]any `json:"UpdatePolicy"`
	// Line is where the resource begins, counted from 1; 0 if that is not known.
	Line int `json:"-"`
}

// Parse reads the text of a template, in YAML if the file's name says so, and in JSON otherwise.
func Parse(file string, text []byte) (*Template, error) {
	lines := map[string]int{}
	if strings.HasSuffix(file, ".yaml") || strings.HasSuffix(file, ".yml") {
		encoded, found, err := fromYAML(text)
		if err != nil {
			return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: file}, Message: "this is no CloudFormation template in YAML", Err: err}
		}
		text, lines = encoded, found
	}
	var document struct {
		Transform any
		Resources map[string]*Resource
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: file}, Message: "this is no CloudFormation template in JSON", Err: err}
	}
	if strings.Contains(fmt.Sprint(document.Transform), "AWS::Serverless") {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: file}, Message: "this is a SAM template, whose transform is not understood: what it expands to would not be checked",
			Hint: "check what `sam build` and `sam package` have expanded, or a template without a transform",
		}
	}
	if document.Resources == nil {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: file}, Message: "this template has no resources"}
	}
	maps.DeleteFunc(document.Resources, func(_ string, r *Resource) bool { return r == nil })
	for id, resource := range document.Resources {
		resource.ID, resource.Line = id, lines[id]
		if at := bytes.Index(text, []byte(fmt.Sprintf("%q: {", id))); at >= 0 && len(lines) == 0 {
			resource.Line = 1 + bytes.Count(text[:at], []byte("\n"))
		}
	}
	return &Template{File: file, Resources: document.Resources}, nil
}

// OfType is all resources of the given types, sorted by their ids.
func (t *Template) OfType(kinds ...string) []*Resource {
	var found []*Resource
	for _, resource := range t.Resources {
		if slices.Contains(kinds, resource.Type) {
			found = append(found, resource)
		}
	}
	slices.SortFunc(found, func(a, b *Resource) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// Refs is the resources that a value refers to, by Ref, Fn::GetAtt, Fn::Sub or DependsOn-like plain ids inside of them.
func (t *Template) Refs(value any) []*Resource {
	found := map[string]*Resource{}
	t.collect(value, found)
	return slices.SortedFunc(maps.Values(found), func(a, b *Resource) int { return cmp.Compare(a.ID, b.ID) })
}

func (t *Template) collect(value any, found map[string]*Resource) {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			switch key {
			case "Ref":
				t.add(fmt.Sprint(member), found)
			case "Fn::GetAtt":
				t.add(attributeOwner(member), found)
			case "Fn::Sub":
				t.collectSub(member, found)
			default:
				t.collect(member, found)
			}
		}
	case []any:
		for _, item := range value {
			t.collect(item, found)
		}
	}
}

func attributeOwner(argument any) string {
	if parts, ok := argument.([]any); ok && len(parts) > 0 {
		return fmt.Sprint(parts[0])
	}
	id, _, _ := strings.Cut(fmt.Sprint(argument), ".")
	return id
}

// collectSub finds ${Id} and ${Id.Attribute} in the text of a Fn::Sub, and what its variables refer to.
func (t *Template) collectSub(argument any, found map[string]*Resource) {
	text, ok := argument.(string)
	if parts, isList := argument.([]any); isList && len(parts) > 0 {
		text, ok = fmt.Sprint(parts[0]), true
		t.collect(parts[1:], found)
	}
	if !ok {
		return
	}
	for part := range strings.SplitSeq(text, "${") {
		if name, _, closed := strings.Cut(part, "}"); closed {
			t.add(attributeOwner(name), found)
		}
	}
}

func (t *Template) add(id string, found map[string]*Resource) {
	if resource, ok := t.Resources[id]; ok {
		found[id] = resource
	}
}

// RefersTo says whether a value refers to the resource.
func (t *Template) RefersTo(value any, resource *Resource) bool {
	return slices.Contains(t.Refs(value), resource)
}

// At follows keys into the properties; nil where there is nothing.
func (r *Resource) At(keys ...string) any { return At(r.Properties, keys...) }

// Text is the string at the keys; empty where there is none, or an intrinsic function.
func (r *Resource) Text(keys ...string) string {
	text, _ := r.At(keys...).(string)
	return text
}

// Number is the number at the keys, and whether there is one.
func (r *Resource) Number(keys ...string) (float64, bool) {
	number, ok := r.At(keys...).(float64)
	return number, ok
}

// List is the list at the keys; a single value counts as a list of one.
func (r *Resource) List(keys ...string) []any { return List(r.At(keys...)) }

// At follows keys into a value; nil where there is nothing.
func At(value any, keys ...string) any {
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[key]
	}
	return value
}

// List is the value as a list; a single value counts as a list of one, nothing as an empty list.
func List(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	default:
		return []any{value}
	}
}
