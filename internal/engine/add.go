package engine

import (
	"context"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// AddRequest says what a project shall have more of: a function, or a resource of a kind.
type AddRequest struct {
	Dir      string
	Function *blueprint.Function
	Kind     string
	Resource blueprint.Resource
	// Resolution says what to do where the user has changed the same lines; Abort refuses to add anything that would not be whole.
	Resolution project.Resolution
	DryRun     bool
	// Pack says where the pack comes from.
	Pack PackOptions
}

// Add writes one more function or resource into the project's blueprint, and updates the project.
func (e *Engine) Add(ctx context.Context, request *AddRequest) (*Updated, error) {
	state, err := project.Read(request.Dir)
	if err != nil {
		return nil, err
	}
	var text []byte
	if request.Function != nil {
		text, err = blueprint.AppendFunction(blueprint.FileName, state.Blueprint, request.Function)
	} else {
		text, err = blueprint.AppendResource(blueprint.FileName, state.Blueprint, request.Kind, request.Resource)
	}
	if err != nil {
		return nil, err
	}
	result, err := e.bring(ctx, state, text, request.Resolution, request.Pack.asLocked())
	if err != nil {
		return nil, err
	}
	if request.Resolution == project.Abort {
		if err := whole(result.Changes); err != nil {
			return nil, err
		}
	}
	if request.DryRun {
		return result, nil
	}
	return result, e.apply(ctx, result)
}

// whole is an error if files would not get what belongs to the addition, because the user has taken them away.
func whole(changes []*project.Change) error {
	var problems fault.List
	for _, change := range changes {
		if change.Action == project.Kept && change.Before == nil {
			problems = append(problems, &fault.Error{
				Code: fault.Conflicts, Place: fault.Place{File: change.Path}, Message: "you have deleted it, and a part of this belongs there; nothing was written",
				Hint: "bring it back, or leave that part out: --on-conflict ours",
			})
		}
	}
	return problems.OrNil()
}
