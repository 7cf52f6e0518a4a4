package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/report"
)

// addition is what the user has said about a function.
type addition struct {
	trigger string
	options map[string]*string
	uses    []string
}

func (a *app) addCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Add a function or a resource to a project",
		Long: `Add a function or a resource to a project: its code, its test, its infrastructure, its alarms and its runbook.

It is one more item in blueprint.yaml, whose comments stay, and an update. It is added whole or not at all: where you have changed
the very lines that it needs, nothing is written, and --on-conflict says how to go on.`,
		Args: isGroup,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.addFunctionCommand())
	for _, section := range blueprint.ResourceSections() {
		cmd.AddCommand(a.addResourceCommand(section.Kind, section.Help))
	}
	return cmd
}

func (a *app) addFunctionCommand() *cobra.Command {
	in, how := &addition{options: map[string]*string{}}, &changes{}
	var triggers []string
	var help strings.Builder
	for _, kind := range blueprint.TriggerTypes() {
		triggers = append(triggers, kind.Name)
		fmt.Fprintf(&help, "\n  %-16s %s", kind.Name, kind.Help)
	}
	cmd := &cobra.Command{
		Use:   "function NAME",
		Short: "Add a function",
		Long:  "Add a function, invoked by one of these:\n" + help.String(),
		Example: `  scaffold add function list-reports --trigger http --path /reports
  scaffold add function import-orders --trigger s3 --bucket imports --uses reports
  scaffold add function send-digest --trigger schedule --schedule 'cron(0 7 * * ? *)'`,
		Args: needs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			function, err := in.function(args[0], triggers)
			if err != nil {
				return err
			}
			return a.runAdd(cmd, how, &engine.AddRequest{Function: function})
		},
	}
	cmd.Flags().StringVar(&in.trigger, "trigger", "", "what invokes it: "+strings.Join(triggers, ", "))
	_ = cmd.RegisterFlagCompletionFunc("trigger", cobra.FixedCompletions(triggers, cobra.ShellCompDirectiveNoFileComp))
	for _, kind := range blueprint.TriggerTypes() {
		for _, option := range kind.Options {
			text := kind.Name + ": " + option.Help
			if len(option.Allowed) > 0 {
				text += ": " + strings.Join(option.Allowed, ", ")
			}
			in.options[option.Key] = cmd.Flags().String(option.Flag(), "", text)
		}
	}
	cmd.Flags().StringSliceVar(&in.uses, "uses", nil, "tables, queues, buses and secrets of the blueprint that it may use")
	how.registerAdding(cmd)
	return cmd
}

func (a *app) addResourceCommand(kind, help string) *cobra.Command {
	how := &changes{}
	cmd := &cobra.Command{
		Use:     kind + " NAME",
		Short:   "Add " + help,
		Example: fmt.Sprintf("  scaffold add %s reports", kind),
		Args:    needs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runAdd(cmd, how, &engine.AddRequest{Kind: kind, Resource: blueprint.Resource{Name: args[0]}})
		},
	}
	how.registerAdding(cmd)
	return cmd
}

func (in *changes) registerAdding(cmd *cobra.Command) {
	in.registerWriting(cmd, project.Abort)
	cmd.Flags().BoolVar(&in.updateTemplates, "update-templates", false, "bring the rest of the project up to newer templates too")
}

// function is what the flags say. What is wrong with it the blueprint knows, once the function is in it.
func (in *addition) function(name string, triggers []string) (*blueprint.Function, error) {
	if in.trigger == "" {
		return nil, &fault.Error{Code: fault.InputNeeded, Message: "trigger is needed: what invokes the function", Hint: "--trigger " + strings.Join(triggers, "|")}
	}
	function := &blueprint.Function{Name: name, Uses: in.uses, Trigger: blueprint.Trigger{Type: in.trigger}}
	for _, kind := range blueprint.TriggerTypes() {
		for _, option := range kind.Options {
			if value := *in.options[option.Key]; value != "" {
				option.Set(&function.Trigger, value)
			}
		}
	}
	return function, nil
}

func (a *app) runAdd(cmd *cobra.Command, how *changes, request *engine.AddRequest) error {
	resolution, err := how.conflicts(cmd)
	if err != nil {
		return err
	}
	dir, err := a.project()
	if err != nil {
		return err
	}
	request.Dir, request.Resolution, request.DryRun, request.Pack = dir, resolution, how.dryRun, how.pack(a)
	request.UpdateTemplates = how.updateTemplates
	if request.FormatWith, err = how.formatter(); err != nil {
		return err
	}
	before, _ := readBounded(filepath.Join(dir, blueprint.FileName))
	updated, err := a.engine.Add(cmd.Context(), request)
	if err != nil {
		return ofCommand(err, bytes.Count(before, []byte("\n")))
	}
	return a.printUpdate(&report.Updated{Updated: updated, DryRun: how.dryRun, WithDiff: how.diff})
}

// ofCommand takes the place from what is wrong with the addition: it would have stood below the last line of the file,
// and it stands on the command line.
func ofCommand(err error, lastLine int) error {
	for _, problem := range fault.All(err) {
		if problem.Place.File == blueprint.FileName && problem.Place.Line > lastLine {
			problem.Place = fault.Place{}
		}
	}
	return err
}
