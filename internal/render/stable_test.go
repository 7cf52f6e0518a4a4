package render_test

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/render"
)

// address matches what Go prints of a pointer.
var address = regexp.MustCompile(`0x[0-9a-f]{6}`)

// renderOne renders a pack of one template.
func renderOne(t *testing.T, text string) ([]byte, error) {
	t.Helper()
	files, err := renderPack(t, "none", map[string]string{"pack.yaml": manifest, "base/a.tmpl": text, "more/b": ""})
	if err != nil {
		return nil, err
	}
	return files[0].Data, nil
}

// Addresses differ from render to render, and structures of this program from version to version. No template prints
// either.
func TestNothingUnstableIsPrinted(t *testing.T) {
	for _, action := range []string{
		`.`, `.Blueprint`, `.Policy`, `.Policy.Queue`, `.Blueprint.Auth`, `$`, `list .Policy`, `dict "a" .Policy`,
		`list (list .)`, `.Blueprint.Waivers | append (list .)`, `semver "1.2.3"`,
		`print .`, `print .Policy`, `println .Policy`, `print .Blueprint.Auth`, `printf "%v" .`,
		`printf "%v" .Blueprint`, `printf "%+v" .Policy`, `printf "%#v" (list .Policy)`, `printf "%s" .Policy`,
		`printf "%d" .Policy`, `printf "%x" .Policy`,
		`printf "%p" .`, `printf "%p" .Blueprint.Regions`, `printf "%p" (list 1)`, `printf "%p" (dict "a" 1)`,
		`printf "%-10.3p" (list 1)`, `printf "%[1]p" (list 1)`, `printf "%#p" (list 1)`, `printf "%%%p" (list 1)`,
		`printf "a%d%p" 1 (list 1)`,
		`printf (print "%" "p") (list 1)`, `printf "%v" (dict "a" (list .Policy))`,
		`toString .`, `toString .Policy`, `toStrings (list .Policy)`, `join "," (list .Policy)`,
		`sortAlpha (list .Policy .Policy)`, `cat .Policy "x"`, `quote .Policy`, `squote .Policy`,
		`quote (list .Policy)`, `html .Policy`, `js .Policy`, `urlquery .Policy`,
		`dict .Policy 1`, `dict (list .Policy) 1`, `range $k, $v := dict .Policy 1 %><% $k %><% end`,
		`with print .Policy %><% . %><% end`, `if print .Policy %>x<% end`, `$x := print .Policy`,
		`define "x" %><% . %><% end %><% template "x" .Policy`, `block "x" .Policy %><% . %><% end`,
		`range list .Policy %><% . %><% end`, `with .Policy %><% . %><% end`,
		`with nil %>a<% else %><% .Policy %><% end`,
		`range list %>a<% else %><% .Policy %><% end`, `if true %><% .Policy %><% end`,
		`if false %>a<% else if true %><% .Policy %><% end`, `.Policy | first (list .)`, `ternary .Policy 1 true`,
		`default .Policy ""`, `index (list .Policy) 0`, `_text .`,
		`fail (print .Policy)`, `regexReplaceAll "a" "a" (print .Policy)`, `sha256sum (print .Policy)`,
		`len (print .Policy)`,
	} {
		out, err := renderOne(t, "<% "+action+" %>")
		if err == nil {
			t.Errorf("%s prints %q", action, out)
			continue
		}
		if address.MatchString(err.Error()) {
			t.Errorf("%s: the error has an address: %v", action, err)
		}
		if e := fault.All(err)[0]; e.Code != fault.Invalid || e.Hint == "" || e.Place.File != "base/a.tmpl" {
			t.Errorf("%s: the error is %#v", action, e)
		}
	}
}

// What can be printed is printed as before, and twice the same.
func TestWhatIsStableIsPrinted(t *testing.T) {
	for action, want := range map[string]string{
		`.Blueprint.Name`: "orders", `.Policy.Queue.MaxReceiveCount`: "5", `.Policy.Coverage.Lines`: "0",
		`.Policy.Coverage.Contract`: "false", `list 1 "a" true`: "[1 a true]", `dict "b" 2 "a" 1`: "map[a:1 b:2]",
		`print "a" 1 2.5`: "a1 2.5", `println "x"`: "x\n",
		`printf "%d %s %v %q %5.1f %%p" 1 "a" (list 1) "q" 1.25`: `1 a [1] "q"   1.2 %p`, `printf "%%" `: "%",
		`html "<"`:   "&lt;",
		`toString 1`: "1", `toStrings (list 1 2)`: "[1 2]", `join "," (list 1 2)`: "1,2", `cat "a" 1`: "a 1",
		`quote "a" 1`: `"a" "1"`, `.Blueprint.Regions`: "[]", `toJson .Policy.Queue.MaxReceiveCount`: "5",
		`toJson (dict "b" 1 "a" (list 1))`: `{"a":[1],"b":1}`,
		`$x := .Policy`:                    "", `with .Policy %><% .Queue.MaxReceiveCount %><% end`: "5", `if .Policy %>x<% end`: "x",
		`range $k, $v := dict "a" .Policy %><% $k %><% $v.Queue.MaxReceiveCount %><% end`: "a5",
		`kindOf .Policy`: "ptr", `(semver "1.2.3").Major`: "1", `(first (list .Policy)).Queue.MaxReceiveCount`: "5",
		`(default .Policy "").Queue.MaxReceiveCount`: "5", `dict "a" nil`: "map[a:<nil>]", `list nil`: "[<nil>]",
		`get (dict) "a"`: "", `first (list nil)`: "<no value>", `has .Policy (list .Policy)`: "true",
		`block "x" 1 %><% . %><% end`: "1",
	} {
		for range 2 {
			got, err := renderOne(t, "<% "+action+" %>")
			if err != nil || string(got) != want {
				t.Errorf("%s prints %q, want %q: %v", action, got, want, err)
			}
		}
	}
}

