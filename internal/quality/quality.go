// Package quality knows the levels: what each of them demands, and why.
package quality

import (
	_ "embed"
	"fmt"
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
func (c *Catalogue) Policy(level string) (*Policy, error) {
	at := slices.IndexFunc(c.Levels, func(l Level) bool { return l.Name == level })
	if at < 0 {
		return nil, &fault.Error{Code: fault.Internal, Message: fmt.Sprintf("there is no level %q", level)}
	}
	tree := map[string]map[string]any{}
	for _, setting := range c.Settings {
		section, name, _ := strings.Cut(setting.Key, ".")
		if tree[section] == nil {
			tree[section] = map[string]any{}
		}
		tree[section][name] = setting.Values[at]
	}
	text, err := yaml.Marshal(tree)
	if err != nil {
		return nil, fault.Wrap(err, "writing the policy of %s", level)
	}
	policy := &Policy{}
	if err := yaml.UnmarshalWithOptions(text, policy, yaml.Strict()); err != nil {
		return nil, fault.Wrap(err, "reading the policy of %s", level)
	}
	return policy, nil
}
