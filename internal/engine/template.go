package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
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

// Where a pack has its tests: a folder for each, with a blueprint and the files that the pack's own layers render for it.
const (
	testsFolder  = "tests"
	goldenFolder = "golden"
	// starter is the folder of the pack that a new one begins as.
	starter = "starter"
)

// NewTemplate writes a pack to begin with into a folder of its name in parent, and answers its files.
func (e *Engine) NewTemplate(name, parent string) (dir string, files []*plan.File, err error) {
	if !pack.IsName(name) {
		return "", nil, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("a pack cannot be called %q", name), Hint: "lower-case words joined by hyphens"}
	}
	folder, err := fs.Sub(e.Packs, starter)
	if err != nil {
		return "", nil, fault.Wrap(err, "finding the starter")
	}
	err = fs.WalkDir(folder, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, file)
		files = append(files, &plan.File{Path: file, Mode: 0o644, Data: bytes.ReplaceAll(data, []byte("__name__"), []byte(name))})
		return err
	})
	if err != nil {
		return "", nil, fault.Wrap(err, "reading the starter")
	}
	dir = path.Join(parent, name)
	return dir, files, project.Create(dir, files)
}

// ShowTemplate loads a pack and answers it, with the source and the hashes that a lock would have.
func (e *Engine) ShowTemplate(ctx context.Context, options PackOptions) (*pack.Pack, project.PackRef, error) {
	loaded, err := e.openTemplate(ctx, options)
	if err != nil {
		return nil, project.PackRef{}, err
	}
	return loaded.Pack, loaded.ref, nil
}

func (e *Engine) openTemplate(ctx context.Context, options PackOptions) (*loadedPack, error) {
	if platform, isBuiltin := strings.CutPrefix(options.Template, builtin); isBuiltin && slices.Contains(blueprint.Inputs()[0].Allowed(), platform) {
		return e.builtin(platform, packRequest{PackOptions: options})
	}
	return e.open(ctx, options.Template, options.Base, packRequest{PackOptions: options, project: options.Base})
}

// Lint is what is wrong with a pack that can be loaded. One that cannot is an error.
func (e *Engine) Lint(ctx context.Context, options PackOptions) (fault.List, error) {
	loaded, err := e.openTemplate(ctx, options)
	if err != nil {
		return nil, err
	}
	problems := append(unusedFiles(loaded.Pack), unusedOwners(loaded.Pack)...)
	samples, err := sampleBlueprints(loaded.Pack)
	if err != nil {
		return nil, err
	}
	for _, b := range samples {
		files, err := e.renderFor(loaded, b)
		if err != nil {
			problems = append(problems, fault.All(err)...)
			continue
		}
		for _, file := range files {
			if at := bytes.Index(file.Data, []byte("<%")); at >= 0 {
				problems = append(problems, lintProblem(file.Source, 1+bytes.Count(file.Data[:at], []byte("\n")), "a delimiter was not rendered", "name the file .tmpl"))
			}
		}
	}
	return compact(problems), nil
}

// compact leaves out what was said before: the levels repeat it.
func compact(problems fault.List) fault.List {
	seen := map[string]bool{}
	return slices.DeleteFunc(problems, func(e *fault.Error) bool {
		text := e.Error()
		defer func() { seen[text] = true }()
		return seen[text]
	})
}

// sampleBlueprints is a service of each level, for the platform that the pack extends, with one of everything that can be added.
func sampleBlueprints(p *pack.Pack) ([]*blueprint.Blueprint, error) {
	catalogue, err := quality.Load()
	if err != nil {
		return nil, err
	}
	platform := p.Extends
	if platform == "" {
		platform = blueprint.Inputs()[0].Allowed()[0]
	}
	var samples []*blueprint.Blueprint
	for _, level := range catalogue.Levels {
		sample, err := blueprint.Sample(platform, level.Name)
		if err != nil {
			return nil, err
		}
		samples = append(samples, sample)
	}
	return samples, nil
}

// renderFor is the files that a pack's own layers render for a blueprint.
func (e *Engine) renderFor(loaded *loadedPack, b *blueprint.Blueprint) ([]*plan.File, error) {
	whole, err := e.extend(loaded, b)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(b.Level, whole.Policy)
	if err != nil {
		return nil, err
	}
	rendered, err := render.Render(whole.Pack, b, policy)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rendered.Files(), func(f *plan.File) bool { return !f.IsForeign }), nil
}

// unusedFiles is files of the pack that belong to no layer.
func unusedFiles(p *pack.Pack) fault.List {
	var problems fault.List
	_ = fs.WalkDir(p.Files, ".", func(file string, entry fs.DirEntry, err error) error {
		isKnown := file == pack.ManifestName || !strings.Contains(file, "/") || strings.HasPrefix(file, testsFolder+"/")
		if err != nil || entry.IsDir() || isKnown || slices.ContainsFunc(p.Layers, func(l *pack.Layer) bool { return l.Has(file) }) {
			return err
		}
		problems = append(problems, lintProblem(file, 0, "no layer has this file", "add a layer, or remove the file"))
		return nil
	})
	return problems
}

