package report

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

type projectData struct {
	Name     string     `json:"name"`
	Platform string     `json:"platform"`
	Level    string     `json:"level"`
	Dir      string     `json:"dir"`
	Files    []fileData `json:"files"`
	Notes    []string   `json:"notes,omitempty"`
}

type fileData struct {
	Path  string     `json:"path"`
	Bytes int        `json:"bytes"`
	Owner plan.Owner `json:"owner"`
	Layer string     `json:"layer"`
	// Privileged files come from a pack that is not built in, and can make something run.
	Privileged bool   `json:"privileged,omitempty"`
	Data       string `json:"data,omitempty"`
}

func dataOf(draft *engine.Draft, withContent bool) projectData {
	data := projectData{Name: draft.Blueprint.Name, Platform: draft.Blueprint.Platform, Level: draft.Blueprint.Level, Dir: draft.Dir, Notes: draft.Notes}
	for _, file := range shown(draft) {
		row := fileData{Path: file.Path, Bytes: len(file.Data), Owner: file.Owner, Layer: file.Layer, Privileged: file.IsPrivileged()}
		if withContent {
			row.Data = string(file.Data)
		}
		data.Files = append(data.Files, row)
	}
	return data
}

// shown returns the files of a project that there is something to say about. The base has each of them once more.
func shown(draft *engine.Draft) []*plan.File {
	return slices.DeleteFunc(slices.Clone(draft.Files), func(f *plan.File) bool { return project.IsBase(f.Path) })
}

// Created is a project that has been written.
type Created struct{ Draft *engine.Draft }

// Text says where it is and what to type next.
func (c *Created) Text(w io.Writer) error {
	b := c.Draft.Blueprint
	fmt.Fprintf(w, "Created %s: %d files for %s at level %s.\n", c.Draft.Dir, len(shown(c.Draft)), b.Platform, b.Level)
	for _, file := range c.Draft.Files {
		if file.IsPrivileged() {
			fmt.Fprintf(w, "privileged: %s comes from the pack, and can make something run\n", file.Path)
		}
	}
	fmt.Fprint(w, noteLines(c.Draft.Notes)+"\nNext:\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  cd %s\n", c.Draft.Dir)
	for _, step := range c.Draft.Next {
		fmt.Fprintf(table, "  %s\t# %s\n", strings.Join(step.Run, " "), step.Why)
	}
	return table.Flush()
}

// Data is the project and its files.
func (c *Created) Data() any { return dataOf(c.Draft, false) }

// Next is the steps of the pack, after the change into the project.
func (c *Created) Next() [][]string {
	next := [][]string{{"cd", c.Draft.Dir}}
	for _, step := range c.Draft.Next {
		next = append(next, step.Run)
	}
	return next
}

// Plan is a project that has not been written.
type Plan struct {
	Draft    *engine.Draft
	WithDiff bool
}

// Text lists the files; with the diff, as a patch that `git apply` takes.
func (p *Plan) Text(w io.Writer) error {
	if p.WithDiff {
		return p.diff(w)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	total := 0
	files := shown(p.Draft)
	for _, file := range files {
		total += len(file.Data)
		mark := ""
		if file.IsPrivileged() {
			mark = "\tprivileged: it can make something run"
		}
		fmt.Fprintf(table, "+ %s\t%d bytes\t%s\t%s%s\n", filepath.ToSlash(filepath.Join(p.Draft.Dir, file.Path)), len(file.Data), file.Owner, file.Layer, mark)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d files, %d bytes; nothing was written.\n", len(files), total)
	return err
}

func (p *Plan) diff(w io.Writer) error {
	for _, file := range shown(p.Draft) {
		lines := strings.SplitAfter(string(file.Data), "\n")
		if lines[len(lines)-1] == "" {
			lines = lines[:len(lines)-1]
		} else {
			lines[len(lines)-1] += "\n\\ No newline at end of file\n"
		}
		name := filepath.ToSlash(filepath.Join(p.Draft.Dir, file.Path))
		if _, err := fmt.Fprintf(w, "--- /dev/null\n+++ b/%s\n@@ -0,0 +1,%d @@\n+%s", name, len(lines), strings.Join(lines, "+")); err != nil {
			return err
		}
	}
	return nil
}

// Data is the project and its files, with their contents where the diff was asked for.
func (p *Plan) Data() any { return dataOf(p.Draft, p.WithDiff) }

// Next is nothing: the same command without --dry-run writes the project.
func (p *Plan) Next() [][]string { return nil }