// JSON has no addresses, whatever it is of.
func TestJSONOfEverythingIsStable(t *testing.T) {
	first, err := renderOne(t, "<% toJson . %> <% toPrettyJson .Policy %> <% toJson (list .Policy) %>")
	if err != nil || address.Match(first) || !bytes.Contains(first, []byte(`"MaxReceiveCount":5`)) {
		t.Fatalf("%s: %v", first, err)
	}
	second, err := renderOne(t, "<% toJson . %> <% toPrettyJson .Policy %> <% toJson (list .Policy) %>")
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("another render gives other bytes: %v", err)
	}
}

// Traced, a template is held to the same.
func TestTraceIsHeldToTheSame(t *testing.T) {
	p, err := load(t, map[string]string{"pack.yaml": manifest, "base/a.tmpl": "<% .Policy %>", "more/b": ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := render.Trace(p, &blueprint.Blueprint{Name: "orders"}, &quality.Policy{}, "a"); err == nil {
		t.Error("it prints a pointer")
	}
}

// The bit that a pack's file is executable by travels, and no other.
func TestExecutableFilesStayExecutable(t *testing.T) {
	files := fstest.MapFS{"pack.yaml": {Data: []byte(strings.Replace(manifest, "  - {from: more, to: sub",
		"  - {from: more, to: sub, each: functions", 1))}}
	want := map[string]fs.FileMode{}
	for mode, rendered := range map[fs.FileMode]fs.FileMode{
		0o644: 0o644, 0o755: 0o755, 0o444: 0o644, 0o666: 0o644,
		0o700: 0o755, 0o001: 0o755, 0o600: 0o644, 0: 0o644, 0o777 | fs.ModeSetuid | fs.ModeSticky: 0o755,
	} {
		name := "f" + strings.Trim(mode.String(), "-")
		files["base/"+name] = &fstest.MapFile{Mode: mode}
		files["base/t/"+name+".tmpl"] = &fstest.MapFile{Mode: mode, Data: []byte("<% 1 %>")}
		files["more/__name__/"+name] = &fstest.MapFile{Mode: mode}
		want[name], want["t/"+name], want["sub/one/"+name] = rendered, rendered, rendered
	}
	p, err := pack.Load(files, "v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	policy := &quality.Policy{}
	policy.Queue.MaxReceiveCount = 5
	got, err := render.Render(p, &blueprint.Blueprint{CI: "github", Functions: []blueprint.Function{{Name: "one"}}},
		policy)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Files()) != len(want) {
		t.Errorf("%d files, want %d", len(got.Files()), len(want))
	}
	for _, file := range got.Files() {
		if file.Mode != want[file.Path] {
			t.Errorf("%s has the mode %v, want %v", file.Path, file.Mode, want[file.Path])
		}
	}
}

// A file of a pack has the kind of its owner rule, and the mark that follows.
func TestFilesHaveTheirKind(t *testing.T) {
	p, err := load(t, map[string]string{
		"pack.yaml":  strings.Replace(manifest, `owner: managed}`, "owner: managed, kind: document}", 1),
		"base/a.txt": "", "more/b.md": "", "more/AGENTS.md": "", "more/c.js": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	p.MarkForeign()
	policy := &quality.Policy{}
	policy.Queue.MaxReceiveCount = 5
	got, err := render.Render(p, &blueprint.Blueprint{CI: "github"}, policy)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"a.txt": true, "sub/b.md": false, "sub/AGENTS.md": true, "sub/c.js": true}
	for _, file := range got.Files() {
		if privileged, ok := want[file.Path]; !ok || file.IsPrivileged() != privileged {
			t.Errorf("%s is marked: %v", file.Path, file.IsPrivileged())
		}
	}
}

// No pack writes where scaffold keeps its own records, however the path is made.
func TestOwnRecordsAreRefused(t *testing.T) {
	for _, files := range []map[string]string{
		{"base/.blueprint/x": ""},
		{"base/.BLUEPRINT/x.tmpl": ""},
		{"base/blueprint.lock.tmpl": ""},
		{"base/Blueprint.yaml": ""},
		{"base/blueprint.yaml/x": ""},
	} {
		files["pack.yaml"], files["more/b"] = manifest, ""
		_, err := renderPack(t, "none", files)
		if e := fault.All(err)[0]; err == nil || e.Code != fault.Refused || !strings.HasPrefix(e.Place.File,
			"base/") || e.Hint == "" {
			t.Errorf("%v: the error is %v", files, err)
		}
	}
	var taken []*plan.File
	taken, err := renderPack(t, "none", map[string]string{
		"pack.yaml": manifest, "base/docs/.blueprint/x": "",
		"more/b": "",
	})
	if err != nil || len(taken) != 1 {
		t.Errorf("below another folder it is not scaffold's: %v", err)
	}
}

// Whoever asks for the cause of an error finds it.
func TestErrorsHaveTheirCauses(t *testing.T) {
	_, err := renderOne(t, "<% .Blueprint.Nmae %>")
	if cause, ok := errors.AsType[template.ExecError](err); !ok || cause.Name != "base/a.tmpl" {
		t.Errorf("the cause is lost: %v", err)
	}
	p, err := load(t, map[string]string{"pack.yaml": manifest, "base/a": "", "more/b": ""})
	if err != nil {
		t.Fatal(err)
	}
	p.Layers[0].Files = fstest.MapFS{}
	if _, err := render.Render(p, &blueprint.Blueprint{}, &quality.Policy{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a layer that cannot be read: %v", err)
	}
}
