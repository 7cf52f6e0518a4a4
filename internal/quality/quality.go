// Package quality knows the levels: what each of them demands, and why.
package quality

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

//go:embed levels.yaml
var levelsYAML []byte

// Level is one step of quality.
type Level struct {
	Name    string `yaml:"name" json:"name"`
	Promise string `yaml:"promise" json:"promise"`
}

// Direction says which change of a setting makes it stricter.
type Direction string

// The directions of a setting.
const (
	More Direction = "more"
	Less Direction = "less"
	On   Direction = "on"
	Free Direction = "free"
)

// Setting is one number or switch, with its value at each level.
type Setting struct {
	Key      string
	Title    string
	Unit     string
	Source   string
	Row      int
	Stricter Direction
	// Values has one value for each level, in the order of the levels: a number or a bool.
	Values []any
}

// Catalogue is all levels, from the lowest to the highest, and all settings.
type Catalogue struct {
	Levels   []Level
	Settings []Setting
}

// Load reads the catalogue that is built into this program.
func Load() (*Catalogue, error) { return parse(levelsYAML) }

func parse(text []byte) (*Catalogue, error) {
	var file struct {
		Levels   []Level          `yaml:"levels"`
		Settings []map[string]any `yaml:"settings"`
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, fault.Wrap(err, "reading the levels")
	}
	catalogue := &Catalogue{Levels: file.Levels}
	for _, row := range file.Settings {
		setting, err := catalogue.setting(row)
		if err != nil {
			return nil, err
		}
		catalogue.Settings = append(catalogue.Settings, setting)
	}
	return catalogue, nil
}

func (c *Catalogue) setting(row map[string]any) (Setting, error) {
	text := func(key string) string {
		value, ok := row[key]
		delete(row, key)
		if !ok {
			return ""
		}
		return fmt.Sprint(value)
	}
	setting := Setting{Key: text("key"), Title: text("title"), Unit: text("unit"), Source: text("source"), Stricter: Direction(text("stricter"))}
	if _, err := fmt.Sscan(text("row"), &setting.Row); err != nil {
		return setting, fault.Wrap(err, "setting %s has no row", setting.Key)
	}
	var value any
	for _, level := range c.Levels {
		if own, ok := row[level.Name]; ok {
			value = own
			delete(row, level.Name)
		}
		setting.Values = append(setting.Values, value)
	}
	if len(row) > 0 || slices.Contains(setting.Values, nil) {
		return setting, &fault.Error{Code: fault.Internal, Message: fmt.Sprintf("setting %s: unknown keys %v, values %v", setting.Key, row, setting.Values)}
	}
	return setting, nil
}

// Policy is what the level demands.
func (c *Catalogue) Policy(level string) (*Policy, error) { return c.PolicyWith(level, nil) }

// PolicyWith is what the level demands, with settings that are stricter than the level's, by their keys. The error names every
// setting that does not exist or would be looser.
func (c *Catalogue) PolicyWith(level string, stricter map[string]any) (*Policy, error) {
	at := slices.IndexFunc(c.Levels, func(l Level) bool { return l.Name == level })
	if at < 0 {
		return nil, &fault.Error{Code: fault.Internal, Message: fmt.Sprintf("there is no level %q", level)}
	}
	if err := c.checkStricter(stricter); err != nil {
		return nil, err
	}
	tree := map[string]map[string]any{}
	for _, setting := range c.Settings {
		section, name, _ := strings.Cut(setting.Key, ".")
		if tree[section] == nil {
			tree[section] = map[string]any{}
		}
		tree[section][name] = setting.ValueWith(at, stricter)
	}
	text, err := yaml.Marshal(tree)
	if err != nil {
		return nil, fault.Wrap(err, "writing the policy of %s", level)
	}
	policy := &Policy{}
	if err := yaml.UnmarshalWithOptions(text, policy, yaml.Strict()); err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "a setting of the policy has a value of the wrong type", Err: err, Hint: "scaffold levels"}
	}
	return policy, nil
}

// ValueWith is the setting's value at a level, counted from the lowest, or the stricter one that a pack has.
func (s *Setting) ValueWith(level int, stricter map[string]any) any {
	if value, ok := stricter[s.Key]; ok && s.Stricter.isStricter(value, s.Values[level]) {
		return value
	}
	return s.Values[level]
}

// checkStricter refuses settings that do not exist, have no direction, or have values of another type.
func (c *Catalogue) checkStricter(stricter map[string]any) error {
	var problems fault.List
	for _, key := range slices.Sorted(maps.Keys(stricter)) {
		n := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Key == key })
		switch {
		case n < 0:
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("policy: there is no setting %q", key), Hint: "scaffold levels --json lists them"})
		case c.Settings[n].Stricter == Free:
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("policy: %s has no stricter values", key), Hint: "leave it out"})
		case c.Settings[n].Stricter == On && stricter[key] != true:
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("policy: %s can only be switched on", key), Hint: key + ": true"})
		case c.Settings[n].Stricter != On && number(stricter[key]) != number(stricter[key]):
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("policy: %s is a number", key), Hint: fmt.Sprintf("such as %v", c.Settings[n].Values[0])})
		}
	}
	return problems.OrNil()
}

// isStricter says whether a value demands more than another. A pack's setting holds for all levels, and a level that is stricter
// by itself keeps its own.
func (d Direction) isStricter(value, other any) bool {
	switch d {
	case More:
		return number(value) > number(other)
	case Less:
		return number(value) < number(other)
	case On:
		return value == true
	default:
		return false
	}
}

// number is a value as a number; NaN if it is none.
func number(value any) float64 {
	switch value := value.(type) {
	case int64:
		return float64(value)
	case uint64:
		return float64(value)
	case int:
		return float64(value)
	case float64:
		return value
	default:
		return math.NaN()
	}
}
