// Package pack reads template packs: a folder of layers, and a manifest that says which of them apply when.
//
// A pack is data. It runs nothing: its conditions are expressions over the inputs, checked when the pack is loaded,
// and its next steps are printed.
package pack

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

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
	Observability string          `expr:"observability"`
	Policy        *quality.Policy `expr:"policy"`
}

// Pack is a loaded pack: its files, and a manifest that makes sense.
type Pack struct {
	Name   string
	Layers []*Layer
	Owners []OwnerRule
	// Next is what a user types after the project was made, in order.
	Next []Step
	// Files is the pack's folder.
	Files fs.FS
}

// Step is a command for the user, run in the project's folder.
type Step struct {
	Run []string `yaml:"run" json:"run"`
	Why string   `yaml:"why" json:"why"`
}

// Layer is a folder of a pack. Its files go to the folder To of the project.
type Layer struct {
	From      string
	To        string
	Condition string
	// Only is patterns of the files that the layer takes from its folder; it takes all of them if there is none.
	Only    []string
	program *vm.Program
}

// Takes says whether a file of the layer's folder belongs to the layer; name is relative to the folder.
func (l *Layer) Takes(name string) bool {
	return len(l.Only) == 0 || slices.ContainsFunc(l.Only, func(glob string) bool { return matches(glob, name) })
}

// OwnerRule gives files an owner; the first rule whose pattern matches counts.
type OwnerRule struct {
	Glob  string     `yaml:"glob"`
	Owner plan.Owner `yaml:"owner"`
}

type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
	Layers     []struct {
		From string   `yaml:"from"`
		To   string   `yaml:"to"`
		When string   `yaml:"when"`
		Only []string `yaml:"only"`
	} `yaml:"layers"`
	Owners []OwnerRule `yaml:"owners"`
	Next   []Step      `yaml:"next"`
}

// Load reads the pack in files. All problems of its manifest are in the error.
func Load(files fs.FS) (*Pack, error) {
	text, err := fs.ReadFile(files, ManifestName)
	if err != nil {
		return nil, fault.Wrap(err, "reading the manifest of a pack")
	}
	m, err := decode(text)
	if err != nil {
		return nil, err
	}
	pack := &Pack{Name: m.Name, Owners: m.Owners, Next: m.Next, Files: files}
	problems := m.check()
	for _, row := range m.Layers {
		layer := &Layer{From: row.From, To: row.To, Condition: row.When, Only: row.Only}
		problems = append(problems, layer.compile(files)...)
		pack.Layers = append(pack.Layers, layer)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return pack, nil
}

// decode reads the plain part of YAML: a manifest has no use for tags, anchors and aliases, which packs from elsewhere
// could blow up with.
func decode(text []byte) (*manifest, error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, problem(err.Error(), "this is not YAML")
	}
	plain := &plainYAML{}
	for _, document := range tree.Docs {
		ast.Walk(plain, document)
	}
	if plain.offence != nil {
		return nil, problem(fmt.Sprintf("line %d has an element of type %s", plain.offence.GetToken().Position.Line, plain.offence.Type()), "write it out")
	}
	m := &manifest{}
	if err := yaml.UnmarshalWithOptions(text, m, yaml.Strict()); err != nil {
		return nil, problem(err.Error(), "")
	}
	return m, nil
}

// plainYAML walks over a document and keeps the first node that is more than plain data.
type plainYAML struct{ offence ast.Node }

func (p *plainYAML) Visit(node ast.Node) ast.Visitor {
	switch node.(type) {
	case *ast.TagNode, *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		if p.offence == nil {
			p.offence = node
		}
		return nil
	default:
		return p
	}
}

func (m *manifest) check() fault.List {
	var problems fault.List
	if m.APIVersion != "scaffold/v1" || m.Kind != "Pack" {
		problems = append(problems, problem("this is no pack", "start it with apiVersion: scaffold/v1 and kind: Pack"))
	}
	for _, rule := range m.Owners {
		if rule.Owner != plan.Managed && rule.Owner != plan.Merge && rule.Owner != plan.Seed {
			problems = append(problems, problem(fmt.Sprintf("%s cannot have the owner %q", rule.Glob, rule.Owner), "allowed: managed, merge, seed"))
		}
	}
	return problems
}

func (l *Layer) compile(files fs.FS) fault.List {
	var problems fault.List
	if info, err := fs.Stat(files, l.From); err != nil || !info.IsDir() {
		problems = append(problems, problem(fmt.Sprintf("there is no folder %q for a layer", l.From), "make it, or remove the layer"))
	}
	for _, pattern := range l.Only {
		if found, err := fs.Glob(files, path.Join(l.From, pattern)); err != nil || len(found) == 0 {
			problems = append(problems, problem(fmt.Sprintf("layer %s has no file %q", l.From, pattern), "correct the pattern, or remove it"))
		}
	}
	if l.Condition == "" {
		return problems
	}
	program, err := expr.Compile(l.Condition, expr.Env(Env{}), expr.AsBool())
	if err != nil {
		return append(problems, problem(fmt.Sprintf("layer %s: %v", l.From, err), "conditions can ask for the inputs and for policy"))
	}
	l.program = program
	return problems
}

// Applies says whether the layer's condition holds.
func (l *Layer) Applies(env Env) (bool, error) {
	if l.program == nil {
		return true, nil
	}
	result, err := expr.Run(l.program, env)
	if err != nil {
		return false, fault.Wrap(err, "asking whether layer %s applies", l.From)
	}
	return result.(bool), nil
}

// OwnerOf is whose the file is; merge where no rule matches.
func (p *Pack) OwnerOf(name string) plan.Owner {
	for _, rule := range p.Owners {
		if matches(rule.Glob, name) {
			return rule.Owner
		}
	}
	return plan.Merge
}

// matches knows path.Match and, at the end of a pattern, ** for everything below a folder.
func matches(glob, name string) bool {
	if folder, ok := strings.CutSuffix(glob, "**"); ok {
		return strings.HasPrefix(name, folder)
	}
	ok, err := path.Match(glob, name)
	return ok && err == nil
}

func problem(message, hint string) *fault.Error {
	return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: ManifestName}, Message: message, Hint: hint}
}
