package archtest_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/serverless-scaffold/scaffold/"
	root   = "../.."
)

// layers is the packages from the top down. A package imports what stands below its own line, and nothing of its line.
var layers = [][]string{
	{"cmd/scaffold"},
	{"internal/cli"},
	{"internal/prompt", "internal/report"},
	{"internal/engine"},
	{"internal/render", "internal/project", "internal/lambdahost"},
	{"internal/pack", "internal/source", "internal/quality/rules"},
	{"internal/quality", "internal/plan", "internal/proc", "internal/cfn"},
	{"internal/blueprint"},
	{"internal/fault"},
}

// forTests is packages that are no part of the program: they serve its tests and the generated projects' tests.
var forTests = []string{"internal/archtest", "internal/awshost", "internal/conformance", "internal/doctest", "internal/e2e", "internal/examples", "internal/testtools"}

// bans is what packages must not import, each with the reason.
var bans = []struct {
	packages []string
	imports  []string
	why      string
}{
	{
		[]string{"internal/render", "internal/plan", "internal/quality", "internal/quality/rules", "internal/cfn", "internal/blueprint", "internal/pack", "internal/fault"},
		[]string{"os", "os/exec", "net", "net/http", "time", "math/rand", "math/rand/v2", "crypto/rand"},
		"the same blueprint gives the same bytes, whatever the machine and the day",
	},
	{allBut("internal/proc"), []string{"os/exec", "syscall"}, "only proc starts programs"},
	{allBut("internal/prompt"), []string{"github.com/AlecAivazis/survey/v2"}, "survey is archived; nothing else may depend on it"},
	{allBut("internal/cli", "cmd/scaffold"), []string{"github.com/spf13/cobra"}, "only the command line knows flags"},
	{allBut(), []string{"github.com/aws/aws-cdk-go/awscdk/v2", "github.com/aws/jsii-runtime-go"}, "the constructs belong to generated projects"},
}

func allBut(exceptions ...string) []string {
	var packages []string
	for _, layer := range layers {
		for _, p := range layer {
			if !slices.Contains(exceptions, p) {
				packages = append(packages, p)
			}
		}
	}
	return packages
}

// imports is what each package of the program imports, its tests aside. The sources are read here, and not by `go list`,
// so that the test cache knows what the answer depends on.
func imports(t *testing.T, dirs ...string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, filepath.Dir(file))
			for _, spec := range parsed.Imports {
				found[filepath.ToSlash(name)] = append(found[filepath.ToSlash(name)], strings.Trim(spec.Path.Value, `"`))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func rank(name string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.Contains(layer, name) })
}

func TestImportsGoDown(t *testing.T) {
	for name, imported := range imports(t, "internal", "cmd") {
		if slices.Contains(forTests, name) {
			continue
		}
		if rank(name) < 0 {
			t.Errorf("%s has no place in the layers", name)
		}
		for _, path := range imported {
			below, ok := strings.CutPrefix(path, module)
			if !ok || below == "templates" && name == "cmd/scaffold" {
				continue
			}
			if slices.Contains(forTests, below) || rank(below) <= rank(name) {
				t.Errorf("%s imports %s, which is not below it", name, below)
			}
		}
	}
}

func TestBans(t *testing.T) {
	for name, imported := range imports(t, "internal", "cmd") {
		for _, ban := range bans {
			if !slices.Contains(ban.packages, name) {
				continue
			}
			for _, path := range imported {
				if slices.Contains(ban.imports, path) {
					t.Errorf("%s imports %s: %s", name, path, ban.why)
				}
			}
		}
	}
}

// The sources and the module file are read first, for the test cache's sake.
func TestTheProgramLinksNoCDK(t *testing.T) {
	imports(t, "internal", "cmd", "templates")
	if _, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-deps", module+"cmd/scaffold").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dependency := range strings.FieldsSeq(string(out)) {
		if strings.Contains(dependency, "aws-cdk-go") || strings.Contains(dependency, "jsii") {
			t.Errorf("the program links %s", dependency)
		}
	}
}

func TestTheConstructsImportNothingOfOurs(t *testing.T) {
	for name, imported := range imports(t, "templates/lambda/infra/cdk-go/constructs") {
		for _, path := range imported {
			if strings.HasPrefix(path, module) {
				t.Errorf("%s imports %s, which a generated project does not have", name, path)
			}
		}
	}
}
