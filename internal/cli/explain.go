package cli

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/report"
)

func (a *app) explainCommand() *cobra.Command {
	in := &packFlags{}
	cmd := &cobra.Command{
		Use:   "explain PATH[:LINE]",
		Short: "Say why a file, or a line of it, is in a project",
		Long: `Say why a file, or a line of it, is in a project: the layer and the template that it comes from, the condition that put it
there, the inputs and the settings of the level behind it, and the controls that they serve.`,
		Example: `  scaffold explain infra/constructs/canary.go
  scaffold explain infra/stack.go:80`,
		Args: needs("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := a.locate()
			if err != nil {
				return err
			}
			name, line := args[0], 0
			if file, number, ok := cutLine(name); ok {
				name = file
				if line, err = strconv.Atoi(number); err != nil || line < 1 {
					return &fault.Error{
						Code: fault.Invalid, Message: fmt.Sprintf("%q is not a line number", number),
						Hint: "lines count from 1: " + file + ":1",
					}
				}
			}
			request := engine.ExplainRequest{Dir: found.project, Line: line, Pack: in.pack(a)}
			if request.Path, err = found.pathOf(filepath.FromSlash(name)); err != nil {
				return err
			}
			why, err := a.engine.Explain(cmd.Context(), request)
			if err != nil {
				return err
			}
			return a.print(&report.Explained{Explanation: why})
		},
	}
	in.registerPack(cmd, true)
	return cmd
}

func cutLine(text string) (file, line string, ok bool) {
	n := strings.LastIndex(text, ":")
	if n < 0 {
		return text, "", false
	}
	return text[:n], text[n+1:], true
}
