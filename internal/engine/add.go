package engine

import (
	"context"
	"errors"
	"fmt"

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
	// UpdateTemplates brings the rest of the project up to the templates of this version too, where they are newer.
	UpdateTemplates bool
	// FormatWith is as in UpdateRequest.
	FormatWith []string
	// Pack says where the pack comes from.
	Pack PackOptions
}

// Add writes one more function or resource into the project's blueprint, and updates the project.
func (e *Engine) Add(ctx context.Context, request *AddRequest) (result *Updated, err error) {
	state, err := e.stateFor(ctx, request.Dir, request.DryRun)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	var text []byte
	if request.Function != nil {
		text, err = blueprint.AppendFunction(blueprint.FileName, state.Blueprint, request.Function)
	} else {
		text, err = blueprint.AppendResource(blueprint.FileName, state.Blueprint, request.Kind, request.Resource)
	}
	if err != nil {
		return nil, err
	}
	if !request.UpdateTemplates {
		if err := e.templatesAreAsLocked(ctx, state, request.Pack.asLocked()); err != nil {
			return nil, err
		}
	}
	result, err = e.bring(ctx, state, text, request.Resolution, request.Pack.asLocked(), request.FormatWith)
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

// templatesAreAsLocked is an error if the blueprint, as it stands, would be rendered with other files than the lock has: whoever
// adds a function has not asked for newer templates.
func (e *Engine) templatesAreAsLocked(ctx context.Context, state *project.State, options PackOptions) error {
	if options.Template != "" || options.Ref != "" {
		return nil // Another pack was asked for.
	}
	b, err := blueprint.Parse(blueprint.FileName, state.Blueprint)
	if err != nil {
		return err
	}
	loaded, err := e.pack(ctx, b, packRequest{PackOptions: options, lock: state.Lock.Pack, project: state.Dir()})
	if err != nil {
		return err
	}
	if loaded.ref.Tree == state.Lock.Pack.Tree && e.Version == state.Lock.Tool {
		return nil
	}
	rendering, err := e.render(loaded, b, state.Blueprint)
	if err != nil {
		return err
	}
	if count := state.Outdated(rendering.Files); count > 0 {
		return &fault.Error{
			Code: fault.Refused,
			Message: fmt.Sprintf("%d files have other templates since the project was rendered by scaffold %s; this is %s, and nothing was written",
				count, state.Lock.Tool, e.Version),
			Hint: "scaffold update, and then add; or do both at once: --update-templates",
		}
	}
	return nil
}

// whole is an error if files would not get what belongs to the addition, because the user has taken them away.
func whole(changes []*project.Change) error {
	var problems fault.List
	for _, change := range changes {
		if change.Action == project.Kept && change.Before == nil {
			problems = append(problems, &fault.Error{
				Code: fault.Conflicts, Place: fault.Place{File: change.Path},
				Message: "this file was deleted in your project, but the addition changes it; nothing was written",
				Hint:    "bring it back, or leave that part out: --on-conflict ours",
			})
		}
	}
	return problems.OrNil()
}
