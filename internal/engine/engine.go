// Package engine is what scaffold can do, for whoever asks: each use case takes values, answers values and prints nothing.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/render"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// Engine carries out the use cases.
type Engine struct {
	// Packs has one folder for each platform, with a pack in it.
	Packs fs.FS
	// Sources finds the packs that are elsewhere.
	Sources *source.Store
	// Version is this program's own.
	Version string
	// Env is the environment of the programs that are started, each entry NAME=value.
	Env []string
	// StateHome is the folder for the state of projects that are in no git repository.
	StateHome string
	// Waiting is called when a command waits for another one that writes to the same project; nil for nobody.
	Waiting func()
}

func (e *Engine) place(dir string) project.Place {
	return project.Place{Dir: dir, Env: e.Env, StateHome: e.StateHome, Waiting: e.Waiting}
}

// read reads a project for a command that does not write to it.
func (e *Engine) read(ctx context.Context, dir string) (*project.State, error) {
	state, err := project.Open(ctx, e.place(dir))
	if err != nil {
		return nil, err
	}
	return state, e.isNewEnough(state)
}

// begin reads a project for a command that writes to it, and keeps others from writing until the state is closed.
func (e *Engine) begin(ctx context.Context, dir string) (*project.State, error) {
	state, err := project.Begin(ctx, e.place(dir))
	if err != nil {
		return nil, err
	}
	if err := e.isNewEnough(state); err != nil {
		return nil, errors.Join(err, state.Close())
	}
	return state, nil
}

// isNewEnough refuses a project that a newer version of this program has rendered: this one would take its templates back.
func (e *Engine) isNewEnough(state *project.State) error {
	if !project.IsNewer(state.Lock.Tool, e.Version) {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, Place: fault.Place{File: project.LockName},
		Message: fmt.Sprintf("the project was rendered by scaffold %s, and this is %s", state.Lock.Tool, e.Version),
		Hint:    fmt.Sprintf("install scaffold %s or newer", state.Lock.Tool),
	}
}

// Draft is a project that has been rendered and not written.
type Draft struct {
	Blueprint *blueprint.Blueprint
	// Dir is where it would be written.
	Dir   string
	Files []*plan.File
	Next  []pack.Step
	// Notes is what the pack has to tell about the blueprint.
	Notes []string
	// IsForeign says that the pack is not built in.
	IsForeign bool
}

// Plan renders the project that the blueprint describes, for a folder of the service's name in parent.
// It fails where New would fail.
func (e *Engine) Plan(ctx context.Context, b *blueprint.Blueprint, parent string, options PackOptions) (*Draft, error) {
	dir := filepath.Join(parent, b.Name)
	if err := project.Check(dir); err != nil {
		return nil, err
	}
	loaded, err := e.pack(ctx, b, packRequest{PackOptions: options, project: dir})
	if err != nil {
		return nil, err
	}
	rendering, err := e.render(loaded, b, b.Text())
	if err != nil {
		return nil, err
	}
	records, err := rendering.Records()
	if err != nil {
		return nil, err
	}
	notes, err := notesFor(loaded, b)
	if err != nil {
		return nil, err
	}
	return &Draft{Blueprint: b, Dir: dir, Files: append(rendering.Files, records...), Next: loaded.Next, Notes: notes, IsForeign: loaded.IsForeign}, nil
}

// New writes what Plan answers.
func (e *Engine) New(ctx context.Context, b *blueprint.Blueprint, parent string, options PackOptions) (*Draft, error) {
	draft, err := e.Plan(ctx, b, parent, options)
	if err != nil {
		return nil, err
	}
	return draft, project.Create(draft.Dir, draft.Files)
}

// render renders a project; text is its blueprint.yaml.
func (e *Engine) render(p *loadedPack, b *blueprint.Blueprint, text []byte) (*project.Rendering, error) {
	policy, err := policyOf(b.Level, p.Policy)
	if err != nil {
		return nil, err
	}
	if len(b.Regions) < policy.Regions.Active {
		return nil, &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("level %s needs %d regions, and there is %s alone", b.Level, policy.Regions.Active, strings.Join(b.Regions, ",")),
			Hint: "--region eu-west-1,eu-central-1, or --set regions=eu-west-1,eu-central-1",
		}
	}
	rendered, err := render.Render(p.Pack, b, policy)
	if err != nil {
		return nil, err
	}
	demands, err := organisationFile(p.Pack)
	if err == nil && demands != nil {
		err = rendered.AddRecord(demands)
	}
	if err != nil {
		return nil, err
	}
	rendering := &project.Rendering{Blueprint: text, Tool: e.Version, Pack: p.ref, Files: rendered.Files()}
	for _, m := range p.Moves {
		rendering.Moves = append(rendering.Moves, project.Move{From: m.From, To: m.To})
	}
	return rendering, nil
}

// Levels is the levels with all that they demand, and which of them can be asked for.
func (e *Engine) Levels() (*quality.Catalogue, error) { return quality.Load() }
