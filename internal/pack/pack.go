// Package pack reads template packs: a folder of layers, and a manifest that says which of them apply when.
//
// A pack is data. It runs nothing: its conditions are expressions over the inputs, checked when the pack is loaded,
// and its next steps are printed.
package pack

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

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
		Platform: b.Platform, Runtime: b.Runtime, IaC: b.IaC, CI: b.CI, Updates: b.Updates, Observability: b.Observability, Policy: policy,
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
	// Reserved is the names that functions and resources of a blueprint cannot have, because the pack's own parts have them.
	Reserved []string
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
}

// Layer is a folder of a pack. Its files go to the folder To of the project.
type Layer struct {
	From      string
	To        string
	Condition string
	// Each is the list of the blueprint for whose items the layer applies, one after the other, and Where the condition for an
	// item. Without it the layer applies once.
	Each  string
	Where string
	// Only is patterns of the files that the layer takes from its folder; it takes all of them if there is none.
	Only []string
	// Files is the folder of the pack that the layer is of, and IsForeign says that the pack is not built in.
	Files     fs.FS
	IsForeign bool
	program   *vm.Program
	where     *vm.Program
}

// Takes says whether a file of the layer's folder belongs to the layer; name is relative to the folder.
func (l *Layer) Takes(name string) bool {
	return len(l.Only) == 0 || slices.ContainsFunc(l.Only, func(glob string) bool { return matches(glob, name) })
}

// Has says whether a file of the pack belongs to the layer.
func (l *Layer) Has(file string) bool {
	name, ok := strings.CutPrefix(file, l.From+"/")
	return ok && l.Takes(name)
}

// Target is where a file of the layer goes in a project.
func (l *Layer) Target(file string) string {
	return path.Join(l.To, strings.TrimSuffix(strings.TrimPrefix(file, l.From+"/"), ".tmpl"))
}

// HasOwned says whether a file of the layer could have the owner of the rule.
func (l *Layer) HasOwned(rule OwnerRule) bool {
	found := false
	_ = fs.WalkDir(l.Files, l.From, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && l.Has(file) {
			found = found || matches(rule.Glob, l.Target(file))
		}
		return err
	})
	return found
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
	// Requires is read before everything else.
	Requires string         `yaml:"requires"`
	Extends  string         `yaml:"extends"`
	Policy   map[string]any `yaml:"policy"`
	Rules    []DataRule     `yaml:"rules"`
	Layers   []struct {
		From  string   `yaml:"from"`
		To    string   `yaml:"to"`
		When  string   `yaml:"when"`
		Each  string   `yaml:"each"`
		Where string   `yaml:"where"`
		Only  []string `yaml:"only"`
	} `yaml:"layers"`
	Reserved []string    `yaml:"reserved"`
	Owners   []OwnerRule `yaml:"owners"`
	Next     []Step      `yaml:"next"`
}

// maxManifestBytes bounds a manifest, and maxDepth how deep its lists lie in each other.
const (
	maxManifestBytes = 256 << 10
	maxDepth         = 40
)

// Load reads the pack in files; tool is the version of this program. All problems of its manifest are in the error.
func Load(files fs.FS, tool string) (*Pack, error) {
	text, err := fs.ReadFile(files, ManifestName)
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: ManifestName}, Message: "this is no pack: it has no manifest", Hint: "scaffold template new NAME starts one"}
	}
	if err := checkRequires(text, tool); err != nil {
		return nil, err
	}
	m, err := decode(text)
	if err != nil {
		return nil, err
	}
	pack := &Pack{Name: m.Name, Extends: m.Extends, Policy: m.Policy, Rules: m.Rules, Owners: m.Owners, Reserved: m.Reserved, Next: m.Next, Files: files}
	problems := m.check()
	for n := range m.Rules {
		problems = append(problems, m.Rules[n].check()...)
	}
	for _, row := range m.Layers {
		layer := &Layer{From: path.Clean(row.From), To: row.To, Condition: row.When, Each: row.Each, Where: row.Where, Only: row.Only, Files: files}
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
}

// Over is the pack on top of the built-in one that it extends: its layers come later, its owners and its next steps count first.
func (p *Pack) Over(base *Pack) *Pack {
	merged := *p
	merged.Layers = append(slices.Clone(base.Layers), p.Layers...)
	merged.Owners = append(slices.Clone(p.Owners), base.Owners...)
	merged.Reserved = append(slices.Clone(base.Reserved), p.Reserved...)
	if len(merged.Next) == 0 {
		merged.Next = base.Next
	}
	return &merged
}

// requires finds the version that a manifest asks for, also in one that this version cannot read otherwise.
var requires = regexp.MustCompile(`(?m)^requires:[ \t]*["']?([^"'#\r\n]*?)["']?[ \t]*(#.*)?\r?$`)

