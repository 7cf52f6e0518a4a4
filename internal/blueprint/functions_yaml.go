package blueprint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// placed is an item of a list, and where it stands.
type placed[T any] struct {
	value T
	place fault.Place
}

// items walks over a list of mappings; keys is what each may have.
func (r *reader) items(key string, node ast.Node, keys []string, read func(place fault.Place, fields map[string]ast.Node)) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.problem(r.place(node), key+" has a value of the wrong type", "expected a list of {"+strings.Join(keys, ", ")+"}")
		return
	}
	for _, item := range sequence.Values {
		read(r.place(item), r.fields("an item of "+key, item, keys))
	}
}

// fields is the values of a mapping by their keys.
func (r *reader) fields(what string, node ast.Node, keys []string) map[string]ast.Node {
	fields := map[string]ast.Node{}
	pairs := entries(node)
	if pairs == nil {
		r.problem(r.place(node), what+" has the wrong type", "expected {"+strings.Join(keys, ", ")+"}")
	}
	for _, entry := range pairs {
		key := entry.Key.GetToken().Value
		switch {
		case !slices.Contains(keys, key):
			r.problem(r.place(entry.Key), fmt.Sprintf("there is no key %q in %s", key, what), oneOf(key, keys))
		case fields[key] != nil:
			r.problem(r.place(entry.Key), fmt.Sprintf("%s is given twice in %s", key, what), "remove one of them")
		default:
			fields[key] = entry.Value
		}
	}
	return fields
}

// text is the string at a key of a mapping; empty if there is none.
func (r *reader) text(fields map[string]ast.Node, key string) string {
	node, ok := fields[key]
	if !ok {
		return ""
	}
	values, ok := scalars(node, false)
	if !ok {
		r.problem(r.place(node), key+" has a value of the wrong type", "expected a string")
		return ""
	}
	return values[0]
}

func (r *reader) resources(section *ResourceSection, node ast.Node) {
	r.items(section.Key, node, []string{"name"}, func(place fault.Place, fields map[string]ast.Node) {
		r.draft.resources[section.Key] = append(r.draft.resources[section.Key], placed[Resource]{Resource{Name: r.text(fields, "name")}, place})
	})
}

func (r *reader) functions(node ast.Node) {
	r.items(functionsKey, node, []string{"name", "trigger", "uses"}, func(place fault.Place, fields map[string]ast.Node) {
		function := Function{Name: r.text(fields, "name")}
		if trigger, ok := fields["trigger"]; ok {
			function.Trigger = r.trigger(trigger)
		}
		if uses, ok := fields["uses"]; ok {
			if function.Uses, ok = scalars(uses, true); !ok {
				r.problem(r.place(uses), "uses has a value of the wrong type", "expected a list of names, such as [reports]")
			}
		}
		r.draft.functions = append(r.draft.functions, placed[Function]{function, place})
	})
}

func (r *reader) trigger(node ast.Node) Trigger {
	keys := []string{"type"}
	for _, kind := range TriggerTypes() {
		for _, option := range kind.Options {
			keys = append(keys, option.Key)
		}
	}
	fields := r.fields("a trigger", node, keys)
	trigger := Trigger{Type: r.text(fields, "type")}
	for _, kind := range TriggerTypes() {
		for _, option := range kind.Options {
			if value := r.text(fields, option.Key); value != "" {
				option.Set(&trigger, value)
			}
		}
	}
	return trigger
}

// parts puts the functions and resources of the draft into the blueprint, with their defaults, and answers what is wrong with them.
func (d *Draft) parts(b *Blueprint) fault.List {
	check := &partsCheck{blueprint: b, names: map[string]string{}}
	for _, section := range ResourceSections() {
		for _, item := range d.resources[section.Key] {
			check.name(item.place, section.Kind, item.value.Name)
			*section.field(b) = append(*section.field(b), item.value)
		}
	}
	for _, item := range d.functions {
		function := item.value
		check.name(item.place, "function", function.Name)
		check.function(item.place, &function)
		b.Functions = append(b.Functions, function)
	}
	b.sort()
	return check.problems
}

// partsCheck collects what is wrong with the functions and resources of a blueprint.
type partsCheck struct {
	blueprint *Blueprint
	// names is what has each name, and what else must not be there twice.
	names    map[string]string
	problems fault.List
}

func (c *partsCheck) problem(place fault.Place, message, hint string) {
	c.problems = append(c.problems, invalid(place, message, hint))
}

func (c *partsCheck) name(place fault.Place, kind, name string) {
	if !word.MatchString(name) || len(name) > maxPartName {
		c.problem(place, fmt.Sprintf("a %s cannot be called %q", kind, name),
			fmt.Sprintf("expected %s, of at most %d characters", wordLike, maxPartName))
		return
	}
	switch kind {
	case "queue":
		c.queueNames(place, kind, name, deadLetters)
	case "bus":
		c.queueNames(place, kind, name, undelivered)
	}
	c.once(place, Pascal(name), fmt.Sprintf("%s %s", kind, name))
}

// once reports what is there twice.
func (c *partsCheck) once(place fault.Place, what, owner string) {
	switch other, taken := c.names[what]; {
	case taken && other == owner:
		if !strings.HasPrefix(owner, "the ") { // What it has is there twice because it is.
			c.problem(place, "there is already a "+owner, "choose another name")
		}
		return
	case taken:
		c.problem(place, fmt.Sprintf("%s and %s collide", other, owner),
			"give one of them another name, or another source")
		return
	}
	c.names[what] = owner
}

