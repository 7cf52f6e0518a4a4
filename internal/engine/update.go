package engine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/source"
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
	// AskNewer looks for newer versions of a pack whose ref is a version.
	AskNewer bool
	// FormatWith is the program that formats the project's files, with its arguments; {path} in them is the file. It reads a file
	// and writes it formatted. Empty if the project is as it was rendered.
	FormatWith []string
	// Pack says where the pack comes from.
	Pack PackOptions
}

// Updated is what an update has done, or would do.
type Updated struct {
	*project.Update
	Blueprint *blueprint.Blueprint
	// Was is the level before.
	Was  string
	Next []pack.Step
	// Notes is what the pack has to tell about the blueprint.
	Notes []string
	// Finished is the files of an update that had been interrupted, and was brought to its end first.
	Finished []string
	// NewerTag is the newest version of the pack, if that is newer than the one that the project has.
	NewerTag string
	// GitProblem is why git could not be told of the conflicts; nil if it was.
	GitProblem error
}

// Update renders the project again and merges what is different with what the user has changed.
func (e *Engine) Update(ctx context.Context, request UpdateRequest) (result *Updated, err error) {
	state, err := e.stateFor(ctx, request.Dir, request.DryRun)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	text, err := edited(state.Blueprint, request.Set)
	if err != nil {
		return nil, err
	}
	result, err = e.bring(ctx, state, text, request.Resolution, request.Pack, request.FormatWith)
	if err == nil && request.AskNewer && !request.Pack.Offline {
		result.NewerTag, err = e.newer(ctx, cmp.Or(request.Pack.Template, state.Lock.Pack.Source))
	}
	if err != nil || request.DryRun {
		return result, err
	}
	return result, e.apply(ctx, result)
}

// newer returns the newest version of a pack, if there is a newer one.
func (e *Engine) newer(ctx context.Context, text string) (tag string, err error) {
	if strings.HasPrefix(text, builtin) {
		return "", nil
	}
	from, err := source.Parse(text)
	if err != nil {
		return "", err
	}
	return e.Sources.Newer(ctx, from)
}

// stateFor reads a project for a command that writes to it, unless it is a dry run.
func (e *Engine) stateFor(ctx context.Context, dir string, isDryRun bool) (*project.State, error) {
	if isDryRun {
		return e.read(ctx, dir)
	}
	return e.begin(ctx, dir)
}

// apply writes an update, and tells git of its conflicts. What git cannot be told is a part of the result: the files are written.
func (e *Engine) apply(ctx context.Context, result *Updated) error {
	if err := result.Apply(ctx); err != nil {
		return err
	}
	result.GitProblem = result.TellGit(ctx)
	return nil
}

// bring works out how a project gets to what is rendered for a new text of its blueprint.
func (e *Engine) bring(ctx context.Context, state *project.State, text []byte, resolution project.Resolution, options PackOptions, formatWith []string) (*Updated, error) {
	was, err := blueprint.Parse(blueprint.FileName, state.Blueprint)
	if err != nil {
		return nil, err
	}
	wish, err := blueprint.Parse(blueprint.FileName, text)
	if err != nil {
		return nil, err
	}
	if wish.Name != was.Name || wish.Platform != was.Platform {
		return nil, &fault.Error{Code: fault.Invalid, Message: "update cannot change the name or the platform", Hint: "create a new project: scaffold new"}
	}
	loaded, err := e.pack(ctx, wish, packRequest{PackOptions: options, lock: state.Lock.Pack, project: state.Dir()})
	if err != nil {
		return nil, err
	}
	rendering, err := e.render(loaded, wish, text)
	if err != nil {
		return nil, err
	}
	rendering.Format = e.formatter(state.Dir(), formatWith)
	update, err := state.Update(ctx, rendering, resolution)
	if err != nil {
		return nil, err
	}
	notes, err := notesFor(loaded, wish)
	return &Updated{Update: update, Blueprint: wish, Was: was.Level, Next: loaded.Next, Notes: notes, Finished: state.Finished}, err
}

// formatter returns how a program formats the files of a project; nil for no program. It is one that the user has named: what a
// project names itself is not run.
func (e *Engine) formatter(dir string, argv []string) func(ctx context.Context, path string, data []byte) ([]byte, error) {
	if len(argv) == 0 {
		return nil
	}
	return func(ctx context.Context, path string, data []byte) ([]byte, error) {
		named := make([]string, len(argv))
		for n, argument := range argv {
			named[n] = strings.ReplaceAll(argument, "{path}", path)
		}
		var formatted bytes.Buffer
		err := proc.Run(ctx, proc.Command{Argv: named, Dir: dir, Env: e.Env, Stdin: bytes.NewReader(data), Stdout: &formatted, Stderr: io.Discard})
		return formatted.Bytes(), err
	}
}

// edited is the text of the blueprint with the new values.
func edited(text []byte, set map[string]string) ([]byte, error) {
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
	return text, problems.OrNil()
}
