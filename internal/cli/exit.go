package cli

import "github.com/serverless-scaffold/scaffold/internal/fault"

// The exit statuses are an interface: scripts branch on them.
const (
	exitOK          = 0
	exitInternal    = 1
	exitInvalid     = 2
	exitFindings    = 3
	exitInputNeeded = 4
	exitConflicts   = 5
	exitRefused     = 6
	exitNetwork     = 7
	exitInterrupted = 130
)

func exitStatus(code fault.Code) int {
	switch code {
	case fault.Invalid:
		return exitInvalid
	case fault.Findings:
		return exitFindings
	case fault.InputNeeded:
		return exitInputNeeded
	case fault.Conflicts:
		return exitConflicts
	case fault.Refused:
		return exitRefused
	case fault.Network:
		return exitNetwork
	case fault.Interrupted:
		return exitInterrupted
	default:
		return exitInternal
	}
}
