package pack

import (
	"fmt"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

// Move is a file of a project that earlier versions of a pack rendered to another path. An update takes the edits
// along.
type Move struct {
	From string `yaml:"from" json:"from"`
	To   string `yaml:"to" json:"to"`
}

// checkMoves returns what is wrong with moves. A file can move several times, from version to version, and every way
// has an end.
func checkMoves(moves []Move) fault.List {
	var problems fault.List
	var from, to plan.Names
	for _, move := range moves {
		for _, end := range []struct {
			names *plan.Names
			path  string
		}{{&from, move.From}, {&to, move.To}} {
			if plan.IsOwn(end.path) {
				message := fmt.Sprintf("moved: no pack moves %q, which is one of scaffold's own records", end.path)
				problems = append(problems, problem(message, "remove the move"))
			} else if err := end.names.Add(end.path); err != nil {
				problems = append(problems, problem("moved: "+fault.All(err)[0].Message, "name each file once"))
			}
		}
	}
	if circle, ok := circleOf(moves); ok {
		problems = append(problems, problem(fmt.Sprintf("moved: %q comes back to itself", circle),
			"remove one of the moves"))
	}
	return problems
}

// circleOf returns a path from which moves lead back to it, if there is one.
func circleOf(moves []Move) (string, bool) {
	next, isEnd, walked := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, move := range moves {
		next[move.From], isEnd[move.To] = move.To, true
	}
	for _, move := range moves {
		if isEnd[move.From] {
			continue // It is met on the way from another, or it is in a circle.
		}
		for at := move.From; next[at] != "" && !walked[at]; at = next[at] {
			walked[at] = true
		}
	}
	for _, move := range moves {
		if !walked[move.From] {
			return move.From, true
		}
	}
	return "", false
}
