package engine

import (
	"context"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// UpdateRequest says what a project shall become.
type UpdateRequest struct {
	Dir string
	// Set is new values for inputs, by their keys; what is not in it stays as the project's blueprint says.
	Set map[string]string
	// Resolution says what to do where both sides have changed the same lines.
	Resolution project.Resolution
	// DryRun works everything out and writes nothing.
	DryRun bool
}

// Updated is what an update has done, or would do.
type Updated struct {
	*project.Update
	Blueprint *blueprint.Blueprint
	// Was is the level before.
	Was  string
	Next []pack.Step
}

// Update renders the project again and merges what is different with what the user has changed.
func (e *Engine) Update(ctx context.Context, request UpdateRequest) (*Updated, error) {
	state, err := project.Read(request.Dir)
	if err != nil {
		return nil, err
	}
	was, err := blueprint.Parse(blueprint.FileName, state.Blueprint)
	if err != nil {
		return nil, err
	}
	text, wish, err := edited(state.Blueprint, request.Set)
	if err != nil {
		return nil, err
	}
	if wish.Name != was.Name || wish.Platform != was.Platform {
		return nil, &fault.Error{Code: fault.Invalid, Message: "name and platform are what a project is; they cannot be changed by an update", Hint: "scaffold new"}
	}
	loaded, err := e.pack(wish)
	if err != nil {
		return nil, err
	}
	files, records, err := e.render(loaded, wish, text)
	if err != nil {
		return nil, err
	}
	update, err := state.Update(ctx, files, records, request.Resolution)
	if err != nil {
		return nil, err
	}
	result := &Updated{Update: update, Blueprint: wish, Was: was.Level, Next: loaded.Next}
	if request.DryRun {
		return result, nil
	}
	return result, update.Apply()
}

// edited is the text of the blueprint with the new values, and what it says then.
func edited(text []byte, set map[string]string) ([]byte, *blueprint.Blueprint, error) {
	var problems fault.List
	for _, key := range blueprint.Keys() {
		value, ok := set[key]
		if !ok {
			continue
		}
		changed, err := blueprint.Edit(blueprint.FileName, text, key, value)
		if err != nil {
			problems = append(problems, fault.All(err)...)
			continue
		}
		text = changed
	}
	if err := problems.OrNil(); err != nil {
		return nil, nil, err
	}
	wish, err := blueprint.Parse(blueprint.FileName, text)
	return text, wish, err
}
