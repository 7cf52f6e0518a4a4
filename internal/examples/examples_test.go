package examples_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/templates"
)

var update = flag.Bool("update", false, "render the examples anew")

// examples is the blueprint of each folder, without its first line.
var examples = map[string]string{
	"lambda-mvp":        "{platform: lambda, level: mvp, name: orders}",
	"lambda-production": "{platform: lambda, level: production, name: orders}",
	"lambda-enterprise": "{platform: lambda, level: enterprise, name: orders}",
	"lambda-hyperscale": "{platform: lambda, level: hyperscale, name: orders}",
	"lambda-additions": `
platform: lambda
name: orders
tables: [{name: reports}]
queues: [{name: imports}]
buses: [{name: audit}]
secrets: [{name: partner-key}]
functions:
  - {name: list-reports, trigger: {type: http, path: /reports}, uses: [reports]}
  - {name: change-report, trigger: {type: http, method: PUT, path: "/reports/{id}"}, uses: [reports, audit]}
  - {name: read-imports, trigger: {type: sqs, queue: imports}, uses: [reports]}
  - {name: audit-orders, trigger: {type: eventbridge, detailType: order.completed}, uses: [partner-key]}
  - {name: hear-audits, trigger: {type: eventbridge, detailType: audited, bus: audit}}
  - {name: send-digest, trigger: {type: schedule, schedule: "cron(0 7 * * ? *)"}, uses: [imports]}
  - {name: notify, trigger: {type: sns}}
  - {name: resize, trigger: {type: s3, bucket: uploads}}
  - {name: project-reports, trigger: {type: dynamodb-stream, table: reports}}
  - {name: on-payment, trigger: {type: webhook, provider: stripe}}
`,
}

func TestExamples(t *testing.T) {
	for name, text := range examples {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("..", "..", "examples", name)
			rendered := render(t, text)
			if *update {
				write(t, dir, rendered)
			}
			compare(t, dir, rendered)
		})
	}
}

func render(t *testing.T, text string) map[string][]byte {
	t.Helper()
	draft, err := blueprint.ParseValues("blueprint.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := draft.Finish()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine.Engine{Packs: templates.FS, Version: "example"}
	planned, err := e.Plan(t.Context(), b, t.TempDir(), engine.PackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range planned.Files {
		// The base is the same bytes once more.
		if !strings.HasPrefix(file.Path, ".blueprint/base/") {
			files[file.Path] = file.Data
		}
	}
	return files
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for path, data := range files {
		target := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t *testing.T, dir string, want map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch expected, ok := want[name]; {
		case !ok:
			t.Errorf("%s is not rendered any more", name)
		case !bytes.Equal(content, expected):
			t.Errorf("%s is not what is rendered; refresh it with `make examples` and read the difference", name)
		}
		delete(want, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("%s is missing; refresh with `make examples`", name)
	}
}
