package report

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/pack"
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
	// Binary files have no Data.
	Binary bool `json:"binary,omitempty"`
}

func dataOf(draft *engine.Draft, withContent bool) projectData {
	data := projectData{Name: draft.Blueprint.Name, Platform: draft.Blueprint.Platform, Level: draft.Blueprint.Level, Dir: draft.Dir, Notes: draft.Notes}
	for _, file := range shown(draft) {
		row := fileData{Path: file.Path, Bytes: len(file.Data), Owner: file.Owner, Layer: file.Layer, Privileged: file.IsPrivileged()}
		row.Binary = withContent && isBinary(file.Data)
		if withContent && !row.Binary {
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
	fmt.Fprintf(w, "Created %s: %d files for %s at level %s.\n", line(c.Draft.Dir), len(shown(c.Draft)),
		line(b.Platform), line(b.Level))
	for _, file := range c.Draft.Files {
		if file.IsPrivileged() {
			fmt.Fprintf(w, "privileged: %s comes from the pack, and can make something run\n", line(file.Path))
		}
	}
	_, err := io.WriteString(w, noteLines(c.Draft.Notes)+nextLines(c.Draft.Next, "cd "+line(c.Draft.Dir)))
	return err
}

// nextLines is what to type now: commands of this program's own, and then the steps of a pack. Those of a pack that is
// not built in are marked, because nobody here has read them.
func nextLines(steps []pack.Step, own ...string) string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	text.WriteString("\nNext:\n")
	for _, command := range own {
		fmt.Fprintf(table, "  %s\n", command)
	}
	for _, step := range steps {
		from := ""
		if step.IsForeign {
			from = "(from the pack, not from scaffold) "
		}
		fmt.Fprintf(table, "  %s\t# %s%s\n", strings.Join(lines(step.Run), " "), from, line(step.Why))
	}
	_ = table.Flush() // A builder takes everything.
	return text.String()
}

// Data is the project and its files.
func (c *Created) Data() any { return dataOf(c.Draft, false) }

// Next is the steps of the pack, after the change into the project.
func (c *Created) Next() Next {
	return nextOf(c.Draft.Next, []string{"cd", c.Draft.Dir})
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
		fmt.Fprintf(table, "+ %s\t%d bytes\t%s\t%s%s\n",
			line(filepath.ToSlash(filepath.Join(p.Draft.Dir, file.Path))), len(file.Data), file.Owner, line(file.Layer), mark)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d files, %d bytes; nothing was written.\n", len(files), total)
	return err
}

func (p *Plan) diff(w io.Writer) error {
	for _, file := range shown(p.Draft) {
		name := line(filepath.ToSlash(filepath.Join(p.Draft.Dir, file.Path)))
		if isBinary(file.Data) {
			fmt.Fprintf(w, "Binary files /dev/null and b/%s differ\n", name)
			continue
		}
		added := strings.SplitAfter(string(file.Data), "\n")
		if added[len(added)-1] == "" {
			added = added[:len(added)-1]
		} else {
			added[len(added)-1] += "\n\\ No newline at end of file\n"
		}
		if _, err := fmt.Fprintf(w, "--- /dev/null\n+++ b/%s\n@@ -0,0 +1,%d @@\n+%s", name, len(added), strings.Join(added, "+")); err != nil {
			return err
		}
	}
	return nil
}

// Data is the project and its files, with their contents where the diff was asked for.
func (p *Plan) Data() any { return dataOf(p.Draft, p.WithDiff) }

// Next is nothing: the same command without --dry-run writes the project.
func (p *Plan) Next() Next { return Next{} }
