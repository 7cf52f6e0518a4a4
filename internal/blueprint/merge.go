package blueprint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Merge returns the text of a blueprint.yaml that two branches have changed: ours and theirs, whose common ancestor is base, nil if
// there is none. The changes of one branch are repeated in the text of the other; where a branch has changed more than values, such
// as comments, joined is tried, which is the lines of both. What is taken says what both branches want. An error of the code fault.Conflicts lists what both have
// changed in different ways, or says that the lines cannot be told apart.
func Merge(file string, base, ours, theirs, joined []byte) ([]byte, error) {
	was := values{}
	if base != nil {
		var err error
		if was, err = read(file, base); err != nil {
			return nil, err
		}
	}
	left, err := read(file, ours)
	if err != nil {
		return nil, err
	}
	right, err := read(file, theirs)
	if err != nil {
		return nil, err
	}
	want, problems := was.merge(file, left, right)
	if err := problems.OrNil(); err != nil {
		return nil, err
	}
	candidates := [][]byte{replay(file, base, theirs, was, right, left, ours), replay(file, base, ours, was, left, right, theirs), joined}
	for _, text := range candidates {
		if got, err := read(file, text); err == nil && maps.Equal(got, want) {
			return text, nil
		}
	}
	return nil, &fault.Error{
		Code: fault.Conflicts, Place: fault.Place{File: file}, Message: "both branches have changed the same lines", Hint: "resolve the conflict in it, and then: scaffold update",
	}
}

// values is what a blueprint says: each input, function, resource and waiver has a key of its own, and a text.
type values map[string]string

// The first words of keys that are no inputs are the lists that the items are in.
const inputKey = "input "

func read(file string, text []byte) (values, error) {
	if text == nil {
		return nil, &fault.Error{Code: fault.Conflicts, Place: fault.Place{File: file}, Message: "there is no such text"}
	}
	b, err := Parse(file, text)
	if err != nil {
		return nil, err
	}
	found := values{}
	for _, input := range Inputs() {
		found[inputKey+input.Key] = input.Get(b)
	}
	for _, function := range b.Functions {
		found[functionsKey+" "+function.Name] = strings.Join(function.Item(), "\n")
	}
	for _, section := range ResourceSections() {
		for _, resource := range section.Of(b) {
			found[section.Key+" "+resource.Name] = strings.Join(resource.Item(), "\n")
		}
	}
	for _, waiver := range b.Waivers {
		waiver.Place = fault.Place{}
		found[fmt.Sprintf("waivers %s %s", waiver.Rule, waiver.Path)] = fmt.Sprint(waiver)
	}
	return found, nil
}

// merge returns what two branches make of the values, and what both have changed in different ways.
func (v values) merge(file string, ours, theirs values) (values, fault.List) {
	all := maps.Clone(ours)
	maps.Copy(all, theirs)
	merged := values{}
	var problems fault.List
	for _, key := range slices.Sorted(maps.Keys(all)) {
		was, left, right := v.at(key), ours.at(key), theirs.at(key)
		chosen := left
		switch {
		case left == right, right == was:
		case left == was:
			chosen = right
		default:
			problems = append(problems, &fault.Error{
				Code: fault.Conflicts, Place: fault.Place{File: file}, Message: fmt.Sprintf("both branches have changed %s", strings.TrimPrefix(key, inputKey)),
				Hint: "resolve the conflict in " + file + ", and then: scaffold update",
			})
		}
		if chosen.isThere {
			merged[key] = chosen.text
		}
	}
	return merged, problems
}

// value is the text of a key, where there is one.
type value struct {
	text    string
	isThere bool
}

func (v values) at(key string) value {
	text, ok := v[key]
	return value{text, ok}
}

// replay repeats in a text, which says what other holds, what has led from base to changed. It returns nil if that cannot be told in terms of values alone: if
// comments or the layout have changed too.
func replay(file string, base, changed []byte, was, is, other values, text []byte) []byte {
	if base == nil {
		return nil
	}
	changes := &repeated{file: file, was: was, is: is, source: changed}
	if again := changes.in(base, was); !slices.Equal(sortedLines(again), sortedLines(changed)) {
		return nil
	}
	return changes.in(text, other)
}

// sortedLines returns the lines of a text in an order of their own: the order in which lists were begun says nothing.
func sortedLines(text []byte) []string {
	return slices.Sorted(strings.SplitSeq(strings.TrimRight(string(text), "\n"), "\n"))
}

// repeated is what has been changed between two sets of values; source is the text that has the changes.
type repeated struct {
	file    string
	was, is values
	source  []byte
}

