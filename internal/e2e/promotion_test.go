//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/templates"
)

// edit is what a user does to a project: a line after another one, in the place of one, at the end of a file, or a new file.
// Every text that it brings must be there after each promotion.
type edit struct{ file, after, instead, text string }

// userEdits is thirty edits of a project at level mvp, as people make them: business rules, routes, settings, documents,
// infrastructure, dependencies and tests. Some are where the levels differ.
var userEdits = []edit{
	{file: "src/domain/gift-wrapping.ts", text: "/** Orders over this many units are wrapped by hand. */\nexport const WRAPPED_BY_HAND = 50;\n"},
	{file: "src/domain/process-order.ts", instead: "const MAX_UNITS = 10_000;", text: "const MAX_UNITS = 10_000; // as the warehouse says"},
	{file: "src/domain/reconcile-orders.ts", instead: "const STALE_AFTER_MS = 10 * 60 * 1000;", text: "const STALE_AFTER_MS = 10 * 60_000; // carriers are slow"},
	{file: "src/domain/order.ts", after: "export interface OrderItem {", text: "  /** As printed on the parcel. */"},
	{file: "src/http/problem.ts", after: "const TITLES = {", text: "  // Texts are agreed with support."},
	{file: "src/http/gateway.ts", after: "import { Problem } from './problem.ts';", text: "// The warehouse reads these lines too."},
	{file: "src/http/event.ts", after: "import type { HttpRequest, HttpResponse } from './message.ts';", text: "// Reviewed by the security team."},
	{file: "src/adapters/aws/table.ts", after: "export type Item = Record<string, AttributeValue>;", text: "export type Key = Pick<Item, 'pk'>;"},
	{file: "src/adapters/aws/client.ts", text: "// end of the client"},
	{file: "src/functions/place-order.ts", text: "// deployed for the shop and the app"},
	{file: "src/messaging/handlers.ts", text: "// more handlers come here"},
	{file: "src/webhooks/providers.ts", text: "// PayPal is next"},
	{file: "src/policy.ts", text: "// numbers of the marketing team go elsewhere"},
	{file: "src/observability.ts", after: "export const logger", text: "// The log is read by the night shift."},
	{file: "test/unit/gift-wrapping.test.ts", text: "import { expect, it } from 'vitest';\nimport { WRAPPED_BY_HAND } from '../../src/domain/gift-wrapping.ts';\n\n" +
		"it('is a number', () => {\n  expect(WRAPPED_BY_HAND).toBe(50);\n});\n"},
	{file: "test/unit/domain.test.ts", text: "// see also gift-wrapping.test.ts"},
	{file: "test/support/samples.ts", text: "// samples of the shop"},
	{file: "README.md", after: "## Run it here", text: "\nAsk Jo for a token of the shop."},
	{file: "README.md", text: "\n## Who built it\n\nThe checkout team."},
	{file: "AGENTS.md", text: "- The shop's own rules are in `src/domain`."},
	{file: "CHANGELOG.md", after: "## Unreleased", text: "\n- Gifts are wrapped."},
	{file: "infra/stack.go", after: "// addOutbox publishes", text: "// (The outbox was reviewed in March.)"},
	{file: "infra/stack.go", text: "\n// The shop's own resources come here."},
	{file: "infra/policy.go", instead: "	memoryMB              = 512", text: "	memoryMB              = 1536"},
	{file: "infra/config/dev.json", instead: `  "alarmEmail": "alarms@example.com",`, text: `  "alarmEmail": "checkout@shop.example",`},
	{file: "infra/config/dev.json", instead: `  "costCenter": "orders",`, text: `  "costCenter": "4711",`},
	{file: "eslint.config.js", after: "      eqeqeq: 'error',", text: "      'no-var': 'error',"},
	{file: ".gitignore", text: "*.local"},
	{file: "package.json", instead: `  "version": "0.1.0",`, text: `  "version": "1.4.0",`},
	{file: ".github/workflows/ci.yml", after: "      - run: npm run lint", text: "      - run: npm ls"},
}

