// Package pack reads template packs: a folder of layers, and a manifest that says which of them apply when.
//
// A pack is data. It runs nothing: its conditions are expressions over the inputs, checked when the pack is loaded,
// and its next steps are printed.
package pack

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// ManifestName is the file that makes a folder a pack.
const ManifestName = "pack.yaml"

// Env is what conditions can ask about.
type Env struct {
	Platform      string          `expr:"platform"`
	Runtime       string          `expr:"runtime"`
	IaC           string          `expr:"iac"`
	CI            string          `expr:"ci"`
	Updates       string          `expr:"updates"`
	Observability string          `expr:"observability"`
	Policy        *quality.Policy `expr:"policy"`
	// Functions and the resources are the lists of the blueprint.
	Functions []blueprint.Function `expr:"functions"`
	Tables    []blueprint.Resource `expr:"tables"`
	Queues    []blueprint.Resource `expr:"queues"`
	Buses     []blueprint.Resource `expr:"buses"`
	Secrets   []blueprint.Resource `expr:"secrets"`
}

// EnvOf is what conditions can ask about a blueprint.
func EnvOf(b *blueprint.Blueprint, policy *quality.Policy) Env {
	return Env{
		Platform: b.Platform, Runtime: b.Runtime, IaC: b.IaC, CI: b.CI, Updates: b.Updates,
		Observability: b.Observability, Policy: policy,
		Functions: b.Functions, Tables: b.Tables, Queues: b.Queues, Buses: b.Buses, Secrets: b.Secrets,
	}
}

// ItemEnv is what the condition of a layer can ask about that applies to each function or resource.
type ItemEnv struct {
	Env
	Name    string            `expr:"name"`
	Trigger blueprint.Trigger `expr:"trigger"`
}

// Pack is a loaded pack: its files, and a manifest that makes sense.
type Pack struct {
	Name string
	// Extends is the built-in pack to which this one adds.
	Extends string
	// Policy is the settings that the pack makes stricter than their level has them, by their keys.
	Policy map[string]any
	// Rules is what the pack wants of every template, besides the controls of the level.
	Rules  []DataRule
	Layers []*Layer
	Owners []OwnerRule
	// Moves is the files that earlier versions of the pack rendered to other paths.
	Moves []Move
	// Reserved is the names that functions and resources of a blueprint cannot have, because the pack's own parts have
	// them.
	Reserved []string
	// Notes is what to tell a user about what was asked for.
	Notes []*Note
	// Next is what a user types after the project was made, in order.
	Next []Step
	// Files is the pack's folder.
	Files fs.FS
	// IsForeign says that the pack is not built in.
	IsForeign bool
}

// Step is a command for the user, run in the project's folder.
type Step struct {
	Run []string `yaml:"run" json:"run"`
	Why string   `yaml:"why" json:"why"`
	// IsForeign says that the pack is not built in: its steps are shown as its own.
	IsForeign bool `yaml:"-" json:"-"`
}

// OwnerRule gives files an owner and a kind; the first rule whose pattern matches counts.
type OwnerRule struct {
	Glob  string     `yaml:"glob"`
	Owner plan.Owner `yaml:"owner"`
	// Kind says that the files are sources or documents: see plan.File.IsPrivileged.
	Kind plan.Kind `yaml:"kind"`
}

// Load reads the pack in files; tool is the version of this program. All problems of its manifest are in the error.
func Load(files fs.FS, tool string) (*Pack, error) {
	text, err := fs.ReadFile(files, ManifestName)
	if err != nil {
		return nil, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: ManifestName},
			Message: "this is no pack: it has no manifest", Hint: "scaffold template new NAME starts one",
		}
	}
	if err := checkRequires(text, tool); err != nil {
		return nil, err
	}
	m, err := decode(text)
	if err != nil {
		return nil, err
	}
	pack := &Pack{
		Name: m.Name, Extends: m.Extends, Policy: m.Policy, Rules: m.Rules, Owners: m.Owners, Moves: m.Moved,
		Reserved: m.Reserved, Notes: m.Notes, Next: m.Next, Files: files,
	}
	problems := m.check()
	for n := range m.Rules {
		problems = append(problems, m.Rules[n].check()...)
	}
	for _, note := range m.Notes {
		problems = append(problems, note.compile()...)
	}
	for _, row := range m.Layers {
		layer := &Layer{
			From: path.Clean(row.From), To: row.To, Condition: row.When, Each: row.Each, Where: row.Where,
			Only: row.Only, Files: files,
		}
		problems = append(problems, layer.compile()...)
		pack.Layers = append(pack.Layers, layer)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return pack, nil
}

// MarkForeign says that the pack is not built in.
func (p *Pack) MarkForeign() {
	p.IsForeign = true
	for _, layer := range p.Layers {
		layer.IsForeign = true
	}
	for n := range p.Next {
		p.Next[n].IsForeign = true
	}
}

// Over returns the pack on top of the built-in one that it extends. Its layers come later, its owners and its next
// steps count first, and its moves are added.
func (p *Pack) Over(base *Pack) (*Pack, error) {
	merged := *p
	merged.Layers = append(slices.Clone(base.Layers), p.Layers...)
	merged.Owners = append(slices.Clone(p.Owners), base.Owners...)
	merged.Reserved = append(slices.Clone(base.Reserved), p.Reserved...)
	merged.Notes = append(slices.Clone(base.Notes), p.Notes...)
	if len(merged.Next) == 0 {
		merged.Next = base.Next
	}
	merged.Moves = append(slices.Clone(base.Moves), p.Moves...)
	return &merged, checkMoves(merged.Moves).OrNil()
}

// OwnerOf returns whose the file is: merge where no rule matches.
func (p *Pack) OwnerOf(name string) plan.Owner { return p.ruleOf(name).Owner }

// KindOf returns what the pack calls a file: nothing where no rule matches.
func (p *Pack) KindOf(name string) plan.Kind { return p.ruleOf(name).Kind }

// ruleOf returns the rule that counts for a file.
func (p *Pack) ruleOf(name string) OwnerRule {
	for _, rule := range p.Owners {
		if matches(rule.Glob, name) {
			return rule
		}
	}
	return OwnerRule{Owner: plan.Merge}
}

// matches knows path.Match and, at the end of a pattern, ** for everything below a folder.
func matches(glob, name string) bool {
	if folder, ok := strings.CutSuffix(glob, "**"); ok {
		return strings.HasPrefix(name, folder)
	}
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

func problem(message, hint string) *fault.Error { return caused(nil, message, hint) }

// caused is a problem that has another error as its cause.
func caused(err error, message, hint string) *fault.Error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: ManifestName}, Message: message, Err: err,
		Hint: hint,
	}
}
