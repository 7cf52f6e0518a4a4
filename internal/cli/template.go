package cli

import (
	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/report"
)

func (a *app) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Make, look at and prove packs of templates",
		Long: `Make, look at and prove packs of templates. A pack is a folder with a pack.yaml, in a folder of yours or in a git repository;
Packs are data: they run nothing. A guide takes you to a tested one in fifteen minutes:
https://github.com/serverless-scaffold/scaffold/blob/main/docs/guides/write-a-pack.md`,
		Args: isGroup,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.templateNewCommand(), a.templateShowCommand(), a.templateLintCommand(), a.templateTestCommand(), a.templateVendorCommand())
	return cmd
}

func (a *app) templateNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "new NAME",
		Short:   "Start a pack that adds to the built-in one",
		Example: "  scaffold template new acme",
		Args:    needs("NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, files, err := a.engine.NewTemplate(args[0], a.dir)
			if err != nil {
				return err
			}
			return a.print(&report.TemplateCreated{Dir: dir, Files: files})
		},
	}
}

// sourced makes a command that takes the source of a pack as its argument.
func (a *app) sourced(use, short, example string, run func(cmd *cobra.Command, in *packFlags) error) *cobra.Command {
	in := &packFlags{}
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: needs("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.template = args[0]
			if err := in.check(a); err != nil {
				return err
			}
			return run(cmd, in)
		},
	}
	cmd.Flags().StringVar(&in.ref, "ref", "", "the branch, tag or commit of the pack")
	cmd.Flags().BoolVar(&in.offline, "offline", false, "ask nobody: take packs from the cache")
	return cmd
}

func (a *app) templateShowCommand() *cobra.Command {
	return a.sourced("show SOURCE", "Say what a pack has, and what it would do",
		"  scaffold template show ./acme\n  scaffold template show github.com/acme/packs//lambda@v2",
		func(cmd *cobra.Command, in *packFlags) error {
			shown, ref, err := a.engine.ShowTemplate(cmd.Context(), in.pack(a))
			if err != nil {
				return err
			}
			return a.print(&report.Template{Pack: shown, Ref: ref})
		})
}

func (a *app) templateLintCommand() *cobra.Command {
	return a.sourced("lint SOURCE", "Find what is wrong with a pack: its manifest, conditions, templates, unused files, owners",
		"  scaffold template lint ./acme",
		func(cmd *cobra.Command, in *packFlags) error {
			problems, err := a.engine.Lint(cmd.Context(), in.pack(a))
			if err != nil {
				return err
			}
			linted := &report.TemplateLinted{Source: in.template, Problems: problems}
			if len(problems) > 0 {
				return a.finish(linted, errFindings)
			}
			return a.print(linted)
		})
}

func (a *app) templateTestCommand() *cobra.Command {
	rewrite := false
	cmd := a.sourced("test SOURCE", "Render a pack's tests, and compare them with their golden trees",
		"  scaffold template test ./acme\n  scaffold template test ./acme --update",
		func(cmd *cobra.Command, in *packFlags) error {
			cases, err := a.engine.TestTemplate(cmd.Context(), in.pack(a), rewrite)
			if err != nil {
				return err
			}
			result := &report.TemplateTested{Cases: cases}
			if result.Failed() > 0 {
				return a.finish(result, errFindings)
			}
			return a.print(result)
		})
	cmd.Flags().BoolVar(&rewrite, "update", false, "make the golden trees what is rendered now")
	return cmd
}

func (a *app) templateVendorCommand() *cobra.Command {
	in := &packFlags{}
	cmd := &cobra.Command{
		Use:   "vendor",
		Short: "Copy a project's pack into the project, so that updates need nothing else",
		Args:  takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			ref, err := a.engine.Vendor(cmd.Context(), dir, in.pack(a))
			if err != nil {
				return err
			}
			return a.print(&report.Vendored{Ref: ref})
		},
	}
	cmd.Flags().BoolVar(&in.offline, "offline", false, "ask nobody: take the pack from the cache")
	in.registerTrust(cmd)
	return cmd
}
