package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/report"
	"github.com/serverless-scaffold/scaffold/internal/source"
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
	check      bool
	// formatWith is the command that formats the project's files.
	formatWith string
	// updateTemplates lets an addition bring newer templates along.
	updateTemplates bool
	packFlags
}

// packFlags is which pack the user wants, and how it is fetched.
type packFlags struct {
	template string
	ref      string
	locked   bool
	offline  bool
	stay     bool
	trust    bool
}

// registerPack adds the flags. A lock there is only where there is a project.
func (in *packFlags) registerPack(cmd *cobra.Command, hasLock bool) {
	cmd.Flags().StringVar(&in.template, "template", "", "a pack of your own: ./folder, host/owner/repo//folder@ref, https://…, ssh://…")
	cmd.Flags().StringVar(&in.ref, "ref", "", "the branch, tag or commit of the pack")
	cmd.Flags().BoolVar(&in.offline, "offline", false, "ask nobody: take packs from the cache")
	if hasLock {
		in.registerTrust(cmd)
		cmd.Flags().BoolVar(&in.locked, "locked", false, "refuse a pack with other content than the lock says")
	}
}

// registerTrust adds the flag that lets the lock of a project name a host.
func (in *packFlags) registerTrust(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&in.trust, "trust", false, "fetch the pack that the lock names, even from a host that was never asked before")
}

func (in *packFlags) pack(a *app) engine.PackOptions {
	return engine.PackOptions{Template: in.template, Ref: in.ref, Locked: in.locked, Offline: in.offline, AsLocked: in.stay, Trust: in.trust, Base: a.dir}
}

// check refuses the name of a folder that is not written as one: it would be taken for a host.
func (in *packFlags) check(a *app) error {
	name := in.template
	_, err := source.Parse(name)
	isAddress := name == "" || err == nil || strings.ContainsAny(name, ":@")
	if isAddress || !exists(filepath.Join(a.dir, name)) {
		return nil
	}
	return &fault.Error{
		Code: fault.Invalid, Message: fmt.Sprintf("%q is not the address of a pack", name),
		Hint: fmt.Sprintf("did you mean ./%s?", name),
	}
}

// registerWriting adds the flags of what changes a project.
func (in *changes) registerWriting(cmd *cobra.Command, fallback project.Resolution) {
	names := make([]string, len(project.Resolutions()))
	for n, resolution := range project.Resolutions() {
		names[n] = string(resolution)
	}
	cmd.Flags().StringVar(&in.resolution, "on-conflict", string(fallback), "what to do where both have changed the same lines: "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&in.formatWith, "format-with", "",
		"the command with which you have formatted the project, such as 'npx prettier --stdin-filepath {path}'")
	cmd.Flags().BoolVar(&in.dryRun, "dry-run", false, "show what would change, and write nothing")
	cmd.Flags().BoolVar(&in.diff, "diff", false, "show the changes too")
	_ = cmd.RegisterFlagCompletionFunc("on-conflict", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	in.registerPack(cmd, true)
}

// formatter returns the words of the command that formats.
func (in *changes) formatter() ([]string, error) {
	words, err := shellquote.Split(in.formatWith)
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "--format-with cannot be divided into words", Err: err, Hint: "close the quotes"}
	}
	return words, nil
}

func (in *changes) conflicts(cmd *cobra.Command) (project.Resolution, error) {
	resolution := project.Resolution(in.resolution)
	if !slices.Contains(project.Resolutions(), resolution) {
		return "", &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("conflicts cannot be resolved by %q", in.resolution), Hint: cmd.CommandPath() + " --help"}
	}
	return resolution, nil
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
  scaffold update --set regions=eu-west-1,eu-central-1
  scaffold update --check`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runUpdate(cmd, in) },
	}
	cmd.Flags().StringVar(&in.level, "level", "", "the level that the project shall have")
	cmd.Flags().StringArrayVar(&in.set, "set", nil, "change an input by its key, such as regions=eu-west-1,eu-central-1")
	cmd.Flags().BoolVar(&in.stay, "stay", false, "keep the pack at the commit that the lock names")
	cmd.Flags().BoolVar(&in.check, "check", false, "say whether there is an update or drift, with status 3 if so, and write nothing")
	in.registerWriting(cmd, project.Markers)
	return cmd
}

func (a *app) runUpdate(cmd *cobra.Command, in *changes) error {
	set, err := in.values()
	if err != nil {
		return err
	}
	resolution, err := in.conflicts(cmd)
	if err != nil {
		return err
	}
	if in.stay && (in.template != "" || in.ref != "" || in.locked) {
		return &fault.Error{
			Code: fault.Invalid, Message: "--stay keeps the pack of the lock, and --template, --ref and --locked say otherwise", Hint: "leave one of them out",
		}
	}
	dir, err := a.project()
	if err != nil {
		return err
	}
	formatter, err := in.formatter()
	if err != nil {
		return err
	}
	request := engine.UpdateRequest{Dir: dir, FormatWith: formatter, Set: set, Resolution: resolution, Pack: in.pack(a)}
	request.DryRun, request.AskNewer = in.dryRun || in.check, in.check
	updated, err := a.engine.Update(cmd.Context(), request)
	if err != nil {
		return err
	}
	if in.check {
		return a.printDrift(&report.Drift{Updated: updated})
	}
	return a.printUpdate(&report.Updated{Updated: updated, DryRun: in.dryRun, WithDiff: in.diff})
}

// printDrift prints what an update would find; anything is a finding.
func (a *app) printDrift(drift *report.Drift) error {
	if drift.IsCurrent() {
		return a.print(drift)
	}
	return a.finish(drift, errFindings)
}

func (a *app) printUpdate(updated *report.Updated) error {
	if len(updated.Conflicts()) > 0 {
		return a.finish(updated, errConflicts)
	}
	return a.print(updated)
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
			problems = append(problems, &fault.Error{
				Code: fault.Invalid, Message: fmt.Sprintf("there is no input %q", key),
				Hint: strings.TrimSpace(didYouMean(key, blueprint.Keys()) + " allowed: " + strings.Join(blueprint.Keys(), ", ")),
			})
		default:
			set[key] = value
		}
	}
	if in.level != "" {
		set["level"] = in.level
	}
	return set, problems.OrNil()
}
