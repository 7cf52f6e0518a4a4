package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/report"
)

// errConflicts is an update that has left conflicts. Its report has been printed; the exit status says the rest.
var errConflicts = &fault.Error{Code: fault.Conflicts, Message: "the update has left conflicts"}

// changes is what the user wants to be different.
type changes struct {
	level      string
	set        []string
	resolution string
	dryRun     bool
	diff       bool
}

func (a *app) updateCommand() *cobra.Command {
	in := &changes{}
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Bring a project to another level, or to what is rendered for it now",
		Long: `Bring a project to another level, or to what this version of scaffold renders for it.

What you have edited stays. Files that only one side has changed are taken from that side; where both have changed the same file,
git merges them, and lines that both have changed become a conflict with markers. What you have deleted stays deleted. An update
that is interrupted is finished by the next one.`,
		Example: `  scaffold update --level enterprise
  scaffold update --dry-run --diff
  scaffold update --set regions=eu-west-1,eu-central-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runUpdate(cmd, in) },
	}
	cmd.Flags().StringVar(&in.level, "level", "", "the level that the project shall have")
	cmd.Flags().StringArrayVar(&in.set, "set", nil, "change an input by its key, such as regions=eu-west-1,eu-central-1")
	names := make([]string, len(project.Resolutions()))
	for n, resolution := range project.Resolutions() {
		names[n] = string(resolution)
	}
	cmd.Flags().StringVar(&in.resolution, "on-conflict", names[0], "what to do where both have changed the same lines: "+strings.Join(names, ", "))
	cmd.Flags().BoolVar(&in.dryRun, "dry-run", false, "show what would change, and write nothing")
	cmd.Flags().BoolVar(&in.diff, "diff", false, "show the changes too")
	_ = cmd.RegisterFlagCompletionFunc("on-conflict", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) runUpdate(cmd *cobra.Command, in *changes) error {
	set, err := in.values()
	if err != nil {
		return err
	}
	resolution := project.Resolution(in.resolution)
	if !slices.Contains(project.Resolutions(), resolution) {
		return &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("conflicts cannot be resolved by %q", in.resolution), Hint: cmd.CommandPath() + " --help"}
	}
	updated, err := a.engine.Update(cmd.Context(), engine.UpdateRequest{Dir: a.dir, Set: set, Resolution: resolution, DryRun: in.dryRun})
	if err != nil {
		return err
	}
	if err := a.print(&report.Updated{Updated: updated, DryRun: in.dryRun, WithDiff: in.diff}); err != nil {
		return err
	}
	if len(updated.Conflicts()) > 0 {
		return errConflicts
	}
	return nil
}

func (in *changes) values() (map[string]string, error) {
	set := map[string]string{}
	var problems fault.List
	for _, assignment := range in.set {
		key, value, ok := strings.Cut(assignment, "=")
		switch {
		case !ok:
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("--set %s sets nothing", assignment), Hint: "--set KEY=VALUE"})
		case !slices.Contains(blueprint.Keys(), key):
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("there is no input %q", key), Hint: strings.Join(blueprint.Keys(), ", ")})
		default:
			set[key] = value
		}
	}
	if in.level != "" {
		set["level"] = in.level
	}
	return set, problems.OrNil()
}
