package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// builtin begins the source of a pack that is a part of this program.
const builtin = "builtin:"

// PackOptions says which pack is rendered, and how it is fetched.
type PackOptions struct {
	// Template is the pack's source; empty for the one that the project has, or for the built-in one of its platform.
	Template string
	// Ref is another branch, tag or commit of the same source.
	Ref string
	// Locked refuses any other content than that of the lock.
	Locked bool
	// Offline asks nobody.
	Offline bool
	// Base is the folder that a relative Template begins at.
	Base string
	// Trust fetches the pack that the lock names although this user has never fetched from its repository. A branch of somebody
	// else's could name any host.
	Trust bool
	// AsLocked takes the commit of the lock, whatever its ref names now.
	AsLocked bool
}

// asLocked is the options of a command that is not about another pack: it takes that of the lock, unless it was asked for another.
func (o PackOptions) asLocked() PackOptions {
	o.AsLocked = o.AsLocked || o.Template == "" && o.Ref == "" && !o.Locked
	return o
}

// packRequest is a source with what the lock says of it.
type packRequest struct {
	PackOptions
	// lock is what the project was rendered from; empty for a new one.
	lock project.PackRef
	// project is the project's folder.
	project string
}

// loadedPack is a pack and where it came from.
type loadedPack struct {
	*pack.Pack
	ref project.PackRef
}

// pack finds and loads the pack for a blueprint.
func (e *Engine) pack(ctx context.Context, b *blueprint.Blueprint, request packRequest) (*loadedPack, error) {
	text, base := request.Template, request.Base
	if text == "" && request.lock.Source != "" && !strings.HasPrefix(request.lock.Source, builtin) {
		text, base = request.lock.Source, request.project
		if err := e.isKnown(text, &request); err != nil {
			return nil, err
		}
	}
	if text == "" || text == builtin+b.Platform {
		return e.builtin(b.Platform, request)
	}
	loaded, err := e.open(ctx, text, base, request)
	if err != nil {
		return nil, err
	}
	return e.extend(loaded, b)
}

// isKnown refuses to ask a host that nothing but the lock of a project names.
func (e *Engine) isKnown(text string, request *packRequest) error {
	from, err := request.source(text)
	if err != nil || request.Trust || request.Offline || e.Sources.Knows(from) {
		return err
	}
	return &fault.Error{
		Code: fault.Refused, Place: fault.Place{File: project.LockName},
		Message: fmt.Sprintf("the project's pack is %s, which was never fetched on this machine", from),
		Hint:    "if you trust it, add --trust; its files are rendered, and nothing of it is run",
	}
}

// extend puts a pack on top of the built-in one that it extends, if it does.
func (e *Engine) extend(loaded *loadedPack, b *blueprint.Blueprint) (*loadedPack, error) {
	if loaded.Extends == "" {
		return loaded, nil
	}
	if loaded.Extends != b.Platform {
		return nil, &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("the pack %s extends %s, and the platform is %s", loaded.Name, loaded.Extends, b.Platform), Hint: "--platform " + loaded.Extends,
		}
	}
	under, err := e.builtin(b.Platform, packRequest{})
	if err != nil {
		return nil, err
	}
	whole, err := loaded.Over(under.Pack)
	if err != nil {
		return nil, err
	}
	return &loadedPack{Pack: whole, ref: loaded.ref}, nil
}

func (e *Engine) builtin(platform string, request packRequest) (*loadedPack, error) {
	if request.Ref != "" {
		return nil, &fault.Error{Code: fault.Invalid, Message: "the built-in pack has no refs: it comes with this version of scaffold", Hint: "--template SOURCE"}
	}
	files, err := fs.Sub(e.Packs, platform)
	if err != nil {
		return nil, fault.Wrap(err, "finding the pack of %s", platform)
	}
	tree, err := source.Read(files)
	if err != nil {
		return nil, err
	}
	loaded, err := pack.Load(tree.Files, e.Version)
	if err != nil {
		return nil, err
	}
	found := &loadedPack{Pack: loaded, ref: project.PackRef{Source: builtin + loaded.Name, Tree: tree.Hash}}
	return found, request.verify(found.ref)
}

// open loads a pack from elsewhere.
func (e *Engine) open(ctx context.Context, text, base string, request packRequest) (*loadedPack, error) {
	from, err := request.source(text)
	if err != nil {
		return nil, err
	}
	options := source.Options{Base: base, Offline: request.Offline}
	if request.AsLocked {
		options.Commit = request.lock.Commit
	}
	if request.Locked || request.Offline && from.String() == request.lock.Source {
		options.Locked = request.lock.Commit
	}
	tree, err := e.Sources.Open(ctx, from, options)
	if err != nil {
		return nil, err
	}
	loaded, err := pack.Load(tree.Files, e.Version)
	if err != nil {
		return nil, err
	}
	loaded.MarkForeign()
	recorded := from.String()
	if from.Dir != "" && !filepath.IsAbs(from.Dir) && base != request.project {
		if recorded, err = relativeTo(request.project, filepath.Join(base, from.Dir)); err != nil {
			return nil, err
		}
	}
	found := &loadedPack{Pack: loaded, ref: project.PackRef{Source: recorded, Commit: tree.Commit, Tree: tree.Hash}}
	return found, request.verify(found.ref)
}

