package pack

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

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
	Moved    []Move      `yaml:"moved"`
	Reserved []string    `yaml:"reserved"`
	Owners   []OwnerRule `yaml:"owners"`
	Notes    []*Note     `yaml:"notes"`
	Next     []Step      `yaml:"next"`
}

// maxManifestBytes bounds a manifest, and maxDepth how deep its lists lie in each other.
const (
	maxManifestBytes = 256 << 10
	maxDepth         = 40
)

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
			Code: fault.Refused, Place: fault.Place{File: ManifestName},
			Message: fmt.Sprintf("the pack is for scaffold %s, and this is %s", found[1], tool),
			Hint:    "install another version of scaffold",
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
	if len(text) > maxManifestBytes || blueprint.Nesting(text) > maxDepth {
		return nil, problem(fmt.Sprintf("the manifest has more than %d kB, or is more than %d levels deep",
			maxManifestBytes>>10, maxDepth), "divide the pack")
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, caused(err, "this is not YAML", "correct it where it says so")
	}
	plain := &plainYAML{}
	for _, document := range tree.Docs {
		ast.Walk(plain, document)
	}
	if plain.offence != nil {
		return nil, problem(fmt.Sprintf("line %d has an element of type %s", plain.offence.GetToken().Position.Line,
			plain.offence.Type()), "write it out")
	}
	m := &manifest{}
	if err := yaml.UnmarshalWithOptions(text, m, yaml.Strict()); err != nil {
		return nil, caused(err, "the manifest cannot be read", "the keys and their types are in docs/pack.schema.json")
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

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// IsName says whether a pack can have the name.
func IsName(name string) bool { return nameForm.MatchString(name) }

func (m *manifest) check() fault.List {
	var problems fault.List
	if m.APIVersion != blueprint.APIVersion || m.Kind != "Pack" {
		problems = append(problems, problem("this is no pack", "start it with apiVersion: scaffold/v1 and kind: Pack"))
	}
	if !IsName(m.Name) {
		problems = append(problems, problem(fmt.Sprintf("a pack cannot be called %q", m.Name),
			"name: lower-case words joined by hyphens"))
	}
	for _, rule := range m.Owners {
		if rule.Owner != plan.Managed && rule.Owner != plan.Merge && rule.Owner != plan.Seed {
			problems = append(problems, problem(fmt.Sprintf("%s cannot have the owner %q", rule.Glob, rule.Owner),
				"allowed: managed, merge, seed"))
		}
		problems = append(problems, rule.checkKind()...)
	}
	return append(problems, checkMoves(m.Moved)...)
}

// checkKind returns what is wrong with the kind of a rule. A kind is said of a file or of a folder that has a name:
// what a pack calls sources by an ending alone, or all at once, would take the mark from files that nobody looked at.
func (r *OwnerRule) checkKind() fault.List {
	if r.Kind == "" {
		return nil
	}
	if r.Kind != plan.Source && r.Kind != plan.Document {
		return fault.List{problem(fmt.Sprintf("%s cannot have the kind %q", r.Glob, r.Kind),
			"allowed: source, document")}
	}
	if first, _, _ := strings.Cut(r.Glob, "/"); strings.ContainsAny(first, `*?[\`) {
		return fault.List{problem(fmt.Sprintf("the pattern %q has a kind and no folder", r.Glob),
			"begin it with a folder: src/**")}
	}
	return nil
}
