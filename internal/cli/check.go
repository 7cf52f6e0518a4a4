package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/report"
)

// errFindings is a check that has found errors. Its report has been printed; the exit status says the rest.
var errFindings = &fault.Error{Code: fault.Findings, Message: "the check has found errors"}

func (a *app) checkCommand() *cobra.Command {
	request := engine.CheckRequest{}
	format := "text"
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Prove that a project keeps the promises of its level",
		Long: `Prove that a project keeps the promises of its level: on the CloudFormation templates that it synthesises, its sources,
packages, documents and workflows.

It judges any CDK or CloudFormation project, not only ours. The level is that of blueprint.yaml, or production.`,
		Example: `  scaffold check
  scaffold check --run
  scaffold check --level enterprise
  scaffold check --only FH-01,FH-02 --format sarif > check.sarif`,
		Args: takes("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := a.judged(args)
			if err != nil {
				return err
			}
			root, err := os.OpenRoot(dir) //nolint:forbidigo // It reads, and links out of the folder lead nowhere.
			if err != nil {
				return fault.Wrap(err, "opening %s", dir)
			}
			defer func() { _ = root.Close() }()
			now := time.Now().UTC()
			request.Project, request.Dir, request.Env = root.FS(), dir, a.Env
			request.Today, request.Soon = now.Format(time.DateOnly), now.AddDate(0, 6, 0).Format(time.DateOnly)
			return a.runCheck(cmd, request, format)
		},
	}
	cmd.Flags().StringVar(&request.Level, "level", "", "judge by this level: mvp, production, enterprise, hyperscale")
	cmd.Flags().StringSliceVar(&request.Only, "only", nil, "judge these controls alone")
	cmd.Flags().StringSliceVar(&request.Skip, "skip", nil, "leave these controls out")
	cmd.Flags().BoolVar(&request.Run, "run", false, "run the project's own linters and tests, and start its functions")
	cmd.Flags().StringVar(&format, "format", format, "how to print: "+strings.Join(report.CheckFormats(), ", "))
	return cmd
}

// judged returns the folder to judge: the one that was named, from where the user is, or the project that the user is
// in.
func (a *app) judged(args []string) (string, error) {
	if len(args) == 0 {
		return a.project()
	}
	dir := args[0]
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join(a.dir, dir)
	}
	return dir, isFolder(dir)
}

func (a *app) runCheck(cmd *cobra.Command, request engine.CheckRequest, format string) error {
	if !slices.Contains(report.CheckFormats(), format) {
		return &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("there is no format %q", format),
			Hint: strings.TrimSpace(didYouMean(format, report.CheckFormats()) + " --format " + strings.Join(report.CheckFormats(), "|")),
		}
	}
	if a.json && cmd.Flags().Changed("format") && format != "json" {
		return usage(cmd, fmt.Sprintf("--json and --format %s are two formats, and only one can be printed", format),
			"leave one of them out")
	}
	a.json = a.json || format == "json"
	if a.asker.CanAsk() && format == "text" && !a.json {
		request.Progress = func(what string) { fmt.Fprintf(a.Stderr, "%s…\n", what) }
	}
	result, err := a.engine.Check(cmd.Context(), request)
	if err != nil {
		return err
	}
	checked := &report.Check{CheckReport: result, Format: format, Version: a.Version}
	if result.Errors() > 0 {
		return a.finish(checked, errFindings)
	}
	return a.print(checked)
}
