package render

import (
	"fmt"
	"io/fs"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/templates"
)

// A project of a thousand functions takes at most a quarter of any limit.
func TestBudgetIsEnoughForAThousandFunctions(t *testing.T) {
	files, err := fs.Sub(templates.FS, "lambda")
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(files, "v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: scaffold/v1\nplatform: lambda\nfunctions:\n"
	for n := range 1000 {
		text += fmt.Sprintf("  - name: a-function-with-a-name-%d\n    trigger: { type: s3 }\n", n)
	}
	b, err := blueprint.Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := catalogue.Policy("enterprise")
	if err != nil {
		t.Fatal(err)
	}
	r := newRenderer(p, b, policy, "")
	if err := r.renderLayers(); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []struct {
		name       string
		max, spent int
	}{
		{"files", maxFiles, maxFiles - r.budget.files},
		{"bytes", maxBytes, maxBytes - r.budget.bytes},
		{"steps", maxSteps, maxSteps - r.budget.steps},
		{"work", maxWork, maxWork - r.budget.work},
	} {
		t.Logf("%d of %d %s", limit.spent, limit.max, limit.name)
		if limit.spent > limit.max/4 {
			t.Errorf("a thousand functions take %d %s of %d", limit.spent, limit.name, limit.max)
		}
	}
}
