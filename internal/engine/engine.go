// Package engine is what scaffold can do, for whoever asks: each use case takes values, answers values and prints nothing.
package engine

import (
	"context"
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
	files, records, err := e.render(loaded, b, b.Text())
	if err != nil {
		return nil, err
	}
	notes, err := notesFor(loaded, b)
	if err != nil {
		return nil, err
	}
	return &Draft{Blueprint: b, Dir: dir, Files: append(files, records...), Next: loaded.Next, Notes: notes, IsForeign: loaded.IsForeign}, nil
}

// New writes what Plan answers.
func (e *Engine) New(ctx context.Context, b *blueprint.Blueprint, parent string, options PackOptions) (*Draft, error) {
	draft, err := e.Plan(ctx, b, parent, options)
	if err != nil {
		return nil, err
	}
	return draft, project.Create(draft.Dir, draft.Files)
}

// render is the files of the project, and those in which it remembers what was rendered; text is its blueprint.yaml.
func (e *Engine) render(p *loadedPack, b *blueprint.Blueprint, text []byte) (files, records []*plan.File, err error) {
	policy, err := policyOf(b.Level, p.Policy)
	if err != nil {
		return nil, nil, err
	}
	if len(b.Regions) < policy.Regions.Active {
		return nil, nil, &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("level %s needs %d regions, and there is %s alone", b.Level, policy.Regions.Active, strings.Join(b.Regions, ",")),
			Hint: "--region eu-west-1,eu-central-1, or --set regions=eu-west-1,eu-central-1",
		}
	}
	rendered, err := render.Render(p.Pack, b, policy)
	if err != nil {
		return nil, nil, err
	}
	demands, err := organisationFile(p.Pack)
	if err == nil && demands != nil {
		err = rendered.AddRecord(demands)
	}
	if err != nil {
		return nil, nil, err
	}
	files = rendered.Files()
	records, err = project.Record(text, e.Version, p.ref, files)
	if err != nil {
		return nil, nil, err
	}
	for _, record := range records {
		if err := rendered.AddRecord(record); err != nil {
			return nil, nil, err
		}
	}
	return files, records, nil
}

// Levels is the levels with all that they demand, and which of them can be asked for.
func (e *Engine) Levels() (*quality.Catalogue, error) { return quality.Load() }
