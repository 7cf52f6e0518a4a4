package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// Inputs is everything that a user can ask for.
type Inputs struct{}

type inputData struct {
	Key     string   `json:"key"`
	Flag    string   `json:"flag,omitempty"`
	Help    string   `json:"help"`
	Allowed []string `json:"allowed,omitempty"`
	Default string   `json:"default,omitempty"`
}

func (Inputs) rows() []inputData {
	b := &blueprint.Blueprint{Platform: "lambda", Name: "lambda"}
	var rows []inputData
	for _, input := range blueprint.Inputs() {
		row := inputData{Key: input.Key, Help: input.Help, Allowed: input.Allowed()}
		if input.Flag != "" {
			row.Flag = "--" + input.Flag
		}
		if input.Default != nil {
			row.Default = input.Default(b)
		}
		rows = append(rows, row)
	}
	return rows
}

// Text is a table, and below it what each choice means.
func (i Inputs) Text(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "INPUT\tFLAG\tDEFAULT\tMEANING")
	for _, row := range i.rows() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Key, row.Flag, row.Default, row.Help)
	}
	for _, input := range blueprint.Inputs() {
		for n, option := range input.Options {
			label := ""
			if n == 0 {
				label = "\n" + input.Key
			}
			fmt.Fprintf(table, "%s\t%s\t\t%s\n", label, option.Value, option.Help)
		}
	}
	fmt.Fprintln(table, "\nADD\tFLAG\t\tMEANING")
	for _, row := range additions() {
		fmt.Fprintf(table, "%s\t\t\t%s\n", strings.TrimSpace(row.Kind+" "+row.Trigger), row.Help)
		for _, option := range row.Options {
			fmt.Fprintf(table, "\t%s\t%s\t%s\n", option.Flag, option.Default, strings.TrimSuffix(option.Help+": "+strings.Join(option.Allowed, ", "), ": "))
		}
	}
	return table.Flush()
}

// additionData is something that can be added to a project.
type additionData struct {
	Kind    string      `json:"kind"`
	Trigger string      `json:"trigger,omitempty"`
	Help    string      `json:"help"`
	Options []inputData `json:"options,omitempty"`
}

func additions() []additionData {
	var rows []additionData
	for _, kind := range blueprint.TriggerTypes() {
		row := additionData{Kind: "function", Trigger: kind.Name, Help: kind.Help}
		for _, option := range kind.Options {
			data := inputData{Key: option.Key, Flag: "--" + option.Flag(), Help: option.Help, Allowed: option.Allowed}
			if option.Default != nil {
				data.Default = option.Default("SERVICE", &blueprint.Function{Name: "NAME"})
			}
			row.Options = append(row.Options, data)
		}
		rows = append(rows, row)
	}
	for _, section := range blueprint.ResourceSections() {
		rows = append(rows, additionData{Kind: section.Kind, Help: section.Help})
	}
	return rows
}

// Data is the tables.
func (i Inputs) Data() any {
	return map[string]any{"inputs": i.rows(), "additions": additions()}
}

// Next is how to use them.
func (Inputs) Next() Next {
	return Next{Commands: [][]string{{"scaffold", "new", "--platform", "lambda", "--level", "production"}}}
}

// Levels is what each level demands.
type Levels struct{ Catalogue *quality.Catalogue }

// Text is a table with a column for each level.
func (l *Levels) Text(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var header []string
	for _, level := range l.Catalogue.Levels {
		fmt.Fprintf(w, "%-11s %s\n", level.Name, level.Promise)
		header = append(header, strings.ToUpper(level.Name))
	}
	fmt.Fprintf(table, "\nDEMAND\t%s\n", strings.Join(header, "\t"))
	for _, setting := range l.Catalogue.Settings {
		fmt.Fprint(table, setting.Title)
		for _, value := range setting.Values {
			fmt.Fprintf(table, "\t%s", show(value, setting.Unit))
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

func show(value any, unit string) string {
	switch value {
	case true:
		return "yes"
	case false:
		return "–"
	default:
		return strings.TrimSpace(fmt.Sprintf("%v %s", value, unit))
	}
}

// Data is the same as lists.
func (l *Levels) Data() any {
	type row struct {
		Key    string         `json:"key"`
		Title  string         `json:"title"`
		Unit   string         `json:"unit,omitempty"`
		Source string         `json:"source"`
		Values map[string]any `json:"values"`
	}
	var rows []row
	for _, setting := range l.Catalogue.Settings {
		r := row{Key: setting.Key, Title: setting.Title, Unit: setting.Unit, Source: setting.Source, Values: map[string]any{}}
		for n, value := range setting.Values {
			r.Values[l.Catalogue.Levels[n].Name] = value
		}
		rows = append(rows, r)
	}
	return map[string]any{"levels": l.Catalogue.Levels, "settings": rows}
}

// Next is nothing.
func (l *Levels) Next() Next { return Next{} }

// Version is this program's version.
type Version string

// Text is the version on a line.
func (v Version) Text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "scaffold %s\n", string(v))
	return err
}

// Data is the version.
func (v Version) Data() any { return map[string]string{"version": string(v)} }

// Next is nothing.
func (Version) Next() Next { return Next{} }