// source is what was asked for, with another ref if one was given.
func (r *packRequest) source(text string) (source.Source, error) {
	from, err := source.Parse(text)
	if err != nil || r.Ref == "" {
		return from, err
	}
	if from.Dir != "" {
		return from, &fault.Error{Code: fault.Invalid, Message: "a folder has no refs", Hint: "leave --ref out, or name a repository: file:///…"}
	}
	from.Ref = r.Ref
	return source.Parse(from.String())
}

// relativeTo is how a project names a folder, in the form of a source.
func relativeTo(dir, folder string) (string, error) {
	relative, err := filepath.Rel(dir, folder)
	if err != nil {
		return "", fault.Wrap(err, "finding %s from %s", folder, dir)
	}
	relative = filepath.ToSlash(relative)
	if !strings.HasPrefix(relative, ".") {
		relative = "./" + relative
	}
	return relative, nil
}

// verify refuses another pack than that of the lock, where the lock has to hold.
func (r *packRequest) verify(found project.PackRef) error {
	if !r.Locked || found.Tree == r.lock.Tree {
		return nil
	}
	return &fault.Error{
		Code:    fault.Refused,
		Message: fmt.Sprintf("the pack %s has other content than the lock says: %.12s and not %.12s", found.Source, found.Tree, cmp.Or(r.lock.Tree, "nothing")),
		Hint:    "without --locked it is taken as it is now",
	}
}

// maxDemandsNesting bounds that file before it is read as YAML: the parser's memory grows with the square of the depth.
const maxDemandsNesting = 100

// organisation is the content of that file.
type organisation struct {
	Pack   string          `yaml:"pack"`
	Policy map[string]any  `yaml:"policy,omitempty"`
	Rules  []pack.DataRule `yaml:"rules,omitempty"`
}

// organisationFile is the file for a pack that demands something; nil for others.
func organisationFile(p *pack.Pack) (*plan.File, error) {
	if len(p.Policy) == 0 && len(p.Rules) == 0 {
		return nil, nil
	}
	text, err := yaml.Marshal(organisation{Pack: p.Name, Policy: p.Policy, Rules: p.Rules})
	if err != nil {
		return nil, fault.Wrap(err, "writing %s", project.OrganisationName)
	}
	header := "# What the pack " + p.Name + " demands beyond the level. It is written by scaffold; please commit it and do not edit it.\n"
	return &plan.File{Path: project.OrganisationName, Data: append([]byte(header), text...), Mode: 0o644, Owner: plan.Managed, Layer: "record"}, nil
}

// readOrganisation is what a project's pack demands; nothing if the pack demands nothing. It holds the file to the lock: who could
// edit it could take the demands away.
func readOrganisation(files fs.FS) (*organisation, error) {
	managed, err := project.Managed(files)
	want := managed[project.OrganisationName]
	if err != nil || want == "" {
		return &organisation{}, err
	}
	text, err := fs.ReadFile(files, project.OrganisationName)
	if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != want {
		return nil, &fault.Error{
			Code: fault.Refused, Place: fault.Place{File: project.OrganisationName}, Message: "what the pack demands was edited or deleted", Hint: "take it back from version control: git checkout -- " + project.OrganisationName,
		}
	}
	if blueprint.Nesting(text) > maxDemandsNesting {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: project.OrganisationName}, Message: fmt.Sprintf("the file is more than %d levels deep", maxDemandsNesting),
			Hint: "scaffold update",
		}
	}
	found := &organisation{}
	if err := yaml.UnmarshalWithOptions(text, found, yaml.Strict()); err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: project.OrganisationName}, Message: "the file is damaged", Err: err, Hint: "scaffold update"}
	}
	return found, nil
}

// policyOf is what a level demands, made stricter by a pack.
func policyOf(level string, stricter map[string]any) (*quality.Policy, error) {
	catalogue, err := quality.Load()
	if err != nil {
		return nil, err
	}
	return catalogue.PolicyWith(level, stricter)
}

// notesFor is what the pack has to tell about a blueprint.
func notesFor(p *loadedPack, b *blueprint.Blueprint) ([]string, error) {
	policy, err := policyOf(b.Level, p.Policy)
	if err != nil {
		return nil, err
	}
	return p.NotesFor(pack.EnvOf(b, policy))
}