// in makes the changes in a text, except for those that it has already by what it says; nil if one of them cannot be made.
func (r *repeated) in(text []byte, says values) []byte {
	all := maps.Clone(r.was)
	maps.Copy(all, r.is)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if r.was.at(key) == r.is.at(key) || says.at(key) == r.is.at(key) {
			continue
		}
		var err error
		if text, err = r.change(text, key); err != nil {
			return nil
		}
	}
	return text
}

func (r *repeated) change(text []byte, key string) ([]byte, error) {
	if input, ok := strings.CutPrefix(key, inputKey); ok {
		return Edit(r.file, text, input, r.is.at(key).text)
	}
	section, name, _ := strings.Cut(key, " ")
	if section == "waivers" {
		return nil, fmt.Errorf("%s cannot be repeated", key)
	}
	if r.was.at(key).isThere {
		var err error
		if text, err = removeItem(r.file, text, section, name); err != nil {
			return nil, err
		}
	}
	if !r.is.at(key).isThere {
		return text, nil
	}
	item, err := itemLines(r.file, r.source, section, name)
	if err != nil {
		return nil, err
	}
	return appendItem(r.file, text, section, item)
}

// itemLines returns the lines of an item as they stand in a text, without what the list puts in front of them.
func itemLines(file string, text []byte, section, name string) ([]string, error) {
	found, err := findItem(file, text, section, name)
	if err != nil {
		return nil, err
	}
	var item []string
	for _, line := range found.lines[found.from-1 : found.to-1] {
		line = strings.TrimRight(line, "\r\n")
		if len(item) == 0 {
			line = strings.TrimPrefix(strings.TrimLeft(line, " "), "- ")
		} else if line = strings.TrimPrefix(line, strings.Repeat(" ", found.list.Start.Position.Column+1)); strings.TrimSpace(line) == "" {
			return nil, fmt.Errorf("%s has an empty line", name)
		}
		item = append(item, line)
	}
	return item, nil
}

// foundItem is where an item of a list stands: from its first line to the one after its last.
type foundItem struct {
	lines    []string
	list     *ast.SequenceNode
	entry    *ast.MappingValueNode
	from, to int
}

func findItem(file string, text []byte, section, name string) (*foundItem, error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntaxError(file, err)
	}
	entry, next := findSection(tree, section)
	refused := &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: file}, Message: fmt.Sprintf("%s cannot be found in %s", name, section), Hint: "write an item a line",
	}
	if entry == nil {
		return nil, refused
	}
	list, ok := entry.Value.(*ast.SequenceNode)
	if !ok || list.IsFlowStyle {
		return nil, refused
	}
	at := slices.IndexFunc(list.Values, func(item ast.Node) bool { return itemName(item) == name })
	if at < 0 {
		return nil, refused
	}
	found := &foundItem{lines: strings.SplitAfter(string(text), "\n"), list: list, entry: entry, from: itemLine(list.Values[at]), to: next}
	if at+1 < len(list.Values) {
		found.to = itemLine(list.Values[at+1])
	}
	for found.to-1 > found.from && isBlankOrComment(found.lines[found.to-2]) {
		found.to--
	}
	return found, nil
}

// removeItem is the text of a blueprint.yaml without the item of a list. Comments in front of it stay.
func removeItem(file string, text []byte, section, name string) ([]byte, error) {
	found, err := findItem(file, text, section, name)
	if err != nil {
		return nil, err
	}
	from := found.from
	if len(found.list.Values) == 1 {
		from = found.entry.Key.GetToken().Position.Line
	}
	return []byte(strings.Join(slices.Delete(found.lines, from-1, found.to-1), "")), nil
}

// itemName is the name that an item of a list has in the text.
func itemName(item ast.Node) string {
	for _, entry := range entries(item) {
		if text, ok := entry.Value.(*ast.StringNode); ok && entry.Key.GetToken().Value == "name" {
			return text.Value
		}
	}
	return ""
}

// itemLine is the line at which an item of a list begins.
func itemLine(item ast.Node) int {
	line := item.GetToken().Position.Line
	for _, entry := range entries(item) {
		line = min(line, entry.Key.GetToken().Position.Line)
	}
	return line
}

// sort puts functions and resources into the order of their names. The order in which people have added them says nothing, and two
// branches that are merged would each have their own.
func (b *Blueprint) sort() {
	slices.SortStableFunc(b.Functions, func(x, y Function) int { return strings.Compare(x.Name, y.Name) })
	for _, section := range ResourceSections() {
		slices.SortStableFunc(*section.field(b), func(x, y Resource) int { return strings.Compare(x.Name, y.Name) })
	}
}
