// Package cli is the command line: it reads flags, asks the engine and prints.
//
// The contract with the terminal: stdout is the result and nothing else, stderr is for people. With --json, wherever
// it stands, stdout is exactly one JSON object, on success and on failure. Questions are asked only if stdin and
// stdout are both terminals; otherwise an error lists everything that is missing. An error is one block: "error: " and
// what happened, then "hint: " and what to type.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/prompt"
	"github.com/serverless-scaffold/scaffold/internal/report"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// Process is what a program gets from its surroundings.
type Process struct {
	Args []string
	// Env is the environment, each entry NAME=value, for the commands of a project that this program runs.
	Env    []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Packs is the built-in template packs.
	Packs fs.FS
	// Version is this program's version.
	Version string
}

// getenv returns the value of a variable; the last entry counts.
func (p *Process) getenv(name string) string {
	value := ""
	for _, entry := range p.Env {
		if key, text, _ := strings.Cut(entry, "="); key == name {
			value = text
		}
	}
	return value
}

// app is what all commands share.
type app struct {
	Process
	engine *engine.Engine
	asker  prompt.Asker
	// json says that stdout is for a program.
	json bool
	dir  string
}

// Run runs the program and returns its exit status. The program ends soon after the context does.
func Run(ctx context.Context, p Process) int {
	a := &app{
		Process: p,
		engine: &engine.Engine{
			Packs: p.Packs, Version: p.Version, Env: p.Env, StateHome: p.stateHome(), Sources: &source.Store{Cache: p.cacheDir(), Env: p.Env},
			Waiting: func() { fmt.Fprintln(p.Stderr, "waiting for another scaffold that writes to this project") },
		},
		asker: prompt.New(p.Stdin, p.Stdout, p.Stderr, p.getenv("TERM")),
	}
	return a.execute(ctx)
}

// cacheDir is where repositories are kept, as the XDG base directories have it.
func (p *Process) cacheDir() string {
	if dir := p.getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "scaffold")
	}
	if dir := p.getenv("LocalAppData"); dir != "" {
		return filepath.Join(dir, "scaffold")
	}
	return filepath.Join(p.getenv("HOME"), ".cache", "scaffold")
}

// stateHome is where the state of projects is kept that are in no git repository; empty if there is no such folder.
func (p *Process) stateHome() string {
	switch {
	case filepath.IsAbs(p.getenv("XDG_STATE_HOME")):
		return filepath.Join(p.getenv("XDG_STATE_HOME"), "scaffold")
	case p.getenv("LocalAppData") != "":
		return filepath.Join(p.getenv("LocalAppData"), "scaffold", "state")
	case filepath.IsAbs(p.getenv("HOME")):
		return filepath.Join(p.getenv("HOME"), ".local", "state", "scaffold")
	default:
		return ""
	}
}

func (a *app) execute(ctx context.Context) (status int) {
	a.json = wantsJSON(a.Args)
	defer func() {
		if bug := recover(); bug != nil {
			fmt.Fprintf(a.Stderr, "%s\n", debug.Stack())
			status = a.fail(ctx, &fault.Error{
				Code: fault.Internal, Message: fmt.Sprintf("this is a mistake in scaffold: %v", bug),
				Hint: "please report it, with what you typed",
			})
		}
	}()
	// What cobra prints itself, help and scripts for shells, is a result too.
	var prose bytes.Buffer
	root := a.root(&prose)
	root.SetArgs(a.Args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil && prose.Len() > 0 {
		err = a.print(&report.Prose{Kind: kindOfProse(cmd), Content: prose.String()})
	}
	if err != nil {
		return a.fail(ctx, err)
	}
	return exitOK
}

func kindOfProse(cmd *cobra.Command) string {
	if cmd.HasParent() && cmd.Parent().Name() == "completion" && !cmd.Flags().Changed("help") {
		return "script"
	}
	return "help"
}

// root returns the command with all others below it; out is for what cobra prints.
func (a *app) root(out io.Writer) *cobra.Command {
	showVersion := false
	root := &cobra.Command{
		Use:   "scaffold",
		Short: "Writes serverless services that are ready for the quality level they claim",
		Long: `Writes serverless services that are ready for the quality level they claim.

No account, no telemetry, no network, unless a pack of templates lives elsewhere.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          isGroup,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if showVersion {
				return a.print(report.Version(a.Version))
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&showVersion, "version", false, "print the version")
	root.PersistentFlags().Bool("json", false, "print exactly one JSON object")
	root.PersistentFlags().StringVarP(&a.dir, "dir", "C", ".", "work as if started in this directory")
	root.SetFlagErrorFunc(a.flagError)
	root.AddCommand(a.newCommand(), a.planCommand(), a.addCommand(), a.updateCommand(), a.checkCommand(), a.explainCommand(), a.templateCommand(), a.listCommand(), a.levelsCommand(), a.versionCommand())
	root.SetHelpCommand(helpCommand())
	root.SetIn(a.Stdin)
	root.SetOut(out)
	root.SetErr(a.Stderr)
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args, completion.RunE = isGroup, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	guardFlags(root)
	return root
}

// print writes a result, as text or as JSON.
func (a *app) print(r report.Result) error { return a.finish(r, nil) }

// finish writes a result and returns the verdict: nil, errFindings or errConflicts. Only a result without a verdict is
// OK.
func (a *app) finish(r report.Result, verdict error) error {
	var err error
	if a.json {
		err = report.JSON(a.Stdout, r, verdict == nil)
	} else {
		err = report.Print(a.Stdout, r)
	}
	if err != nil {
		return fault.Wrap(err, "printing the result")
	}
	return verdict
}

// fail prints an error and returns the exit status that belongs to it.
func (a *app) fail(ctx context.Context, err error) int {
	if errors.Is(err, errFindings) || errors.Is(err, errConflicts) {
		return exitStatus(fault.CodeOf(err)) // The report is printed.
	}
	var known *fault.Error
	var list fault.List
	switch isKnown := errors.As(err, &known) || errors.As(err, &list); {
	case errors.Is(ctx.Err(), context.Canceled) && fault.CodeOf(err) != fault.Interrupted:
		err = &fault.Error{Code: fault.Interrupted, Message: "interrupted", Err: err, Hint: "type the command again"}
	case !isKnown:
		// What cobra itself finds wrong.
		err = &fault.Error{Code: fault.Invalid, Message: err.Error(), Hint: "scaffold --help"}
	}
	if !a.json || report.JSONError(a.Stdout, err) != nil {
		report.TextError(a.Stderr, err)
	}
	return exitStatus(fault.CodeOf(err))
}
