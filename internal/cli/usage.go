package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// wantsJSON reports whether --json stands anywhere among the arguments, also where the command line cannot be
// understood. A shell that asks for completions does not want it: it completes such a line.
func wantsJSON(args []string) bool {
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		return false
	}
	wants := false
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg+"=true", "--json="); ok {
			value, _, _ = strings.Cut(value, "=")
			isOn, err := strconv.ParseBool(value)
			wants = isOn || err != nil
		}
	}
	return wants
}

// usage is a mistake in the command line itself.
func usage(cmd *cobra.Command, message, advice string) error {
	hint := cmd.CommandPath() + " --help"
	if advice != "" {
		hint = advice + "; " + hint
	}
	return &fault.Error{Code: fault.Invalid, Message: message, Hint: hint}
}

// didYouMean is an advice for a misspelt word; it is empty if no word is near.
func didYouMean(given string, words []string) string {
	if near := blueprint.Nearest(given, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// needs returns the check of a command that takes exactly these arguments.
func needs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(cmd, fmt.Sprintf("%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):], " ")), "")
		}
		return takes(names...)(cmd, args)
	}
}

// takes returns the check of a command that takes these arguments, or fewer.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= len(names):
			return nil
		case len(names) == 0:
			return usage(cmd, fmt.Sprintf("%s takes no arguments, and there is %q", cmd.CommandPath(), args[0]), "")
		default:
			wanted, extra := strings.Join(names, " "), args[len(names)]
			return usage(cmd, fmt.Sprintf("%s takes %s alone, and there is %q too", cmd.CommandPath(), wanted, extra), "")
		}
	}
}

// isGroup is the check of a command that has nothing but commands: whatever follows is none of them.
func isGroup(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(group *cobra.Command, name string) error {
	advice := didYouMean(name, commandNames(group))
	if slices.Contains([]string{"remove", "rm", "delete", "destroy"}, name) {
		advice = "take it out of " + blueprint.FileName + ", and run scaffold update"
	}
	return usage(group, fmt.Sprintf("unknown command %q for %q", name, group.CommandPath()), advice)
}

func commandNames(group *cobra.Command) []string {
	var names []string
	for _, cmd := range group.Commands() {
		if !cmd.Hidden {
			names = append(names, cmd.Name())
		}
	}
	return names
}

// flagError says what is wrong with a flag. A group knows hardly any flags: there it is the command that is unknown.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	if cmd.HasSubCommands() {
		depth := len(strings.Fields(cmd.CommandPath())) - 1
		if words := a.words(); len(words) > depth {
			return unknownCommand(cmd, words[depth])
		}
	}
	advice := ""
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		if near := blueprint.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			advice = fmt.Sprintf("did you mean --%s?", near)
		}
	}
	return usage(cmd, err.Error(), advice)
}

// words returns the arguments that are neither flags nor the folder of -C.
func (a *app) words() []string {
	var words []string
	for n, arg := range a.Args {
		isFolder := n > 0 && (a.Args[n-1] == "-C" || a.Args[n-1] == "--dir")
		if !strings.HasPrefix(arg, "-") && !isFolder {
			words = append(words, arg)
		}
	}
	return words
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				topic := strings.Join(args, " ")
				return usage(cmd.Root(), fmt.Sprintf("there is no command %q to help with", topic),
					didYouMean(topic, commandNames(cmd.Root())))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// guardFlags makes all flags that take a value refuse another flag of the command as one: somebody has forgotten the
// value.
func guardFlags(cmd *cobra.Command) {
	guard := func(flag *pflag.Flag) {
		if _, isGuarded := flag.Value.(*guardedValue); isGuarded || flag.Value.Type() == "bool" {
			return
		}
		flag.Value = &guardedValue{Value: flag.Value, name: flag.Name, cmd: cmd}
		if flag.DefValue == "[]" {
			flag.DefValue = "" // Help shows no default that is empty.
		}
	}
	cmd.Flags().VisitAll(guard)
	cmd.PersistentFlags().VisitAll(guard)
	for _, child := range cmd.Commands() {
		guardFlags(child)
	}
}

// guardedValue is the value of a flag of a command.
type guardedValue struct {
	pflag.Value
	name string
	cmd  *cobra.Command
}

// Set sets the value, unless it is the name of a flag.
func (g *guardedValue) Set(text string) error {
	name, _, _ := strings.Cut(text, "=")
	long, isLong := strings.CutPrefix(name, "--")
	if isLong && (g.cmd.Flag(long) != nil || long == "help") || slices.Contains([]string{"-C", "-y", "-h"}, text) {
		return fmt.Errorf("%s is a flag, and --%s needs a value", name, g.name)
	}
	return g.Value.Set(text)
}
