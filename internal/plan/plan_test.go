package plan_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/serverless-scaffold/scaffold/internal/plan"
)

func TestAddRefusesCollisions(t *testing.T) {
	p := &plan.Plan{}
	for _, file := range []*plan.File{{Path: "a/README.md", Layer: "base"}, {Path: "b", Layer: "base"}} {
		if err := p.Add(file); err != nil {
			t.Fatal(err)
		}
	}
	for want, file := range map[string]*plan.File{
		"upper and lower case": {Path: "a/readme.md", Layer: "other"},
		"written twice":        {Path: "b", Layer: "base"},
	} {
		if err := p.Add(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := p.Add(&plan.File{Path: "b", Layer: "later", Data: []byte("x")}); err != nil {
		t.Errorf("a later layer may replace a file: %v", err)
	}
	if files := p.Files(); len(files) != 2 || files[0].Path != "a/README.md" || string(files[1].Data) != "x" {
		t.Errorf("the files are %v", files)
	}
}

// Whatever two paths a plan holds: they are inside the project, they are no record, and on every file system they are
// two files.
func FuzzAdd(f *testing.F) {
	for _, seed := range [][2]string{
		{"a/b", "A/c"}, {"../x", "a"}, {"a/./b", "b"}, {".git", "CON"}, {"a\\..\\b", "\x00"}, {"b", "B/x"}, {
			"é/x",
			"e\u0301/y",
		}, {"straße", "STRASSE"}, {"BLUEPR~1/a", ".blueprınt"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		p := &plan.Plan{}
		for _, path := range []string{one, two} {
			if p.Add(&plan.File{Path: path, Layer: "base"}) != nil {
				continue
			}
			if !filepath.IsLocal(filepath.FromSlash(path)) || !fs.ValidPath(path) ||
				plan.IsOwn(path) || plan.CheckPath(path) != nil {
				t.Errorf("%q was taken", path)
			}
		}
		if len(p.Files()) < 2 {
			return
		}
		a, b := strings.Split(one, "/"), strings.Split(two, "/")
		for n := range min(len(a), len(b)) {
			isSame := a[n] == b[n]
			if !isSame && strings.EqualFold(norm.NFC.String(a[n]), norm.NFC.String(b[n])) {
				t.Errorf("%q and %q were taken, which are one in part %d", one, two, n)
			}
			if isSame && n == min(len(a), len(b))-1 {
				t.Errorf("%q and %q were taken: a file and a folder", one, two)
			}
			if !isSame {
				return
			}
		}
	})
}
