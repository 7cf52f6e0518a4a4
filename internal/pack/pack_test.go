package pack_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/expr-lang/expr/file"
	"github.com/goccy/go-yaml"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
)

const head = "apiVersion: scaffold/v1\nkind: Pack\nname: acme\nlayers: [{from: base}]\n"

func load(text string) (*pack.Pack, error) {
	return pack.Load(fstest.MapFS{"pack.yaml": {Data: []byte(text)}, "base/a": {}}, "v0.1.0")
}

func TestMoves(t *testing.T) {
	loaded, err := load(head + "moved:\n  - {from: a, to: b}\n  - {from: b, to: docs/c}\n" +
		"  - {from: README.MD, to: README.md}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []pack.Move{{From: "a", To: "b"}, {From: "b", To: "docs/c"}, {From: "README.MD", To: "README.md"}}
	if !slices.Equal(loaded.Moves, want) {
		t.Errorf("the moves are %v", loaded.Moves)
	}
	base, err := load(head + "moved: [{from: x, to: y}]\n")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := loaded.Over(base)
	if err != nil || !slices.Equal(whole.Moves, append([]pack.Move{{From: "x", To: "y"}}, want...)) {
		t.Errorf("on top of its base it has %v: %v", whole, err)
	}
	if _, err := loaded.Over(loaded); err == nil {
		t.Error("a pack and its base may move the same file")
	}
}

func TestMovesThatAreRefused(t *testing.T) {
	for moves, want := range map[string]string{
		"{from: ../a, to: b}":                                    `moved: the path "../a" is not a path inside the project`,
		"{from: a, to: /etc/passwd}":                             `moved: the path "/etc/passwd" is not a path inside`,
		"{from: a, to: .git/hooks/pre-commit}":                   "git's own",
		"{from: a, to: BLUEPR~1/x}":                              `"BLUEPR~1/x", which is one of scaffold's own records`,
		"{from: .Blueprint/base.txtar, to: a}":                   "scaffold's own records",
		"{from: blueprint.lock, to: a}":                          "scaffold's own records",
		"{from: a}":                                              `moved: the path "" is not a path`,
		"{from: a, to: a}":                                       `moved: "a" comes back to itself`,
		"{from: a, to: b}, {from: b, to: a}":                     `moved: "a" comes back to itself`,
		"{from: x, to: a}, {from: a, to: b}, {from: b, to: x}":   `moved: "x" comes back to itself`,
		"{from: i, to: j}, {from: a, to: b}, {from: b, to: a}":   `moved: "a" comes back to itself`,
		"{from: a, to: b}, {from: a, to: c}":                     `moved: the path "a" is there twice`,
		"{from: a, to: c}, {from: b, to: c}":                     `moved: the path "c" is there twice`,
		"{from: a, to: x}, {from: A, to: y}":                     `"A", which differs from "a" in upper and lower case only`,
		"{from: a, to: c}, {from: b, to: c/d}":                   `"c" is a file and a folder`,
		"{from: a, to: b, when: x}":                              `unknown field "when"`,
		"{from: [a], to: b}":                                     "cannot unmarshal",
		`{from: "a\u202eb", to: b}`:                              "cannot be seen",
		strings.Repeat("{from: ../a, to: a}, ", 2) + "{from: z}": `"../a"`,
	} {
		_, err := load(head + "moved: [" + moves + "]\n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q in it", moves, err, want)
			continue
		}
		if e := fault.All(err)[0]; e.Code != fault.Invalid || e.Hint == "" || e.Place.File != pack.ManifestName {
			t.Errorf("%s: the error is %#v", moves, e)
		}
	}
}

// A long chain of moves, one for each version, is judged without walking it from each of its places.
func TestManyMoves(t *testing.T) {
	var text strings.Builder
	for n := range 5_000 {
		fmt.Fprintf(&text, "  - {from: a%d, to: a%d}\n", n, n+1)
	}
	if _, err := load(head + "moved:\n" + text.String()); err != nil {
		t.Error(err)
	}
	if _, err := load(head + "moved:\n" + text.String() + "  - {from: a5000, to: a0}\n"); err == nil {
		t.Error("a long circle was taken")
	}
}

func TestKinds(t *testing.T) {
	loaded, err := load(head + "owners:\n  - {glob: docs/own.md, owner: seed}\n" +
		"  - {glob: 'docs/**', owner: merge, kind: document}\n  - {glob: 'src/**', owner: managed, kind: source}\n" +
		"  - {glob: README.md, owner: merge, kind: document}\n  - {glob: '**', owner: seed}\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]pack.OwnerRule{
		"docs/own.md": {Owner: plan.Seed}, "docs/a/b": {Owner: plan.Merge, Kind: plan.Document},
		"src/a": {Owner: plan.Managed, Kind: plan.Source}, "README.md": {Owner: plan.Merge, Kind: plan.Document},
		"x": {Owner: plan.Seed}, "sub/README.md": {Owner: plan.Seed},
	} {
		if got := (pack.OwnerRule{Owner: loaded.OwnerOf(name), Kind: loaded.KindOf(name)}); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for rule, want := range map[string]string{
		"{glob: 'src/**', owner: merge, kind: code}":      `cannot have the kind "code"`,
		"{glob: '**', owner: merge, kind: source}":        "has a kind and no folder",
		"{glob: '*.md', owner: merge, kind: document}":    "has a kind and no folder",
		"{glob: '*/a/**', owner: merge, kind: document}":  "has a kind and no folder",
		"{glob: '[ab]/**', owner: merge, kind: document}": "has a kind and no folder",
		"{glob: 'src/**', kind: source}":                  `cannot have the owner ""`,
		"{glob: 'src/**', owner: merge, kinds: source}":   "unknown field",
	} {
		if _, err := load(head + "owners: [" + rule + "]\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q in it", rule, err, want)
		}
	}
}

// Whoever asks for the cause of a problem finds it.
func TestProblemsHaveTheirCauses(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		cause func(error) bool
	}{
		"a condition": {strings.Replace(head, "from: base", "from: base, when: '1 +'", 1), isA[*file.Error]},
		"a where": {
			strings.Replace(head, "from: base", "from: base, each: functions, where: 'nmae'", 1),
			isA[*file.Error],
		},
		"a note": {head + "notes: [{say: x, when: '1 +'}]\n", isA[*file.Error]},
		"a rule": {
			head + "rules: [{id: A-01, title: x, resource: x, message: x, assert: '1 +'}]\n",
			isA[*file.Error],
		},
		"a key":  {head + "hooks: [x]\n", isA[*yaml.UnknownFieldError]},
		"a text": {head + "notes: [\n", isA[*yaml.SyntaxError]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(c.text)
			if err == nil || !c.cause(err) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
