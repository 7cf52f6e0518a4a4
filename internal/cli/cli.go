// Package cli is the command line: it reads flags, asks the engine and prints.
//
// The contract with the terminal: stdout is the result and nothing else, stderr is for people. With --json, stdout is
// exactly one JSON object, on success and on failure. Questions are asked only if stdin and stdout are both
// terminals; otherwise an error lists everything that is missing. An error is one block: "error: " and what happened,
// then "hint: " and what to type.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
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

// app is what all commands share.
type app struct {
	Process
	engine *engine.Engine
	asker  prompt.Asker
	json   bool
	dir    string
}

// Run runs the program and answers its exit status.
func Run(ctx context.Context, p Process) int {
	a := &app{Process: p, engine: &engine.Engine{
		Packs: p.Packs, Version: p.Version, Env: p.Env, StateHome: stateHome(p.Env), Sources: &source.Store{Cache: cacheDir(p.Env), Env: p.Env},
		Waiting: func() { fmt.Fprintln(p.Stderr, "waiting for another scaffold that writes to this project") },
	}, asker: prompt.New(p.Stdin, p.Stdout, p.Stderr)}
	return a.execute(ctx)
}

// cacheDir is where repositories are kept, as the XDG base directories have it.
func cacheDir(env []string) string {
	found := variables(env)
	if dir := found["XDG_CACHE_HOME"]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "scaffold")
	}
	if dir := found["LocalAppData"]; dir != "" {
		return filepath.Join(dir, "scaffold")
	}
	return filepath.Join(found["HOME"], ".cache", "scaffold")
}

// stateHome is where the state of projects is kept that are in no git repository; empty if there is no such folder.
func stateHome(env []string) string {
	found := variables(env)
	switch {
	case filepath.IsAbs(found["XDG_STATE_HOME"]):
		return filepath.Join(found["XDG_STATE_HOME"], "scaffold")
	case found["LocalAppData"] != "":
		return filepath.Join(found["LocalAppData"], "scaffold", "state")
	case filepath.IsAbs(found["HOME"]):
		return filepath.Join(found["HOME"], ".local", "state", "scaffold")
	default:
		return ""
	}
}

func variables(env []string) map[string]string {
	found := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = value
	}
	return found
}

func (a *app) execute(ctx context.Context) int {
	root := a.root()
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return exitOK
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "scaffold",
		Short: "Writes serverless services that are ready for the quality level they claim",
		Long: `Writes serverless services that are ready for the quality level they claim.

No account, no telemetry, no network, unless a pack of templates lives elsewhere.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print exactly one JSON object")
	root.PersistentFlags().StringVarP(&a.dir, "dir", "C", ".", "work as if started in this directory")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.AddCommand(a.newCommand(), a.planCommand(), a.addCommand(), a.updateCommand(), a.checkCommand(), a.explainCommand(), a.templateCommand(), a.listCommand(), a.levelsCommand(), a.versionCommand())
	root.InitDefaultCompletionCmd()
	return root
}

// usage is a mistake in the command line itself.
func usage(cmd *cobra.Command, err error) error {
	return &fault.Error{Code: fault.Invalid, Message: err.Error(), Hint: cmd.CommandPath() + " --help"}
}

// print writes a result, as text or as JSON.
func (a *app) print(r report.Result) error {
	if a.json {
		return fault.Wrap(report.JSON(a.Stdout, r), "printing the result")
	}
	return fault.Wrap(r.Text(a.Stdout), "printing the result")
}

// fail prints an error and answers the exit status that belongs to it.
func (a *app) fail(err error) int {
	if errors.Is(err, errFindings) || errors.Is(err, errConflicts) {
		return exitStatus(fault.CodeOf(err)) // The report is printed.
	}
	var known *fault.Error
	var list fault.List
	if !errors.As(err, &known) && !errors.As(err, &list) {
		// What cobra itself finds wrong, such as an unknown command.
		err = &fault.Error{Code: fault.Invalid, Message: err.Error(), Hint: "scaffold --help"}
	}
	if a.json {
		_ = report.JSONError(a.Stdout, err)
	} else {
		report.TextError(a.Stderr, err)
	}
	return exitStatus(fault.CodeOf(err))
}
