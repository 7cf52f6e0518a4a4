package quality

import (
	_ "embed"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

//go:embed controls.yaml
var controlsYAML []byte

// Control is one promise of the levels, and what to do where it is broken.
type Control struct {
	ID    string `yaml:"id" json:"id"`
	Title string `yaml:"title" json:"title"`
	// Settings is the keys of the settings that say how much of it a level wants.
	Settings []string `yaml:"settings" json:"settings,omitempty"`
	Why      string   `yaml:"why" json:"why"`
	Fix      string   `yaml:"fix" json:"fix"`
	// Doc is a page of the vendor that says so too.
	Doc string `yaml:"doc" json:"doc"`
	// Error and Warning are the lowest levels at which a violation is one; empty for none.
	Error   string `yaml:"error" json:"error,omitempty"`
	Warning string `yaml:"warning" json:"warning,omitempty"`
	// Maps is what others call the same demand.
	Maps []string `yaml:"maps" json:"maps,omitempty"`
}

// Severity is how bad a violation is.
type Severity string

// The severities. A violation that a level does not care about has none.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNone    Severity = ""
)

// Controls is all controls, in the order of the file.
func Controls() ([]Control, error) {
	var file struct {
		Controls []Control `yaml:"controls"`
	}
	if err := yaml.UnmarshalWithOptions(controlsYAML, &file, yaml.Strict()); err != nil {
		return nil, fault.Wrap(err, "reading the controls")
	}
	return file.Controls, nil
}

// Severity is how bad a violation of the control is at the level.
func (c *Catalogue) Severity(control Control, level string) Severity {
	rank := func(name string) int {
		for n, l := range c.Levels {
			if l.Name == name {
				return n
			}
		}
		return len(c.Levels)
	}
	switch at := rank(level); {
	case at >= rank(control.Error) && control.Error != "":
		return SeverityError
	case at >= rank(control.Warning) && control.Warning != "":
		return SeverityWarning
	default:
		return SeverityNone
	}
}
