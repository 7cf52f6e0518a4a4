package templates_test

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/templates"
)

// construct is what the infrastructure makes directly in a stack: its id would be in the way of a function's or a resource's.
var construct = regexp.MustCompile(`(?:\(s\.stack|\(stack|, stack), (?:jsii\.String\()?"([A-Z][A-Za-z]*)"`)

// Nothing that a blueprint adds can have the name of one of the service's own parts.
func TestOwnPartsAreReserved(t *testing.T) {
	files, err := fs.Sub(templates.FS, "lambda")
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(files, "v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	reserved := map[string]bool{}
	for _, name := range p.Reserved {
		reserved[blueprint.Pascal(name)] = true
	}
	found := 0
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if path.Dir(name) == "runtime/nodejs/src/functions" || path.Dir(name) == "runtime/rest/src/functions" {
			if function := strings.TrimSuffix(path.Base(name), ".ts"); !slices.Contains(p.Reserved, function) {
				t.Errorf("the function %s is not reserved", function)
			}
		}
		if !strings.HasPrefix(name, "infra/") || strings.Contains(name, "__") || strings.Contains(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(files, name)
		for _, match := range construct.FindAllStringSubmatch(string(text), -1) {
			found++
			if !reserved[match[1]] {
				t.Errorf("%s makes %s, which is not reserved", name, match[1])
			}
		}
		return err
	})
	if err != nil || found < 10 {
		t.Fatalf("%d constructs were found: %v", found, err)
	}
}
