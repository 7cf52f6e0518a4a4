package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

// A package that does not even parse is an error, also where the project is the folder that one is in.
func TestStartsOfABrokenPackage(t *testing.T) {
	t.Setenv("PATH", testtools.Node(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := t.TempDir()
	t.Chdir(dir)
	bundle := filepath.Join("dist", "health", "index.mjs")
	if err := os.MkdirAll(filepath.Dir(bundle), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, isWell := range map[string]bool{"export const handler = async () => ({});\n": true, "syntax error here\n": false} {
		if err := os.WriteFile(bundle, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		ratios, err := measureStarts(t.Context(), "dist")
		if (err == nil) != isWell || isWell && ratios["health"] == 0 {
			t.Errorf("%q: %v, %v", text, ratios, err)
		}
	}
}
