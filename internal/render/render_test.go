package render_test

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/render"
	"github.com/serverless-scaffold/scaffold/templates"
)

const manifest = `apiVersion: scaffold/v1
kind: Pack
name: test
layers:
  - {from: base}
  - {from: more, to: sub, when: 'ci == "github" && policy.Queue.MaxReceiveCount > 1'}
owners:
  - {glob: "sub/**", owner: managed}
  - {glob: "*.txt", owner: seed}
`

func load(t *testing.T, files map[string]string) (*pack.Pack, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return pack.Load(fsys, "v0.1.0")
}

func renderPack(t *testing.T, ci string, files map[string]string) ([]*plan.File, error) {
	t.Helper()
	p, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	policy := &quality.Policy{}
	policy.Queue.MaxReceiveCount = 5
	result, err := render.Render(p, &blueprint.Blueprint{Name: "orders", CI: ci}, policy)
	if err != nil {
		return nil, err
	}
	return result.Files(), nil
}

func TestRender(t *testing.T) {
	files := map[string]string{
		"pack.yaml": manifest, "base/a.txt": "<% .Blueprint.Name %>", "base/b.md.tmpl": "{{ [[ <% .Blueprint.Name | upper %> <% .Policy.Queue.MaxReceiveCount %>",
		"more/.github/c": "c",
	}
	got, err := renderPack(t, "github", files)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range got {
		lines = append(lines, file.Path+" "+string(file.Owner)+" "+file.Layer+" "+string(file.Data))
	}
	want := "a.txt seed base <% .Blueprint.Name %>\nb.md merge base {{ [[ ORDERS 5\nsub/.github/c managed more c"
	if strings.Join(lines, "\n") != want {
		t.Errorf("got\n%s", strings.Join(lines, "\n"))
	}
	without, err := renderPack(t, "none", files)
	if err != nil || len(without) != 2 {
		t.Errorf("a layer applied whose condition does not hold: %d files, %v", len(without), err)
	}
}

func TestRenderIsAFunctionOfItsArguments(t *testing.T) {
	t.Parallel()
	files := map[string]string{"pack.yaml": manifest, "base/a.tmpl": "<% .Blueprint.Name %>", "more/b": ""}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			got, err := renderPack(t, "none", files)
			if err != nil || !bytes.Equal(got[0].Data, []byte("orders")) {
				t.Error(err, got)
			}
		})
	}
}

func TestTemplatesFailInTheOpen(t *testing.T) {
	for name, template := range map[string]string{
		"unknown field":     "<% .Blueprint.Nmae %>",
		"unknown function":  "<% env \"HOME\" %>",
		"the clock":         "<% now %>",
		"randomness":        "<% randAlpha 3 %>",
		"a number":          "<% randInt 0 9 %>",
		"a key":             "<% genPrivateKey \"rsa\" %>",
		"a random salt":     "<% encryptAES \"k\" \"t\" %>",
		"the time zone":     "<% toDate \"2006-01-02\" \"2026-01-01\" %>",
		"the order of maps": "<% dict \"a\" 1 \"b\" 2 | keys %>",
		"a name look-up":    "<% getHostByName \"localhost\" %>",
		"bad syntax":        "<% if %>",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderPack(t, "none", map[string]string{"pack.yaml": manifest, "base/a.tmpl": template, "more/b": ""})
			if err == nil || fault.All(err)[0].Place.File != "base/a.tmpl" {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestManifestProblems(t *testing.T) {
	for name, c := range map[string]struct{ manifest, want string }{
		"misspelt condition": {strings.Replace(manifest, "ci ==", "sci ==", 1), "unknown name sci"},
		"misspelt policy":    {strings.Replace(manifest, "MaxReceiveCount", "MaxRecieveCount", 1), "MaxRecieveCount"},
		"no such folder":     {strings.Replace(manifest, "from: base", "from: bsae", 1), `no folder "bsae"`},
		"no such owner":      {strings.Replace(manifest, "owner: seed", "owner: sead", 1), `owner "sead"`},
		"unknown key":        {manifest + "hooks: [rm]\n", "hooks"},
		"an alias":           {strings.Replace(manifest, "name: test", "name: &a test\nnext: [{run: [*a], why: x}]", 1), "line 3 has an element of type Anchor"},
		"another kind":       {strings.Replace(manifest, "kind: Pack", "kind: Sack", 1), "this is no pack"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, map[string]string{"pack.yaml": c.manifest, "base/a": "", "more/b": ""})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(manifest))
	f.Add([]byte("layers: [{when: '1 + 1'}]"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _ = pack.Load(fstest.MapFS{"pack.yaml": {Data: text}, "base/a": {}, "more/b": {}}, "v0.1.0")
	})
}

// Traced, a template prints what it prints otherwise, and every line of it has its origin.
func TestTraceAttributesEveryLine(t *testing.T) {
	files, err := fs.Sub(templates.FS, "lambda")
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(files, "v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	b, err := blueprint.Parse("f", []byte("apiVersion: scaffold/v1\nplatform: lambda\nlevel: enterprise\ntables: [{name: reports}]\n"+
		"functions:\n  - {name: a, trigger: {type: http, path: /a}, uses: [reports]}\n  - {name: b, trigger: {type: s3}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := catalogue.Policy(b.Level)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := render.Render(p, b, policy)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, file := range rendered.Files() {
		traced, origins, err := render.Trace(p, b, policy, file.Path)
		if err != nil {
			t.Fatal(err)
		}
		n := slices.IndexFunc(traced.Files(), func(f *plan.File) bool { return f.Path == file.Path })
		if !bytes.Equal(traced.Files()[n].Data, file.Data) {
			t.Errorf("%s is not the same when it is traced", file.Path)
		}
		if !strings.HasSuffix(file.Source, ".tmpl") {
			continue
		}
		want := len(strings.SplitAfter(strings.TrimSuffix(string(file.Data), "\n"), "\n"))
		if len(origins) != want {
			t.Errorf("%s has %d lines, and %d of them are traced", file.Path, want, len(origins))
		}
		for n, origin := range origins {
			if origin.Line == 0 {
				t.Errorf("%s:%d has no origin", file.Path, n+1)
			}
		}
		lines += want
	}
	t.Logf("%d lines of templates have their origin", lines)
}
