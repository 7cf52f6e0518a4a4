package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// Updated is a project that has been updated, or would be.
type Updated struct {
	*engine.Updated
	DryRun   bool
	WithDiff bool
}

// Text says what happened to each file, the conflicts last, because they are what there is to do.
func (u *Updated) Text(w io.Writer) error {
	if len(u.Finished) > 0 {
		fmt.Fprintf(w, "Finished an update of %d files that had been interrupted.\n", len(u.Finished))
	}
	counts := map[project.Action]int{}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, change := range u.Changes {
		counts[change.Action]++
		note := change.Reason
		if len(change.Lines) > 0 {
			lines := strings.Trim(strings.ReplaceAll(fmt.Sprint(change.Lines), " ", ", "), "[]")
			note = strings.TrimSuffix(fmt.Sprintf("line %s, %s", lines, note), ", ")
		}
		if change.IsPrivileged && change.After != nil {
			note = strings.TrimPrefix(note+", privileged: it can make something run", ", ")
		}
		fmt.Fprintln(table, strings.TrimSuffix(fmt.Sprintf("%s\t%s\t%s", change.Action, change.Path, note), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if u.WithDiff {
		for _, change := range u.Changes {
			if _, err := w.Write(patch(change)); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(w, u.summary(counts)+noteLines(u.notes()))
	return err
}

// notes returns what there is to say besides the files.
func (u *Updated) notes() []string {
	if u.GitProblem == nil {
		return u.Notes
	}
	problem := fault.All(u.GitProblem)[0]
	return append([]string{"the files are written; " + problem.Error() + ": " + problem.Hint}, u.Notes...)
}

// noteLines is a line for each note.
func noteLines(notes []string) string {
	var text strings.Builder
	for _, note := range notes {
		fmt.Fprintf(&text, "note: %s\n", note)
	}
	return text.String()
}

func patch(change *project.Change) []byte {
	if change.After == nil && change.Action != project.Removed {
		return nil
	}
	before, after := "a/"+change.Path, "b/"+change.Path
	if change.Before == nil {
		before = "/dev/null"
	}
	if change.After == nil {
		after = "/dev/null"
	}
	return diff.Diff(before, change.Before, after, change.After)
}

func (u *Updated) summary(counts map[project.Action]int) string {
	var text strings.Builder
	done := "Updated"
	if u.DryRun {
		done = "Would update"
	}
	to := ""
	if u.Was != u.Blueprint.Level {
		to = fmt.Sprintf(" from level %s to %s", u.Was, u.Blueprint.Level)
	}
	if len(u.Changes) == 0 {
		return fmt.Sprintf("%s is as it is rendered; there is nothing to update.\n", u.Blueprint.Name)
	}
	fmt.Fprintf(&text, "%s %s%s: %d added, %d updated, %d merged, %d removed, %d kept, %d with conflicts.\n", done, u.Blueprint.Name, to,
		counts[project.Added], counts[project.Updated], counts[project.Merged], counts[project.Removed], counts[project.Kept], counts[project.Conflicted])
	if counts[project.Conflicted] > 0 && !u.DryRun {
		text.WriteString("Resolve the conflicts: yours is above, what is rendered now is below.\n")
	}
	return text.String()
}

type updateData struct {
	Name    string       `json:"name"`
	Level   string       `json:"level"`
	Was     string       `json:"was"`
	DryRun  bool         `json:"dryRun"`
	Changes []changeData `json:"changes"`
	Notes   []string     `json:"notes,omitempty"`
	// Finished is the files of an update that had been interrupted, and was brought to its end first.
	Finished []string `json:"finished,omitempty"`
}

type changeData struct {
	Path   string         `json:"path"`
	Action project.Action `json:"action"`
	Lines  []int          `json:"lines,omitempty"`
	Reason string         `json:"reason,omitempty"`
	// Privileged files come from a pack that is not built in, and can make something run.
	Privileged bool   `json:"privileged,omitempty"`
	Diff       string `json:"diff,omitempty"`
}

// Data is what happened to each file.
func (u *Updated) Data() any {
	data := updateData{Name: u.Blueprint.Name, Level: u.Blueprint.Level, Was: u.Was, DryRun: u.DryRun, Changes: []changeData{}, Notes: u.notes(), Finished: u.Finished}
	for _, change := range u.Changes {
		row := changeData{Path: change.Path, Action: change.Action, Lines: change.Lines, Reason: change.Reason, Privileged: change.IsPrivileged}
		if u.WithDiff {
			row.Diff = string(patch(change))
		}
		data.Changes = append(data.Changes, row)
	}
	return data
}

// Next is to see whether the project is well.
func (u *Updated) Next() [][]string {
	var next [][]string
	for _, step := range u.Updated.Next {
		next = append(next, step.Run)
	}
	return next
}

// Drift is whether a project is what its blueprint and its pack say, for those who ask regularly.
type Drift struct{ *engine.Updated }

// IsCurrent says that there is nothing to do.
func (d *Drift) IsCurrent() bool { return len(d.Changes) == 0 && len(d.Edited) == 0 }

// Text says what an update would change, and which files of scaffold's own have been edited.
func (d *Drift) Text(w io.Writer) error {
	if d.IsCurrent() {
		_, err := fmt.Fprintf(w, "%s is current: there is no update, and no drift.\n", d.Blueprint.Name)
		return err
	}
	for _, path := range d.Edited {
		fmt.Fprintf(w, "drift   %s\n", path)
	}
	for _, change := range d.Changes {
		fmt.Fprintf(w, "%-8s%s\n", change.Action, change.Path)
	}
	_, err := fmt.Fprintf(w, "An update of %s would change %d files; %d files of scaffold's own have been edited.\n", d.Blueprint.Name, len(d.Changes), len(d.Edited))
	return err
}

// Data is the same as a value.
func (d *Drift) Data() any {
	data := struct {
		updateData
		Current bool     `json:"current"`
		Edited  []string `json:"edited"`
	}{(&Updated{Updated: d.Updated, DryRun: true}).Data().(updateData), d.IsCurrent(), d.Edited}
	if data.Edited == nil {
		data.Edited = []string{}
	}
	return data
}

// Next is to update, if that would change something.
func (d *Drift) Next() [][]string {
	if len(d.Changes) == 0 {
		return nil
	}
	return [][]string{{"scaffold", "update"}}
}
