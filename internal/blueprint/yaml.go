package blueprint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Parse reads the text of a blueprint.yaml. Everything that is wrong with it is in the error, each with its line.
func Parse(file string, text []byte) (*Blueprint, error) {
	if err := conflictError(file, text); err != nil {
		return nil, err
	}
	draft, problems := parse(file, text, true)
	if draft == nil {
		return nil, problems
	}
	b, err := draft.finish(problems)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// ParseValues reads a file that says something about some of the inputs, with the keys of a blueprint.yaml.
func ParseValues(file string, text []byte) (*Draft, error) {
	draft, problems := parse(file, text, false)
	return draft, problems.OrNil()
}

// Text is the blueprint as the content of a blueprint.yaml.
func (b *Blueprint) Text() []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "apiVersion: %s\n", APIVersion)
	section := ""
	for _, input := range Inputs() {
		key := input.Key
		if parent, child, ok := strings.Cut(key, "."); ok {
			if parent != section {
				fmt.Fprintf(&text, "%s:\n", parent)
			}
			section, key = parent, "  "+child
		}
		fmt.Fprintf(&text, "%s: %s\n", key, input.written(input.values(b)))
	}
	b.writeParts(&text)
	for n, waiver := range b.Waivers {
		if n == 0 {
			text.WriteString("waivers:\n")
		}
		fmt.Fprintf(&text, "  - rule: %s\n    path: %s\n    reason: %s\n", yamlScalar(waiver.Rule),
			yamlScalar(waiver.Path), yamlScalar(waiver.Reason))
		if waiver.Expires != "" {
			fmt.Fprintf(&text, "    expires: %s\n", yamlScalar(waiver.Expires))
		}
	}
	return []byte(text.String())
}

// writeParts writes the functions and resources, each list with its key.
func (b *Blueprint) writeParts(text *strings.Builder) {
	for _, section := range ResourceSections() {
		for n, resource := range section.Of(b) {
			writeItem(text, section.Key, n, resource.Item())
		}
	}
	for n := range b.Functions {
		writeItem(text, functionsKey, n, b.Functions[n].Item())
	}
}

func writeItem(text *strings.Builder, section string, n int, item []string) {
	if n == 0 {
		fmt.Fprintf(text, "%s:\n", section)
	}
	fmt.Fprintf(text, "  - %s\n", strings.Join(item, "\n    "))
}

// reader walks over a file and collects values and problems.
type reader struct {
	file     string
	draft    *Draft
	version  string
	problems fault.List
}

func parse(file string, text []byte, versioned bool) (*Draft, fault.List) {
	r := &reader{file: file, draft: NewDraft()}
	tree, problem := parseTree(file, text)
	if problem != nil {
		return nil, fault.List{problem}
	}
	for _, document := range tree.Docs {
		r.read("", document.Body)
	}
	if versioned && r.version == "" && len(r.problems) == 0 {
		r.problem(fault.Place{File: file, Line: 1, Column: 1}, "apiVersion is missing", "start the file with apiVersion: "+APIVersion)
	}
	return r.draft, r.problems
}

func (r *reader) read(prefix string, node ast.Node) {
	switch node := node.(type) {
	case nil, *ast.CommentGroupNode:
	case *ast.MappingNode:
		for _, entry := range node.Values {
			r.entry(prefix, entry)
		}
	case *ast.MappingValueNode:
		r.entry(prefix, node)
	default:
		message := "expected keys and values"
		if section := strings.TrimSuffix(prefix, "."); section != "" {
			message += " under " + section
		}
		r.problem(r.place(node), message, "write key: value")
	}
}

func (r *reader) entry(prefix string, entry *ast.MappingValueNode) {
	key := prefix + entry.Key.GetToken().Value
	place := r.place(entry.Key)
	switch {
	case key == "apiVersion":
		r.readVersion(entry)
	case key == "waivers":
		r.waivers(entry.Value)
	case key == functionsKey:
		r.functions(entry.Value)
	case resourceSection(key) != nil:
		r.resources(resourceSection(key), entry.Value)
	case r.draft.Has(key):
		r.problem(place, key+" is given twice", "remove one of them")
	case isSection(key):
		r.read(key+".", entry.Value)
	case !isInput(key):
		r.problem(place, fmt.Sprintf("there is no key %q", key), oneOf(key, append(Keys(), sectionKeys()...)))
	default:
		r.value(key, entry.Value)
	}
}

func (r *reader) readVersion(entry *ast.MappingValueNode) {
	r.version = entry.Value.GetToken().Value
	if r.version != APIVersion {
		r.problem(r.place(entry.Value), fmt.Sprintf("apiVersion cannot be %q", r.version), "this version reads "+APIVersion)
	}
}

func (r *reader) value(key string, node ast.Node) {
	input, _ := find(key)
	place := r.place(node)
	values, ok := scalars(node, input.Kind == Strings)
	if !ok {
		r.problem(place, key+" has a value of the wrong type", "expected "+input.shape())
		r.draft.values[key] = given{isBroken: true}
		return
	}
	r.draft.values[key] = given{values: values, place: place}
}

func (i *Input) shape() string {
	if i.Kind == Strings {
		return "a list of strings, such as [a, b]"
	}
	return "a string"
}

// scalars is the string, or the list of strings, that stands in the file.
func scalars(node ast.Node, isList bool) ([]string, bool) {
	sequence, ok := node.(*ast.SequenceNode)
	if ok != isList {
		return nil, false
	}
	if !isList {
		text, ok := node.(*ast.StringNode)
		if !ok {
			return nil, false
		}
		return []string{text.Value}, true
	}
	var values []string
	for _, item := range sequence.Values {
		text, ok := item.(*ast.StringNode)
		if !ok {
			return nil, false
		}
		values = append(values, text.Value)
	}
	return values, true
}

// functionsKey is the key of the list of functions.
const functionsKey = "functions"

// sectionKeys is the keys that are no inputs.
func sectionKeys() []string {
	keys := []string{"apiVersion", functionsKey}
	for _, section := range ResourceSections() {
		keys = append(keys, section.Key)
	}
	return append(keys, "waivers")
}

func resourceSection(key string) *ResourceSection {
	sections := ResourceSections()
	n := slices.IndexFunc(sections, func(s ResourceSection) bool { return s.Key == key })
	if n < 0 {
		return nil
	}
	return &sections[n]
}

func isInput(key string) bool {
	_, ok := find(key)
	return ok
}

func isSection(key string) bool {
	for _, other := range Keys() {
		if strings.HasPrefix(other, key+".") {
			return true
		}
	}
	return false
}

func (r *reader) place(node ast.Node) fault.Place {
	position := node.GetToken().Position
	return fault.Place{File: r.file, Line: position.Line, Column: position.Column}
}

func (r *reader) problem(place fault.Place, message, hint string) {
	r.problems = append(r.problems, invalid(place, message, hint))
}
