package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// Updated is a project that has been updated, or would be.
type Updated struct {
	*engine.Updated
	DryRun   bool
	WithDiff bool
}

// Text says what happened to each file, and then what to do.
func (u *Updated) Text(w io.Writer) error {
	u.finished(w)
	counts := map[project.Action]int{}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, change := range u.Changes {
		counts[change.Action]++
		fmt.Fprintln(table, strings.TrimSuffix(fmt.Sprintf("%s\t%s\t%s", change.Action, line(change.Path), line(about(change))), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, change := range u.Changes {
		if !u.WithDiff {
			break
		}
		if _, err := w.Write(patch(change)); err != nil {
			return err
		}
	}
	text := u.summary(counts) + noteLines(u.notes())
	switch {
	case u.DryRun || counts[project.Conflicted] > 0:
	case len(u.GoOn()) > 0:
		text += "Next: " + commandsLine(u.GoOn()) + "\n"
	case len(u.Changes) > 0:
		text += nextLine(u.Updated.Next)
	}
	_, err := io.WriteString(w, text)
	return err
}

// about returns what there is to know about a change besides its name.
func about(change *project.Change) string {
	var notes []string
	if len(change.Lines) > 0 {
		notes = append(notes, "line "+numbers(change.Lines))
	}
	if change.Reason != "" {
		notes = append(notes, change.Reason)
	}
	if change.IsPrivileged && change.After != nil {
		notes = append(notes, "privileged: it can make something run")
	}
	return strings.Join(notes, ", ")
}

// nextLine is the steps of the pack on a line: whoever updates a project has seen them before.
func nextLine(steps []pack.Step) string {
	var commands []string
	from := ""
	for _, step := range steps {
		commands = append(commands, strings.Join(lines(step.Run), " "))
		if step.IsForeign {
			from = " (from the pack, not from scaffold)"
		}
	}
	if len(commands) == 0 {
		return ""
	}
	return fmt.Sprintf("Next%s: %s\n", from, strings.Join(commands, ", "))
}

func commandsLine(commands [][]string) string {
	texts := make([]string, len(commands))
	for n, command := range commands {
		texts[n] = strings.Join(command, " ")
	}
	return strings.Join(texts, ", ")
}

// numbers returns line numbers as a list in a sentence.
func numbers(of []int) string {
	texts := make([]string, len(of))
	for n, number := range of {
		texts[n] = strconv.Itoa(number)
	}
	return strings.Join(texts, ", ")
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (u *Updated) finished(w io.Writer) {
	if len(u.Finished) > 0 {
		fmt.Fprintf(w, "Finished an update of %d files that had been interrupted.\n", len(u.Finished))
	}
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
		fmt.Fprintf(&text, "note: %s\n", line(note))
	}
	return text.String()
}

func patch(change *project.Change) []byte {
	if change.After == nil && change.Action != project.Removed {
		return nil
	}
	before, after := "a/"+line(change.Path), "b/"+line(change.Path)
	if change.Before == nil {
		before = "/dev/null"
	}
	if change.After == nil {
		after = "/dev/null"
	}
	if isBinary(change.Before) || isBinary(change.After) {
		return fmt.Appendf(nil, "Binary files %s and %s differ\n", before, after)
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
		to = fmt.Sprintf(" from level %s to %s", line(u.Was), line(u.Blueprint.Level))
	}
	if len(u.Changes) == 0 {
		return fmt.Sprintf("%s is as it is rendered; there is nothing to update.\n", line(u.Blueprint.Name))
	}
	fmt.Fprintf(&text, "%s %s%s: %d added, %d updated, %d merged, %d removed, %d kept, %d with conflicts.\n",
		done, line(u.Blueprint.Name), to,
		counts[project.Added], counts[project.Updated], counts[project.Merged], counts[project.Removed], counts[project.Kept], counts[project.Conflicted])
	if counts[project.Conflicted] > 0 && !u.DryRun {
		text.WriteString("Resolve the conflicts: yours is above, the other version below. Then: scaffold update\n")
	}
	return text.String()
}

type updateData struct {
	Name    string       `json:"name"`
	Level   string       `json:"level"`
	Was     string       `json:"was"`
	DryRun  bool         `json:"dryRun"`
	Changes []changeData `json:"changes"`
	// Conflicts is the files to resolve: their markers, or the reason where there are none.
	Conflicts []conflictData `json:"conflicts,omitempty"`
	Notes     []string       `json:"notes,omitempty"`
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

type conflictData struct {
	Path   string `json:"path"`
	Lines  []int  `json:"lines,omitempty"`
	Reason string `json:"reason,omitempty"`
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
		if change.Action == project.Conflicted {
			data.Conflicts = append(data.Conflicts, conflictData{change.Path, change.Lines, change.Reason})
		}
	}
	return data
}

// Next is the steps of the pack. After a dry run it is nothing: the same command without --dry-run writes. With
// conflicts, a person or a program has to resolve the files that Data lists, for which there is no command; the one
// here says whether all of them are, and changes nothing.
func (u *Updated) Next() Next {
	switch {
	case u.DryRun:
		return Next{}
	case hasConflicts(u.Changes):
		return Next{Commands: [][]string{{"scaffold", "update", "--check"}}}
	case len(u.GoOn()) > 0:
		return Next{Commands: u.GoOn()}
	case len(u.Changes) == 0:
		return Next{}
	default:
		return nextOf(u.Updated.Next)
	}
}

func hasConflicts(changes []*project.Change) bool {
	return slices.ContainsFunc(changes, func(c *project.Change) bool { return c.Action == project.Conflicted })
}

// Drift is whether a project is what its blueprint and its pack say, for those who ask regularly.
type Drift struct{ *engine.Updated }

// IsCurrent says that there is nothing to do.
func (d *Drift) IsCurrent() bool {
	return len(d.Changes) == 0 && len(d.Edited) == 0 && d.NewerTag == ""
}

// Text says what an update would change, and which files of scaffold's own have been edited.
func (d *Drift) Text(w io.Writer) error {
	if d.IsCurrent() {
		_, err := fmt.Fprintf(w, "%s is current: there is no update, and no drift.\n", line(d.Blueprint.Name))
		return err
	}
	if d.NewerTag != "" {
		fmt.Fprintf(w, "%-9s%s: scaffold update --ref %s\n", "newer", line(d.NewerTag), line(d.NewerTag))
	}
	for _, path := range d.Edited {
		fmt.Fprintf(w, "%-9s%s\n", "drift", line(path))
	}
	for _, change := range d.Changes {
		fmt.Fprintf(w, "%-9s%s\n", change.Action, line(change.Path))
	}
	_, err := fmt.Fprintf(w, "An update of %s would change %d files; %d files of scaffold's own have been edited.\n",
		line(d.Blueprint.Name), len(d.Changes), len(d.Edited))
	return err
}

// Data is the same as a value.
func (d *Drift) Data() any {
	data := struct {
		updateData
		Current bool     `json:"current"`
		Edited  []string `json:"edited"`
		// NewerTag is the newest version of the pack, if that is newer than the project's.
		NewerTag string `json:"newerTag,omitempty"`
	}{(&Updated{Updated: d.Updated, DryRun: true}).Data().(updateData), d.IsCurrent(), d.Edited, d.NewerTag}
	if data.Edited == nil {
		data.Edited = []string{}
	}
	return data
}

// Next is to update, if that would change something. It would not while there are conflicts: they have to be resolved
// first.
func (d *Drift) Next() Next {
	if hasConflicts(d.Changes) {
		return Next{}
	}
	if d.NewerTag != "" {
		return Next{Commands: [][]string{{"scaffold", "update", "--ref", d.NewerTag}}}
	}
	if len(d.Changes) == 0 {
		return Next{}
	}
	return Next{Commands: [][]string{{"scaffold", "update"}}}
}
