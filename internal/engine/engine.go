// Package engine is what scaffold can do, for whoever asks: each use case takes values, answers values and prints nothing.
package engine

import (
	"crypto/sha256"
	"encoding/hex"
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
)

// Engine carries out the use cases.
type Engine struct {
	// Packs has one folder for each platform, with a pack in it.
	Packs fs.FS
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
}

// Plan renders the project that the blueprint describes, for a folder of the service's name in parent.
// It fails where New would fail.
func (e *Engine) Plan(b *blueprint.Blueprint, parent string) (*Draft, error) {
	dir := filepath.Join(parent, b.Name)
	if err := project.Check(dir); err != nil {
		return nil, err
	}
	loaded, err := e.pack(b)
	if err != nil {
		return nil, err
	}
	files, records, err := e.render(loaded, b, b.Text())
	if err != nil {
		return nil, err
	}
	return &Draft{Blueprint: b, Dir: dir, Files: append(files, records...), Next: loaded.Next}, nil
}

// New writes what Plan answers.
func (e *Engine) New(b *blueprint.Blueprint, parent string) (*Draft, error) {
	draft, err := e.Plan(b, parent)
	if err != nil {
		return nil, err
	}
	return draft, project.Create(draft.Dir, draft.Files)
}

// pack is the pack of the blueprint's platform.
func (e *Engine) pack(b *blueprint.Blueprint) (*pack.Pack, error) {
	source, err := fs.Sub(e.Packs, b.Platform)
	if err != nil {
		return nil, fault.Wrap(err, "finding the pack of %s", b.Platform)
	}
	return pack.Load(source)
}

// render is the files of the project, and those in which it remembers what was rendered; text is its blueprint.yaml.
func (e *Engine) render(p *pack.Pack, b *blueprint.Blueprint, text []byte) (files, records []*plan.File, err error) {
	catalogue, err := quality.Load()
	if err != nil {
		return nil, nil, err
	}
	policy, err := catalogue.Policy(b.Level)
	if err != nil {
		return nil, nil, err
	}
	if len(b.Regions) < policy.Regions.Active {
		return nil, nil, &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("level %s needs %d regions, and there is %s alone", b.Level, policy.Regions.Active, strings.Join(b.Regions, ",")),
			Hint: "--region eu-west-1,eu-central-1, or --set regions=eu-west-1,eu-central-1",
		}
	}
	rendered, err := render.Render(p, b, policy)
	if err != nil {
		return nil, nil, err
	}
	tree, err := treeHash(p.Files)
	if err != nil {
		return nil, nil, err
	}
	files = rendered.Files()
	records, err = project.Record(text, e.Version, project.PackRef{Source: "builtin:" + p.Name, Tree: tree}, files)
	if err != nil {
		return nil, nil, err
	}
	for _, record := range records {
		if err := rendered.Add(record); err != nil {
			return nil, nil, err
		}
	}
	return files, records, nil
}

// treeHash is one hash over the paths and the bytes of all files, in the order of their paths.
func treeHash(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(data))
		sum.Write(data)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)), fault.Wrap(err, "hashing the pack")
}

// Levels is the levels with all that they demand, and which of them can be asked for.
func (e *Engine) Levels() (*quality.Catalogue, error) { return quality.Load() }
