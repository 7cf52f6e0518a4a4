package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/report"
)

// inputs is what the user has said about the service.
type inputs struct {
	flags     map[string]*string
	set       []string
	values    string
	blueprint string
	noInput   bool
	dryRun    bool
	diff      bool
	packFlags
}

func (a *app) newCommand() *cobra.Command {
	in := &inputs{}
	cmd := &cobra.Command{
		Use:   "new [NAME]",
		Short: "Make a new service",
		Long:  "Make a new service in a directory of its name. Without a name it is called after its platform.",
		Example: `  scaffold new --platform lambda --level production
  scaffold new orders --platform lambda --region eu-central-1 --issuer https://login.example.com/
  scaffold new --blueprint blueprint.yaml
  scaffold new orders --platform lambda --template github.com/acme/packs//lambda@v2
  scaffold new orders --platform lambda --dry-run`,
		Args: takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runNew(cmd, args, in) },
	}
	in.register(cmd)
	cmd.Flags().BoolVar(&in.dryRun, "dry-run", false, "show what would be written, and write nothing")
	cmd.Flags().BoolVar(&in.diff, "diff", false, "with --dry-run, show the contents too")
	return cmd
}

func (a *app) planCommand() *cobra.Command {
	in := &inputs{dryRun: true}
	cmd := &cobra.Command{
		Use:   "plan [NAME]",
		Short: "Show what new or, in a project, update would write",
		Long:  "Show what new would write. In a project and without a name, show what update would write there, with the changes.",
		Example: `  scaffold plan orders --platform lambda --diff
  scaffold plan --level enterprise`,
		Args: takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 || in.blueprint != "" || !exists(a.dir) {
				return a.runNew(cmd, args, in)
			}
			found, err := a.locate()
			switch {
			case err != nil:
				return err
			case !found.isFound:
				return a.runNew(cmd, args, in)
			case in.values != "":
				return usage(cmd, "--values is for new projects", "in a project, edit "+blueprint.FileName)
			default:
				return a.runUpdate(cmd, in.asChanges(cmd))
			}
		},
	}
	in.register(cmd)
	cmd.Flags().BoolVar(&in.diff, "diff", false, "show the contents too")
	in.registerTrust(cmd)
	return cmd
}

// asChanges is the same flags as those of an update that only shows what it would do.
func (in *inputs) asChanges(cmd *cobra.Command) *changes {
	how := &changes{set: in.set, resolution: string(project.Markers), dryRun: true, diff: true, packFlags: in.packFlags}
	for _, input := range blueprint.Inputs() {
		if input.Flag != "" && cmd.Flags().Changed(input.Flag) {
			how.set = append(how.set, input.Key+"="+*in.flags[input.Key])
		}
	}
	return how
}

// register makes a flag of every input.
func (in *inputs) register(cmd *cobra.Command) {
	in.flags = map[string]*string{}
	for _, input := range blueprint.Inputs() {
		if input.Flag == "" {
			continue
		}
		help := input.Help
		if allowed := input.Allowed(); len(allowed) > 0 {
			help += ": " + strings.Join(allowed, ", ")
		}
		in.flags[input.Key] = cmd.Flags().String(input.Flag, "", help)
		if len(input.Options) > 0 {
			_ = cmd.RegisterFlagCompletionFunc(input.Flag, cobra.FixedCompletions(input.Allowed(), cobra.ShellCompDirectiveNoFileComp))
		}
	}
	cmd.Flags().StringArrayVar(&in.set, "set", nil, "set an input by its key, such as auth.issuer=https://…")
	cmd.Flags().StringVar(&in.values, "values", "", "read inputs from a YAML file with the keys of a blueprint")
	cmd.Flags().StringVar(&in.blueprint, "blueprint", "", "take everything from a blueprint.yaml")
	cmd.Flags().BoolVar(&in.noInput, "no-input", false, "never ask, even at a terminal")
	cmd.Flags().BoolVarP(&in.noInput, "yes", "y", false, "the same as --no-input")
	in.registerPack(cmd, false)
}

func (a *app) runNew(cmd *cobra.Command, args []string, in *inputs) error {
	if err := in.check(a); err != nil {
		return err
	}
	b, asked, err := a.blueprint(cmd, args, in)
	if err != nil {
		return err
	}
	run := a.engine.New
	if in.dryRun {
		run = a.engine.Plan
	}
	draft, err := run(cmd.Context(), b, a.dir, in.pack(a))
	if err != nil {
		return err
	}
	if asked {
		fmt.Fprintf(a.Stderr, "\nThe same without questions:\n  %s\n\n", strings.Join(quoted(equivalent(b)), " "))
	}
	return a.print(a.result(draft, in))
}

