package archtest_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/serverless-scaffold/scaffold/"

// layers is the packages from the top down. A package imports what stands below its own line, and nothing of its line.
var layers = [][]string{
	{"cmd/scaffold"},
	{"internal/cli"},
	{"internal/prompt", "internal/report"},
	{"internal/engine"},
	{"internal/render", "internal/project", "internal/lambdahost"},
	{"internal/pack", "internal/quality/rules"},
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
	{allBut("internal/proc", "internal/lambdahost"), []string{"os/exec", "syscall"}, "only proc starts programs"},
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

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p goPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	return packages
}

func rank(name string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.Contains(layer, name) })
}

func TestImportsGoDown(t *testing.T) {
	for _, p := range list(t, module+"internal/...", module+"cmd/...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		if slices.Contains(forTests, name) {
			continue
		}
		if rank(name) < 0 {
			t.Errorf("%s has no place in the layers", name)
		}
		for _, imported := range p.Imports {
			below, ok := strings.CutPrefix(imported, module)
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
	for _, p := range list(t, module+"internal/...", module+"cmd/...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, ban := range bans {
			if !slices.Contains(ban.packages, name) {
				continue
			}
			for _, imported := range p.Imports {
				if slices.Contains(ban.imports, imported) {
					t.Errorf("%s imports %s: %s", name, imported, ban.why)
				}
			}
		}
	}
}

func TestTheProgramLinksNoCDK(t *testing.T) {
	for _, dependency := range list(t, module+"cmd/scaffold")[0].Deps {
		if strings.Contains(dependency, "aws-cdk-go") || strings.Contains(dependency, "jsii") {
			t.Errorf("the program links %s", dependency)
		}
	}
}

func TestTheConstructsImportNothingOfOurs(t *testing.T) {
	constructs := module + "templates/lambda/infra/cdk-go/constructs"
	for _, p := range list(t, constructs) {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module) {
				t.Errorf("%s imports %s, which a generated project does not have", path.Base(constructs), imported)
			}
		}
	}
}
