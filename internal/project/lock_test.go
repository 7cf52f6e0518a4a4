package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/project"
)

// A lock comes with a branch of somebody's: what it calls a rendered file is one on every file system.
func TestLocksNameRenderedFilesAlone(t *testing.T) {
	lock := func(name string) []byte {
		return fmt.Appendf(nil, "apiVersion: scaffold/v2\ntool: v1\npack: {source: x, tree: y}\nfiles:\n  %q: {\"sha256\": \"\", \"owner\": \"seed\"}\n", name)
	}
	for _, name := range []string{
		".git/HEAD", ".GIT/config", ".git /config", ".git./config", "git~1/config", "a/.Git/x", ".g\u200cit/config", ".g\u0131t\u200d/x", "\uff0egit/x",
		"../x", "/x", "a/../../x", "a//b", "./a", `C:\x`, `a\b`, "a:x", "con", "a/NUL.txt", "COM¹", "a\nb", "a\x1bb", "a\u202eb", "a ", "a.",
		"blueprint.yaml", "Blueprint.YAML", "blueprint.yaml::$DATA", "BLUEPR~1.YAM", "blueprint.lock", "BLUEPRINT.LOCK", "blueprint.loc\u212a",
		".blueprint/base/a.base", ".blueprint/.gitattributes", ".blueprint/pack/pack.yaml", ".BLUEPRINT/organisation.yaml", ".blueprint/Organisation.yaml",
		"BLUEPR~1/x", ".blue\u200dprint/x", strings.Repeat("a", 241), strings.Repeat("a/", 600) + "a",
	} {
		if _, err := project.ParseLock(lock(name)); err == nil {
			t.Errorf("%q is taken for a rendered file", name)
		}
	}
	for _, name := range []string{"README.md", "src/[id]/a.ts", ".github/workflows/ci.yml", ".gitignore", project.OrganisationName, "docs/blueprint.yaml"} {
		if _, err := project.ParseLock(lock(name)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The parser's memory grows with the square of the depth: this one took 10 GB.
func TestALockIsNoBomb(t *testing.T) {
	text := "apiVersion: scaffold/v2\nfiles: " + strings.Repeat("[", 100_000)
	if _, err := project.ParseLock([]byte(text)); err == nil || !strings.Contains(err.Error(), "levels deep") {
		t.Errorf("the error is %v", err)
	}
}
