//go:build e2e

package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	disk "github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/quality/rules"
)

// copied is the part of a project that rules look at, in memory, so that mutations can change it.
func copied(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 || entry.Name() == "cdk.out" || entry.Name() == ".stryker-tmp" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		content, err := os.ReadFile(dir + "/" + name)
		files[name] = &fstest.MapFile{Data: content, ModTime: time.Unix(1, 0)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// subject is a project as the rules see it.
type subject struct {
	*rules.Project
	files fstest.MapFS
}

func newSubject(t *testing.T, level level) *subject {
	t.Helper()
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := catalogue.Policy(level.name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(level.template(t))
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse("infra/cdk.out/template.json", text)
	if err != nil {
		t.Fatal(err)
	}
	files := copied(t, level.dir(t))
	managed, err := disk.Managed(files)
	if err != nil {
		t.Fatal(err)
	}
	clean := ""
	return &subject{files: files, Project: &rules.Project{
		Files: files, Policy: policy, Templates: []*cfn.Template{template}, Managed: managed, Lint: &clean, Starts: map[string]float64{"place-order": 1.1},
	}}
}

// replace changes a text in a file, which has to be there.
func replaceIn(name, old, replacement string) func(*subject) {
	return func(s *subject) {
		file, ok := s.files[name]
		if !ok || !bytes.Contains(file.Data, []byte(old)) {
			panic(name + " has no " + old)
		}
		s.files[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(file.Data), old, replacement)), ModTime: file.ModTime}
	}
}

func addLine(name, line string) func(*subject) {
	return func(s *subject) {
		s.files[name] = &fstest.MapFile{Data: append(bytes.Clone(s.files[name].Data), line+"\n"...), ModTime: time.Unix(1, 0)}
	}
}

const handler = "src/functions/place-order.ts"

// projectDeletions takes each control about projects out, one at a time.
var projectDeletions = map[string]func(*subject){
	"SR-01": replaceIn("eslint.config.js", "complexity", "no-complexity"),
	"SR-02": addLine(handler, "const aws = require('aws-sdk');"),
	"SR-03": addLine(handler, "  const client = new DynamoDBClient({});"),
	"SR-05": addLine(handler, "console.log('hello');"),
	"SR-06": func(s *subject) {
		broken := "1 problem"
		s.Lint = &broken
	},
	"FH-10": replaceIn("src/adapters/aws/event-publisher.ts", "ErrorCode", "Nothing"),
	"FH-11": func(s *subject) {
		for name, file := range s.files {
			if strings.HasPrefix(name, "src/") {
				file.Data = bytes.ReplaceAll(file.Data, []byte("batchItemFailures"), []byte("nothing"))
			}
		}
	},
	"SE-09": addLine(handler, "const apiKey = 'sk_live_0123456789abcdefghij';"),
	"SE-17": replaceIn("src/webhooks/providers.ts", "timingSafeEqual", "equal"),
	"SE-18": addLine(handler, "  return { statusCode: 500, body: JSON.stringify({ message: error.message }) };"),
	"RT-09": func(s *subject) {
		noise := make([]byte, 2_000_000)
		for n := range noise {
			noise[n] = byte(n * n >> 7 * n)
		}
		s.Policy.Package.NodeZipKB = 10
		s.files["dist/place-order/large.bin"] = &fstest.MapFile{Data: noise}
	},
	"RT-18": func(s *subject) { s.Starts["place-order"] = 9.8 },
	"CI-01": replaceIn(".github/workflows/ci.yml", "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "actions/checkout@v6"),
	"CI-02": replaceIn("vitest.config.ts", "thresholds: { lines: ", "thresholds: { lines: 1, was: "),
	"CV-01": replaceIn("coverage/coverage-summary.json", `"total": {"lines":{"total"`, `"total": {"Lines":{"pct":1}, "other":{"total"`),
	"DO-01": replaceIn("README.md", "## Test it", "## Test it TODO"),
	"DO-02": addLine("README.md", "See [this](docs/nowhere.md)."),
	"DO-03": func(s *subject) {
		s.files["docs/runbooks/orphan.md"] = &fstest.MapFile{Data: []byte("# Nobody comes here\n\nAlarm: `Nothing`.\n")}
	},
	"DO-04": addLine("infra/constructs/worker.go", "// mine"),
}

// TestProjectDeletion takes every control about sources, packages, documents and workflows out of the level's project. The
// check has to fail on that control and on no other.
func TestProjectDeletion(t *testing.T) {
	for _, level := range levels {
		t.Run(level.name, func(t *testing.T) {
			controls := controlsOf(t, level)
			if failed := failingProject(newSubject(t, level), controls); len(failed) > 0 {
				t.Fatalf("the untouched project fails on %v", failed)
			}
			noticed, all := 0, 0
			for _, control := range controls {
				if rules.Projects()[control.ID] == nil {
					continue
				}
				all++
				mutate, ok := projectDeletions[control.ID]
				if !ok {
					t.Errorf("%s is taken out by nothing", control.ID)
					continue
				}
				s := newSubject(t, level)
				mutate(s)
				failed := failingProject(s, controls)
				verdict := "noticed"
				if len(failed) == 1 && failed[0] == control.ID {
					noticed++
				} else {
					verdict = "missed"
					t.Errorf("without %s (%s) the check fails on %v", control.ID, control.Title, failed)
				}
				t.Logf("%-6s %-8s %s", control.ID, verdict, control.Title)
			}
			t.Logf("deletion score of %s: %d of %d controls of projects", level.name, noticed, all)
		})
	}
}

// failingProject is the ids of those of the controls that fail. A rule that has nothing to judge was not proved.
func failingProject(s *subject, controls []quality.Control) []string {
	var failed []string
	for _, control := range controls {
		judge, ok := rules.Projects()[control.ID]
		if !ok {
			continue
		}
		if outcome := judge(s.Project); len(outcome.Failures) > 0 {
			failed = append(failed, control.ID)
		}
	}
	return failed
}
