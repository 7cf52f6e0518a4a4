package pack

import (
	"fmt"

	"github.com/expr-lang/expr/vm"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Note is something to tell a user when a condition holds: not wrong, and better known before than after.
type Note struct {
	When string `yaml:"when"`
	Say  string `yaml:"say"`

	program *vm.Program
}

func (n *Note) compile() fault.List {
	if n.Say == "" {
		return fault.List{problem("a note says nothing", "say: what the user should know")}
	}
	var err error
	if n.program, err = compile(n.When, Env{}); err != nil {
		return fault.List{caused(err, fmt.Sprintf("note %q", n.Say),
			"conditions can ask for the inputs and for policy")}
	}
	return nil
}

// NotesFor is what there is to tell about a blueprint.
func (p *Pack) NotesFor(env Env) ([]string, error) {
	var notes []string
	for _, note := range p.Notes {
		applies, err := holds("a note", note.program, env)
		if err != nil {
			return nil, err
		}
		if applies {
			notes = append(notes, note.Say)
		}
	}
	return notes, nil
}
