// Command scaffold writes serverless services that are ready for the quality level they claim.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/templates"
)

func main() {
	os.Exit(cli.Run(proc.UntilSignal(context.Background()), cli.Process{
		Args: os.Args[1:], Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Packs: templates.FS, Version: version(),
	}))
}

// version is what the release or the module proxy recorded in the binary.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
