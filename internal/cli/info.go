package cli

import (
	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/report"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what can be asked for",
		Args:  takes(),
		RunE:  func(*cobra.Command, []string) error { return a.print(report.Inputs{}) },
	}
}

func (a *app) levelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "levels",
		Short: "Show what each level demands",
		Args:  takes(),
		RunE: func(*cobra.Command, []string) error {
			catalogue, err := a.engine.Levels()
			if err != nil {
				return err
			}
			return a.print(&report.Levels{Catalogue: catalogue})
		},
	}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  takes(),
		RunE:  func(*cobra.Command, []string) error { return a.print(report.Version(a.Version)) },
	}
}
