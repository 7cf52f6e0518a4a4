package engine_test

import (
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/engine"
)

// Our own packs have nothing that lint finds in those of others.
func TestOwnPacksAreClean(t *testing.T) {
	problems, err := newEngine().Lint(t.Context(), engine.PackOptions{Template: "./lambda", Base: "../../templates"})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}