// unusedOwners is patterns of owners that no file of the pack could match.
func unusedOwners(p *pack.Pack) fault.List {
	var problems fault.List
	for _, rule := range p.Owners {
		if p.Extends == "" && !slices.ContainsFunc(p.Layers, func(l *pack.Layer) bool { return l.HasOwned(rule) }) {
			problems = append(problems, lintProblem(pack.ManifestName, 0, fmt.Sprintf("the owners' pattern %q matches no file", rule.Glob), "correct it, or remove it"))
		}
	}
	return problems
}

func lintProblem(file string, line int, message, hint string) *fault.Error {
	place := fault.Place{File: file, Line: line}
	if line > 0 {
		place.Column = 1
	}
	return &fault.Error{Code: fault.Findings, Place: place, Message: message, Hint: hint}
}

// Case is one test of a pack, and how its files differ from what is expected.
type Case struct {
	Name     string   `json:"name"`
	Files    int      `json:"files"`
	Problems []string `json:"problems,omitempty"`
}

// TestTemplate renders the pack's cases and compares them with their golden trees. With rewrite, the golden trees of a pack in
// a folder become what is rendered.
func (e *Engine) TestTemplate(ctx context.Context, options PackOptions, rewrite bool) ([]Case, error) {
	loaded, err := e.openTemplate(ctx, options)
	if err != nil {
		return nil, err
	}
	found, err := fs.Glob(loaded.Files, path.Join(testsFolder, "*", blueprint.FileName))
	if err != nil || len(found) == 0 {
		return nil, &fault.Error{Code: fault.Invalid, Message: "the pack has no tests", Hint: "make tests/NAME/blueprint.yaml, and then: scaffold template test --update"}
	}
	var cases []Case
	for _, file := range found {
		text, err := fs.ReadFile(loaded.Files, file)
		if err != nil {
			return nil, fault.Wrap(err, "reading %s", file)
		}
		b, err := blueprint.Parse(file, text)
		if err != nil {
			return nil, err
		}
		rendered, err := e.renderFor(loaded, b)
		if err != nil {
			return nil, err
		}
		golden := path.Join(path.Dir(file), goldenFolder)
		want, err := goldenFiles(loaded.Files, golden)
		if err != nil {
			return nil, err
		}
		if rewrite {
			if err := e.rewriteGolden(options, golden, rendered, want); err != nil {
				return nil, err
			}
			want = asMap(rendered)
		}
		cases = append(cases, Case{Name: path.Base(path.Dir(file)), Files: len(rendered), Problems: compare(asMap(rendered), want)})
	}
	return cases, nil
}

func asMap(files []*plan.File) map[string][]byte {
	contents := map[string][]byte{}
	for _, file := range files {
		contents[file.Path] = file.Data
	}
	return contents
}

func goldenFiles(files fs.FS, folder string) (map[string][]byte, error) {
	contents := map[string][]byte{}
	if _, err := fs.Stat(files, folder); err != nil {
		return contents, nil //nolint:nilerr // The case is new.
	}
	err := fs.WalkDir(files, folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contents[strings.TrimPrefix(file, folder+"/")], err = fs.ReadFile(files, file)
		return err
	})
	return contents, fault.Wrap(err, "reading %s", folder)
}

func compare(got, want map[string][]byte) []string {
	var problems []string
	for name, data := range got {
		switch expected, ok := want[name]; {
		case !ok:
			problems = append(problems, name+" is rendered, and not in the golden tree")
		case !bytes.Equal(data, expected):
			problems = append(problems, name+" differs from the golden tree")
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			problems = append(problems, name+" is in the golden tree, and not rendered")
		}
	}
	slices.Sort(problems)
	return problems
}

func (e *Engine) rewriteGolden(options PackOptions, golden string, rendered []*plan.File, old map[string][]byte) error {
	from, err := source.Parse(options.Template)
	if err != nil {
		return err
	}
	if from.Dir == "" {
		return &fault.Error{Code: fault.Invalid, Message: "the golden trees of a repository cannot be rewritten", Hint: "name a folder: scaffold template test --update ./pack"}
	}
	dir := from.Dir
	if !path.IsAbs(dir) {
		dir = path.Join(options.Base, dir)
	}
	return project.Replace(path.Join(dir, golden), rendered, old)
}

// Vendor copies the pack of a project into the project, so that updates need nothing else.
func (e *Engine) Vendor(ctx context.Context, dir string, options PackOptions) (ref project.PackRef, err error) {
	state, err := e.begin(ctx, dir)
	if err != nil {
		return project.PackRef{}, err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	if strings.HasPrefix(state.Lock.Pack.Source, builtin) {
		return project.PackRef{}, &fault.Error{Code: fault.Invalid, Message: "the project has the built-in pack, which is a part of scaffold", Hint: "nothing has to be vendored"}
	}
	options.Locked, options.Template = true, ""
	request := packRequest{PackOptions: options, lock: state.Lock.Pack, project: dir}
	if err := e.isKnown(state.Lock.Pack.Source, &request); err != nil {
		return project.PackRef{}, err
	}
	loaded, err := e.open(ctx, state.Lock.Pack.Source, dir, request)
	if err != nil {
		return project.PackRef{}, err
	}
	return state.Vendor(ctx, loaded.Files)
}
