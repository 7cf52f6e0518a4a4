package blueprint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Draft is a blueprint in the making: values that were given, each with the place it came from.
type Draft struct {
	values    map[string]given
	functions []placed[Function]
	resources map[string][]placed[Resource]
	waivers   []Waiver
}

type given struct {
	values []string
	place  fault.Place
	// isBroken marks a value that could not be read; it has been reported.
	isBroken bool
}

// NewDraft is a draft in which nothing has been said yet.
func NewDraft() *Draft {
	return &Draft{values: map[string]given{}, resources: map[string][]placed[Resource]{}}
}

// Has says whether the input was given.
func (d *Draft) Has(key string) bool {
	_, ok := d.values[key]
	return ok
}

// Text returns what was given for an input of one string, and reports whether it was given.
func (d *Draft) Text(key string) (text string, ok bool) {
	value, ok := d.values[key]
	if !ok || len(value.values) != 1 {
		return "", false
	}
	return value.values[0], true
}

// Set gives an input its values, replacing earlier ones. Place is where they were written.
func (d *Draft) Set(key string, values []string, place fault.Place) error {
	if _, ok := find(key); !ok {
		return &fault.Error{Code: fault.Invalid, Place: place, Message: fmt.Sprintf("there is no input %q", key), Hint: oneOf(key, Keys())}
	}
	d.values[key] = given{values: values, place: place}
	return nil
}

// SetText gives an input the text of a flag or an answer.
func (d *Draft) SetText(key, text string, place fault.Place) error {
	input, ok := find(key)
	if !ok {
		return d.Set(key, nil, place)
	}
	return d.Set(key, input.Split(text), place)
}

// Overlay is the draft with the values of another draft on top.
func (d *Draft) Overlay(top *Draft) *Draft {
	merged := NewDraft()
	for _, layer := range []*Draft{d, top} {
		maps.Copy(merged.values, layer.values)
		merged.functions = append(merged.functions, layer.functions...)
		merged.waivers = append(merged.waivers, layer.waivers...)
		for section, items := range layer.resources {
			merged.resources[section] = append(merged.resources[section], items...)
		}
	}
	return merged
}

// Finish is the valid blueprint that the draft describes, with defaults for what was not said.
//
// The error lists every missing and every invalid input.
func (d *Draft) Finish() (*Blueprint, error) { return d.finish(nil) }

// Problems returns everything that is wrong with the values that were given. Nothing is missing yet.
func (d *Draft) Problems() error {
	var problems fault.List
	for _, input := range Inputs() {
		if value, ok := d.values[input.Key]; ok && !value.isBroken {
			problems = append(problems, input.check(value)...)
		}
	}
	return problems.OrNil()
}

// finish is Finish after reading has found problems: what is missing because it could not be read is not reported
// again.
func (d *Draft) finish(problems fault.List) (*Blueprint, error) {
	hasMistakes := len(problems) > 0
	b := &Blueprint{Waivers: d.waivers}
	for _, input := range Inputs() {
		value, ok := d.values[input.Key]
		switch {
		case value.isBroken:
			continue
		case !ok && input.Default == nil:
			if !hasMistakes {
				problems = append(problems, missing(&input))
			}
			continue
		case !ok:
			fallback := input.Default(b)
			if fallback == "" {
				continue // It is derived from an input that is missing and already reported.
			}
			value = given{values: input.Split(fallback)}
		}
		problems = append(problems, input.check(value)...)
		if len(value.values) > 0 {
			input.Set(b, value.values)
		}
	}
	problems = append(problems, d.parts(b)...)
	slices.SortStableFunc(problems, func(a, b *fault.Error) int { return cmp.Compare(a.Place.Line, b.Place.Line) })
	return b, problems.OrNil()
}

func missing(input *Input) *fault.Error {
	example := "VALUE"
	if len(input.Options) > 0 {
		example = strings.Join(input.Allowed(), "|")
	}
	return &fault.Error{
		Code:    fault.InputNeeded,
		Message: fmt.Sprintf("%s is needed: %s", input.Key, input.Help),
		Hint:    fmt.Sprintf("--%s %s", input.Flag, example),
	}
}

func (i *Input) check(value given) fault.List {
	var problems fault.List
	if len(value.values) == 0 {
		problems = append(problems, &fault.Error{Code: fault.Invalid, Place: value.place, Message: i.Key + " is empty", Hint: "expected at least one value"})
	}
	for n, text := range value.values {
		if message, hint := i.Problem(text); message != "" {
			problems = append(problems, invalid(value.place, message, hint))
		} else if slices.Contains(value.values[:n], text) {
			problems = append(problems,
				invalid(value.place, fmt.Sprintf("%s names %s twice", i.Key, text), "remove one of the two"))
		}
	}
	return problems
}

// Keys is the keys of all inputs, in order.
func Keys() []string {
	inputs := Inputs()
	keys := make([]string, len(inputs))
	for n := range inputs {
		keys[n] = inputs[n].Key
	}
	return keys
}

func find(key string) (*Input, bool) {
	n := slices.IndexFunc(inputs, func(i Input) bool { return i.Key == key })
	if n < 0 {
		return nil, false
	}
	return &inputs[n], true
}