func (c *partsCheck) function(place fault.Place, f *Function) {
	types := TriggerTypes()
	names := make([]string, len(types))
	for n := range types {
		names[n] = types[n].Name
	}
	at := slices.Index(names, f.Trigger.Type)
	if at < 0 {
		c.problem(place, fmt.Sprintf("function %s cannot have a trigger of type %q", f.Name, f.Trigger.Type), oneOf(f.Trigger.Type, names))
		return
	}
	for n, kind := range types {
		for _, option := range kind.Options {
			value := option.Get(&f.Trigger)
			if n != at && value != "" {
				c.problem(place, fmt.Sprintf("function %s: a trigger of type %s has no %s", f.Name, f.Trigger.Type, option.Key), option.Key+" belongs to type "+kind.Name)
			}
			if n == at {
				c.option(place, f, &option, value)
			}
		}
	}
	for _, name := range f.Uses {
		if c.blueprint.KindOf(name) == "" {
			c.problem(place, fmt.Sprintf("function %s uses %q, which is not there", f.Name, name), c.known(name))
		}
	}
	c.source(place, f)
}

// source reports two functions that would take the same things from each other, and names of queues that are too long.
func (c *partsCheck) source(place fault.Place, f *Function) {
	if f.Trigger.Type != "http" {
		c.queueNames(place, "function", f.Name, deadLetters)
	}
	switch f.Trigger.Type {
	case "http":
		c.once(place, f.Trigger.Method+" "+f.Trigger.Path, "the route of function "+f.Name)
	case "s3":
		c.once(place, "bucket "+f.Trigger.Bucket, "the bucket of function "+f.Name)
	case "sqs":
		if f.Trigger.Queue != "" {
			c.once(place, "consumer of "+f.Trigger.Queue, "the queue of function "+f.Name)
		}
	}
}

func (c *partsCheck) option(place fault.Place, f *Function, option *TriggerOption, value string) {
	if value == "" && option.Default != nil {
		value = option.Default(c.blueprint.Name, f)
		option.Set(&f.Trigger, value)
	}
	if value == "" && option.Optional {
		return
	}
	what := fmt.Sprintf("function %s: %s", f.Name, option.Key)
	if value == "" {
		c.problem(place, what+" is needed: "+option.Help, strings.TrimSpace("--"+option.Flag()+" "+strings.Join(option.Allowed, "|")))
		return
	}
	if option.RefersTo != "" && c.blueprint.section(value) != option.RefersTo {
		c.problem(place, fmt.Sprintf("%s names %q, which is not among the %s", what, value, option.RefersTo), "scaffold add "+kindOf(option.RefersTo)+" "+value)
		return
	}
	if reason, hint := option.Problem(value); hint != "" {
		c.problem(place, strings.TrimSuffix(fmt.Sprintf("%s cannot be %q: %s", what, value, reason), ": "), hint)
	}
}

// Problem returns what is wrong with a value, if it needs saying, and how to put it right; the hint is empty if
// nothing is wrong.
func (o *TriggerOption) Problem(value string) (reason, hint string) {
	switch {
	case len(o.Allowed) > 0 && !slices.Contains(o.Allowed, value):
		return "", oneOf(value, o.Allowed)
	case o.Pattern != nil && !o.Pattern.MatchString(value):
		return "", "expected " + o.Like
	case o.problem != nil:
		return o.problem(value)
	default:
		return "", ""
	}
}

func (c *partsCheck) known(given string) string {
	var names []string
	for _, section := range ResourceSections() {
		for _, resource := range section.Of(c.blueprint) {
			names = append(names, resource.Name)
		}
	}
	if len(names) == 0 {
		return "scaffold add table|queue|bus|secret " + given
	}
	return oneOf(given, names)
}

func kindOf(section string) string {
	for _, known := range ResourceSections() {
		if known.Key == section {
			return known.Kind
		}
	}
	return ""
}

// section is the key of the list that has a resource of the name; empty if none has.
func (b *Blueprint) section(name string) string {
	for _, section := range ResourceSections() {
		if slices.ContainsFunc(section.Of(b), func(r Resource) bool { return r.Name == name }) {
			return section.Key
		}
	}
	return ""
}

// KindOf is the kind of the resource of the name: table, queue, bus or secret; empty if there is none.
func (b *Blueprint) KindOf(name string) string { return kindOf(b.section(name)) }

// Item is the function as lines of its list in blueprint.yaml.
func (f *Function) Item() []string {
	trigger := []string{"type: " + yamlScalar(f.Trigger.Type)}
	for _, kind := range TriggerTypes() {
		for _, option := range kind.Options {
			if value := option.Get(&f.Trigger); value != "" {
				trigger = append(trigger, option.Key+": "+yamlScalar(value))
			}
		}
	}
	lines := []string{"name: " + yamlScalar(f.Name), "trigger: { " + strings.Join(trigger, ", ") + " }"}
	if len(f.Uses) > 0 {
		lines = append(lines, "uses: "+yamlList(f.Uses))
	}
	return lines
}

// Item is the resource as lines of its list.
func (r *Resource) Item() []string { return []string{"name: " + yamlScalar(r.Name)} }
