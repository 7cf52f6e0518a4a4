//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/templates"
)

// additions is one of everything that can be added, and of every way in which they belong together.
var additions = [][]string{
	{"table", "reports"},
	{"queue", "imports"},
	{"bus", "audit"},
	{"secret", "partner-key"},
	{"function", "list-reports", "--trigger", "http", "--path", "/reports", "--uses", "reports"},
	{"function", "change-report", "--trigger", "http", "--method", "PUT", "--path", "/reports/{id}", "--uses", "reports,audit"},
	{"function", "read-imports", "--trigger", "sqs", "--queue", "imports", "--uses", "reports"},
	{"function", "own-queue", "--trigger", "sqs"},
	{"function", "audit-orders", "--trigger", "eventbridge", "--detail-type", "order.completed", "--uses", "partner-key"},
	{"function", "hear-audits", "--trigger", "eventbridge", "--detail-type", "audited", "--bus", "audit"},
	{"function", "send-digest", "--trigger", "schedule", "--schedule", "cron(0 7 * * ? *)", "--uses", "imports"},
	{"function", "close-books", "--trigger", "schedule", "--schedule", "cron(0 7 1 * ? *)"},
	{"function", "notify", "--trigger", "sns"},
	{"function", "resize", "--trigger", "s3", "--bucket", "uploads"},
	{"function", "project-reports", "--trigger", "dynamodb-stream", "--table", "reports"},
	{"function", "on-payment", "--trigger", "webhook", "--provider", "stripe"},
}

// TestAdditions adds one of everything to a project of each level, and runs the project's own commands, the judges and
// `scaffold check`, all without an edit. CI does so for two levels; MATRIX=full is all.
func TestAdditions(t *testing.T) {
	for _, level := range levels {
		t.Run(level.name, func(t *testing.T) {
			if os.Getenv("MATRIX") != "full" && level.name != "production" && level.name != "hyperscale" {
				t.Skip("MATRIX=full runs it")
			}
			parent := filepath.Join(os.Getenv("PROJECTS"), "additions", level.name)
			if err := os.RemoveAll(parent); err != nil {
				t.Fatal(err)
			}
			p := render(t, parent, []string{"--level", level.name})
			p.sameDomain = true
			for _, addition := range additions {
				p.scaffold(t, append([]string{"add"}, addition...)...)
			}
			p.scaffold(t, "update", "--check")
			p.install(t)
			p.check(t)
			p.judge(t)
			if level.name == "production" {
				p.scaffold(t, "check", "--run")
			} else {
				p.scaffold(t, "check")
			}
		})
	}
}

// scaffold runs a command of ours in the project.
func (p *project) scaffold(t *testing.T, args ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	status := cli.Run(t.Context(), cli.Process{
		Args: append(args, "-C", p.dir), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Packs: templates.FS, Version: "test", Env: p.env,
	})
	if status != 0 {
		t.Fatalf("scaffold %s exited with %d: %s%s", strings.Join(args, " "), status, errs.String(), out.String())
	}
}
