package plan_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/plan"
)

func TestAddRefusesWhatMustNotBeWritten(t *testing.T) {
	for _, path := range []string{
		"", ".", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "./a", `a\b`, "C:/x", "a:b", ".git/hooks/pre-commit", "sub/.GIT/config",
		"con", "a/NUL.txt", "aux.ts", "x\x00y",
	} {
		if err := new(plan.Plan).Add(&plan.File{Path: path}); err == nil {
			t.Errorf("%q was taken", path)
		}
	}
}

func TestAddTakesOrdinaryPaths(t *testing.T) {
	for _, path := range []string{"a", "a/b.ts", ".github/workflows/ci.yml", ".gitignore", "…/ü.md", "console.ts", "a b"} {
		if err := new(plan.Plan).Add(&plan.File{Path: path}); err != nil {
			t.Errorf("%q was refused: %v", path, err)
		}
	}
}

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

func FuzzAdd(f *testing.F) {
	for _, seed := range []string{"a/b", "../x", "a/./b", ".git", "CON", "a\\..\\b", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if new(plan.Plan).Add(&plan.File{Path: path}) != nil {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(path)) || !fs.ValidPath(path) {
			t.Errorf("%q was taken", path)
		}
	})
}