func (a *app) result(draft *engine.Draft, in *inputs) report.Result {
	if in.dryRun {
		return &report.Plan{Draft: draft, WithDiff: in.diff}
	}
	return &report.Created{Draft: draft}
}

// blueprint brings together what was said in flags, files and answers. asked says whether questions were asked.
func (a *app) blueprint(cmd *cobra.Command, args []string, in *inputs) (b *blueprint.Blueprint, asked bool, err error) {
	given, err := in.draft(cmd, args)
	if err != nil {
		return nil, false, err
	}
	if in.blueprint != "" {
		b, err := in.readBlueprint(given)
		return b, false, err
	}
	if !given.Has("platform") && !in.noInput && !a.json && a.asker.CanAsk() {
		answers, err := a.ask(cmd, given)
		if err != nil {
			return nil, false, err
		}
		given, asked = given.Overlay(answers), true
	}
	b, err = given.Finish()
	return b, asked, err
}

// ask asks for what is missing. Nobody should answer questions to hear then that the first thing they typed was wrong.
func (a *app) ask(cmd *cobra.Command, given *blueprint.Draft) (*blueprint.Draft, error) {
	if err := given.Problems(); err != nil {
		return nil, err
	}
	if name, ok := given.Text("name"); ok {
		if err := a.isFree(name); err != nil {
			return nil, err
		}
	}
	return a.asker.Ask(cmd.Context(), given, a.isFree)
}

// isFree is an error if a service of the name has no place: its folder is there, and not empty.
func (a *app) isFree(name string) error { return project.Check(filepath.Join(a.dir, name)) }

func (in *inputs) readBlueprint(given *blueprint.Draft) (*blueprint.Blueprint, error) {
	for _, key := range blueprint.Keys() {
		if given.Has(key) {
			return nil, &fault.Error{
				Code: fault.Invalid, Message: fmt.Sprintf("--blueprint already says all, and %s was given too", key),
				Hint: "use --values FILE to read some inputs and give others",
			}
		}
	}
	text, err := readInput(in.blueprint)
	if err != nil {
		return nil, err
	}
	return blueprint.Parse(in.blueprint, text)
}

// readInput reads a file of the user's. scaffold.yaml is not one of ours: it is the manifest of another tool that has
// the same name.
func readInput(file string) ([]byte, error) {
	if filepath.Base(file) == "scaffold.yaml" {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: file}, Message: "this file belongs to another tool called scaffold (hay-kot/scaffold)",
			Hint: "ours is called " + blueprint.FileName,
		}
	}
	text, err := readBounded(file)
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: file}, Message: "the file cannot be read", Err: err, Hint: "check the path"}
	}
	return text, nil
}

// maxInput is more than any file that is read as a blueprint may have.
const maxInput = 2 << 20

// readBounded reads a file, but not without an end: what is too long is refused by who reads it as YAML.
func readBounded(file string) (text []byte, err error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	return io.ReadAll(io.LimitReader(opened, maxInput))
}

// draft is what was given, later ones over earlier ones: the values file, --set, the flags, the name.
func (in *inputs) draft(cmd *cobra.Command, args []string) (*blueprint.Draft, error) {
	draft := blueprint.NewDraft()
	if in.values != "" {
		text, err := readInput(in.values)
		if err != nil {
			return nil, err
		}
		if draft, err = blueprint.ParseValues(in.values, text); err != nil {
			return nil, err
		}
	}
	var problems fault.List
	for _, assignment := range in.set {
		key, value, ok := strings.Cut(assignment, "=")
		if !ok {
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("--set %s sets nothing", assignment), Hint: "--set KEY=VALUE"})
			continue
		}
		if err := draft.SetText(key, value, fault.Place{File: "--set"}); err != nil {
			problems = append(problems, fault.All(err)...)
		}
	}
	for _, input := range blueprint.Inputs() {
		if flag := cmd.Flags().Lookup(input.Flag); input.Flag != "" && flag.Changed {
			_ = draft.SetText(input.Key, *in.flags[input.Key], fault.Place{File: "--" + input.Flag})
		}
	}
	if len(args) == 1 {
		_ = draft.SetText("name", args[0], fault.Place{})
	}
	return draft, problems.OrNil()
}

// equivalent is the command line that gives the same blueprint without a question.
func equivalent(b *blueprint.Blueprint) []string {
	argv := []string{"scaffold", "new", b.Name}
	for _, input := range blueprint.Inputs() {
		if input.Flag != "" {
			argv = append(argv, "--"+input.Flag, input.Get(b))
		}
	}
	return argv
}

var plainArgument = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoted returns the arguments of a command as a POSIX shell wants them.
func quoted(argv []string) []string {
	words := make([]string, len(argv))
	for n, word := range argv {
		if words[n] = word; !plainArgument.MatchString(word) {
			words[n] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return words
}