func checkRequires(text []byte, tool string) error {
	found := requires.FindSubmatch(text)
	if found == nil {
		return nil
	}
	constraint, err := semver.NewConstraint(string(found[1]))
	if err != nil {
		return problem(fmt.Sprintf("requires cannot be %q", found[1]), "expected versions such as >=0.2.0")
	}
	version, isRelease := parseVersion(tool)
	if !isRelease {
		return nil // What was built from sources, such as (devel), is taken for the newest.
	}
	if core, _ := version.SetPrerelease(""); !constraint.Check(&core) {
		return &fault.Error{
			Code: fault.Refused, Place: fault.Place{File: ManifestName}, Message: fmt.Sprintf("the pack is for scaffold %s, and this is %s", found[1], tool), Hint: "install another version of scaffold",
		}
	}
	return nil
}

func parseVersion(text string) (version *semver.Version, ok bool) {
	version, err := semver.NewVersion(text)
	return version, err == nil
}

// decode reads the plain part of YAML: a manifest has no use for tags, anchors and aliases, which packs from elsewhere
// could blow up with.
func decode(text []byte) (*manifest, error) {
	if len(text) > maxManifestBytes || depth(text) > maxDepth {
		return nil, problem(fmt.Sprintf("the manifest has more than %d kB, or is more than %d levels deep", maxManifestBytes>>10, maxDepth), "divide the pack")
	}
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

// depth is at most how deep lists and mappings lie in each other: by brackets, and by indentation.
func depth(text []byte) int {
	open, deepest := 0, 0
	for line := range bytes.Lines(text) {
		indent := len(line) - len(bytes.TrimLeft(line, " -?:\t"))
		for _, char := range line {
			switch char {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			}
			deepest = max(deepest, open+indent/2)
		}
	}
	return deepest
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

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// IsName says whether a pack can have the name.
func IsName(name string) bool { return nameForm.MatchString(name) }

func (m *manifest) check() fault.List {
	var problems fault.List
	if m.APIVersion != blueprint.APIVersion || m.Kind != "Pack" {
		problems = append(problems, problem("this is no pack", "start it with apiVersion: scaffold/v1 and kind: Pack"))
	}
	if !IsName(m.Name) {
		problems = append(problems, problem(fmt.Sprintf("a pack cannot be called %q", m.Name), "name: lower-case words joined by hyphens"))
	}
	for _, rule := range m.Owners {
		if rule.Owner != plan.Managed && rule.Owner != plan.Merge && rule.Owner != plan.Seed {
			problems = append(problems, problem(fmt.Sprintf("%s cannot have the owner %q", rule.Glob, rule.Owner), "allowed: managed, merge, seed"))
		}
	}
	return problems
}

func (l *Layer) compile() fault.List {
	var problems fault.List
	if info, err := fs.Stat(l.Files, l.From); err != nil || !info.IsDir() || l.From == "." {
		problems = append(problems, problem(fmt.Sprintf("there is no folder %q for a layer", l.From), "make it, or remove the layer"))
	}
	for _, pattern := range l.Only {
		if found, err := fs.Glob(l.Files, path.Join(l.From, pattern)); err != nil || len(found) == 0 {
			problems = append(problems, problem(fmt.Sprintf("layer %s has no file %q", l.From, pattern), "correct the pattern, or remove it"))
		}
	}
	if l.Each != "" && !slices.Contains(blueprint.Sections(), l.Each) {
		problems = append(problems, problem(fmt.Sprintf("layer %s cannot apply to each of %q", l.From, l.Each), "allowed: "+strings.Join(blueprint.Sections(), ", ")))
	}
	if l.Where != "" && l.Each == "" {
		problems = append(problems, problem(fmt.Sprintf("layer %s says where, and not for each of what", l.From), "each: functions"))
	}
	return append(problems, l.compileConditions()...)
}

func (l *Layer) compileConditions() fault.List {
	var problems fault.List
	var err error
	if l.program, err = compile(l.Condition, Env{}); err != nil {
		problems = append(problems, problem(fmt.Sprintf("layer %s: %v", l.From, err), "conditions can ask for the inputs and for policy"))
	}
	if l.where, err = compile(l.Where, ItemEnv{}); err != nil {
		problems = append(problems, problem(fmt.Sprintf("layer %s: %v", l.From, err), "where can ask for name, trigger, the inputs and policy"))
	}
	return problems
}

// What a condition may have. expr itself bounds the memory of one that runs, and has no loop without an end.
const (
	maxConditionBytes = 2000
	maxConditionNodes = 500
)

// compile is the program of a condition; nil for none.
func compile(condition string, env any) (*vm.Program, error) {
	if condition == "" {
		return nil, nil
	}
	if len(condition) > maxConditionBytes {
		return nil, fmt.Errorf("a condition has more than %d characters", maxConditionBytes)
	}
	return expr.Compile(condition, expr.Env(env), expr.AsBool(), expr.MaxNodes(maxConditionNodes))
}

// Applies says whether the layer's condition holds.
func (l *Layer) Applies(env Env) (bool, error) { return l.holds(l.program, env) }

// AppliesTo says whether the layer applies to one item of its list.
func (l *Layer) AppliesTo(item ItemEnv) (bool, error) { return l.holds(l.where, item) }

func (l *Layer) holds(program *vm.Program, env any) (bool, error) {
	if program == nil {
		return true, nil
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return false, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: ManifestName}, Message: fmt.Sprintf("layer %s: %v", l.From, err), Hint: "change the condition"}
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