func (e edit) apply(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, e.file)
	content, err := os.ReadFile(name)
	text := string(content)
	switch {
	case e.after == "" && e.instead == "":
		if err != nil {
			text = ""
		}
		text += strings.TrimSuffix(e.text, "\n") + "\n"
	case err != nil || !strings.Contains(text, e.after+e.instead):
		t.Fatalf("%s has no %q: %v", e.file, e.after+e.instead, err)
	case e.instead != "":
		text = strings.Replace(text, e.instead, e.text, 1)
	default:
		before, rest, _ := strings.Cut(text, e.after)
		line, rest, _ := strings.Cut(rest, "\n")
		text = before + e.after + line + "\n" + e.text + "\n" + rest
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPromotion lifts a project that was edited in thirty places from level to level. No line of the user's is lost, conflicts
// are listed, and once they are resolved the project passes its own commands and the check of its new level.
func TestPromotion(t *testing.T) {
	parent := filepath.Join(os.Getenv("PROJECTS"), "promoted")
	if err := os.RemoveAll(parent); err != nil {
		t.Fatal(err)
	}
	p := render(t, parent, []string{"--level", "mvp"})
	for _, e := range userEdits {
		e.apply(t, p.dir)
	}
	for _, step := range []struct {
		level string
		flags []string
	}{{"production", nil}, {"enterprise", nil}, {"hyperscale", []string{"--set", "regions=eu-west-1,eu-central-1"}}} {
		output, status := scaffold(t, append([]string{"update", "-C", p.dir, "--level", step.level}, step.flags...)...)
		conflicts := strings.Count(output, "\nconflict ")
		t.Logf("to %s: exit status %d, %s", step.level, status, lastLine(output))
		if status != 0 && status != 5 || (status == 5) != (conflicts > 0) {
			t.Fatalf("exit status %d\n%s", status, output)
		}
		lost := 0
		for _, e := range userEdits {
			content, err := os.ReadFile(filepath.Join(p.dir, e.file))
			if err != nil || !bytes.Contains(content, []byte(strings.TrimSuffix(e.text, "\n"))) {
				lost++
				t.Errorf("%s has lost %q", e.file, e.text)
			}
		}
		for line := range strings.Lines(output) {
			if strings.HasPrefix(line, "conflict ") {
				t.Log(strings.TrimSpace(line))
			}
		}
		t.Logf("user edits lost: %d of %d; conflicts: %d", lost, len(userEdits), conflicts)
		resolveConflicts(t, p.dir)
	}
	p.install(t)
	p.check(t)
	if output, status := scaffold(t, "check", "-C", p.dir); status != 0 {
		t.Errorf("scaffold check exits with %d\n%s", status, output)
	}
}

// resolveConflicts resolves conflicts as a careful user does: what is rendered now, with one's own change made again; or one's own
// lines, where the change is about the very same ones.
func resolveConflicts(t *testing.T, dir string) {
	t.Helper()
	for _, e := range userEdits {
		name := filepath.Join(dir, e.file)
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if resolved := conflictBlock.ReplaceAllStringFunc(string(content), func(block string) string {
			parts := conflictBlock.FindStringSubmatch(block)
			ours, theirs := parts[1], parts[2]
			if e.instead != "" && strings.Contains(theirs, e.instead) {
				return strings.Replace(theirs, e.instead, e.text, 1)
			}
			return ours
		}); resolved != string(content) {
			if err := os.WriteFile(name, []byte(resolved), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// conflictBlock is the user's lines, and what is rendered now.
var conflictBlock = regexp.MustCompile(`(?s)<<<<<<< yours\n(.*?)\|\|\|\|\|\|\| rendered before\n.*?=======\n(.*?)>>>>>>> rendered now\n`)

func scaffold(t *testing.T, args ...string) (output string, status int) {
	t.Helper()
	var out bytes.Buffer
	status = cli.Run(t.Context(), cli.Process{
		Args: args, Env: os.Environ(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Packs: templates.FS, Version: "test",
	})
	return "\n" + out.String(), status
}

func lastLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Updated ") {
			return strings.TrimSpace(line)
		}
	}
	return fmt.Sprintf("%q", text)
}
