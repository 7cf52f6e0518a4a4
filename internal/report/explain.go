package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/engine"
)

// Explained is why a file or a line is in a project.
type Explained struct{ *engine.Explanation }

// Text says so from the outside to the inside: the pack, the layer, the line, and what stands behind them.
func (e *Explained) Text(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, owner %s\n", line(e.Path), e.Owner)
	if e.IsEdited {
		text.WriteString("  it has been edited since it was rendered; lines are those of what is rendered\n")
	}
	fmt.Fprintf(&text, "  pack       %s\n  layer      %s\n", line(e.Pack), line(e.Layer))
	if e.Condition != "" {
		fmt.Fprintf(&text, "  when       %s\n", line(e.Condition))
	}
	fmt.Fprintf(&text, "  template   %s", line(e.Template))
	if e.TemplateLine > 0 {
		fmt.Fprintf(&text, ":%d", e.TemplateLine)
	}
	text.WriteString("\n")
	for _, ask := range e.Asks {
		fmt.Fprintf(&text, "  asks       %s\n", line(ask))
	}
	for _, input := range e.Inputs {
		fmt.Fprintf(&text, "  input      %s = %s: %s\n", line(input.Key), line(input.Value), line(input.Title))
	}
	for _, setting := range e.Settings {
		fmt.Fprintf(&text, "  level      %s = %s: %s\n", line(setting.Key), line(setting.Value), line(setting.Title))
	}
	for _, control := range e.Controls {
		fmt.Fprintf(&text, "  control    %s: %s\n", line(control.ID), line(control.Title))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Data is the explanation.
func (e *Explained) Data() any { return e.Explanation }

// Next is nothing.
func (e *Explained) Next() Next { return Next{} }
