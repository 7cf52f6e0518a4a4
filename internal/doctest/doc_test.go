package doctest_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/templates"
)

const root = "../.."

func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "examples/*/*.md", "examples/*/docs/*.md", "examples/*/docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var (
	// placeholder is a word that the reader replaces, such as NAME.
	placeholder = regexp.MustCompile(`\b[A-Z]{3,}\b`)

	link   = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	quoted = regexp.MustCompile("`((?:cmd|internal|templates|examples|docs|src|infra|load|test|scripts)/[\\w./-]*[\\w-])`")
)

// Every relative link, and every path in back quotes, is there.
func TestPathsExist(t *testing.T) {
	for _, document := range documents(t) {
		text := read(t, document)
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), match[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", document, match[1])
			}
		}
		for _, match := range quoted.FindAllStringSubmatch(text, -1) {
			if placeholder.MatchString(match[1]) {
				continue
			}
			if _, err := os.Stat(filepath.Join(projectOf(document), match[1])); err != nil {
				t.Errorf("%s speaks of %s, which is not there", document, match[1])
			}
		}
	}
}

// projectOf is the folder that a document's paths begin at: an example's own, or this repository's.
func projectOf(document string) string {
	parts := strings.Split(filepath.ToSlash(document), "/")
	if parts[2] == "examples" {
		return filepath.Join(parts[:4]...)
	}
	return root
}

// The session in the README is what is printed.
func TestReadmeSession(t *testing.T) {
	_, session, _ := strings.Cut(read(t, filepath.Join(root, "README.md")), "```console\n")
	session, _, _ = strings.Cut(session, "```")
	t.Chdir(t.TempDir())
	for step := range strings.SplitSeq(strings.TrimPrefix(session, "$ "), "\n$ ") {
		command, want, _ := strings.Cut(step, "\n")
		var output bytes.Buffer
		cli.Run(t.Context(), cli.Process{
			Args: strings.Fields(command)[1:], Stdin: strings.NewReader(""), Stdout: &output, Stderr: &output, Packs: templates.FS,
		})
		if strings.TrimSpace(output.String()) != strings.TrimSpace(want) {
			t.Errorf("%s prints\n%s\nand the README says\n%s", command, output.String(), want)
		}
	}
}

// step is something that a guide has its reader do: write a file, or type commands.
var step = regexp.MustCompile("(?ms)(?:^<!-- file: (\\S+) -->\n)?^```(\\w*)\n(.*?)^```$")

// What a guide has its reader type prints what the guide says, in this order. DIR is the reader's folder.
func TestGuides(t *testing.T) {
	guides, err := filepath.Glob(filepath.Join(root, "docs", "guides", "*.md"))
	if err != nil || len(guides) == 0 {
		t.Fatal("there is no guide")
	}
	for _, guide := range guides {
		text := read(t, guide)
		t.Run(filepath.Base(guide), func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			t.Setenv("HOME", dir)
			for _, name := range []string{"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"} {
				t.Setenv(name, "a@example.com")
			}
			for _, match := range step.FindAllStringSubmatch(text, -1) {
				switch {
				case match[1] != "":
					if err := os.MkdirAll(filepath.Dir(match[1]), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(match[1], []byte(match[3]), 0o644); err != nil {
						t.Fatal(err)
					}
				case match[2] == "console":
					typeAll(t, match[3], dir)
				}
			}
		})
	}
}

// typeAll runs the commands of a session, and wants what they print.
func typeAll(t *testing.T, session, dir string) {
	t.Helper()
	for command := range strings.SplitSeq(strings.TrimPrefix(session, "$ "), "\n$ ") {
		line, want, _ := strings.Cut(command, "\n")
		output, err := exec.Command("sh", "-c", strings.ReplaceAll(line, "DIR", dir)).CombinedOutput()
		if strings.TrimSpace(string(output)) != strings.TrimSpace(want) {
			t.Errorf("%s prints (%v)\n%s\nand the guide says\n%s", line, err, output, want)
		}
	}
}

// TestMain makes this test the program that the guides call scaffold.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scaffold": func() {
		os.Exit(cli.Run(context.Background(), cli.Process{
			Args: os.Args[1:], Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Packs: templates.FS, Version: "v0.0.0-test",
		}))
	}})
}

// The commands that the documents tell people to run exist.
func TestMakeTargetsExist(t *testing.T) {
	makefile := read(t, filepath.Join(root, "Makefile"))
	target := regexp.MustCompile("(?m)(?:^|`)make ([a-z ]+?)(?:`|$| +#)")
	for _, document := range []string{"README.md", "CONTRIBUTING.md"} {
		for _, match := range target.FindAllStringSubmatch(read(t, filepath.Join(root, document)), -1) {
			for name := range strings.FieldsSeq(match[1]) {
				if !strings.Contains(makefile, "\n"+name+":") {
					t.Errorf("%s says make %s, which is no target", document, name)
				}
			}
		}
	}
}

// Every exit status of the README is one of the program, and the other way round.
func TestExitStatuses(t *testing.T) {
	inCode := regexp.MustCompile(`exit\w+ += (\d+)`).FindAllStringSubmatch(read(t, filepath.Join(root, "internal/cli/exit.go")), -1)
	_, table, _ := strings.Cut(read(t, filepath.Join(root, "README.md")), "| exit status |")
	table, _, _ = strings.Cut(table, "\n## ")
	inReadme := regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(table, -1)
	join := func(matches [][]string) string {
		var all []string
		for _, match := range matches {
			all = append(all, match[1])
		}
		return strings.Join(all, " ")
	}
	if join(inCode) != join(inReadme) {
		t.Errorf("the program has %s, the README %s", join(inCode), join(inReadme))
	}
}

var update = flag.Bool("update", false, "write docs/rules.md anew")

// docs/rules.md is the catalogue of controls.
func TestRulesReference(t *testing.T) {
	controls, err := quality.Controls()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("# Rules\n\nWhat `scaffold check` proves, made from `internal/quality/controls.yaml`. A level has the demands of all levels below it.\n")
	for _, c := range controls {
		fmt.Fprintf(&want, "\n## %s: %s\n\n%s.\n\n- Fix: %s.\n", c.ID, c.Title, capital(c.Why), c.Fix)
		for _, severity := range [][2]string{{"A warning", c.Warning}, {"An error", c.Error}} {
			if severity[1] != "" {
				fmt.Fprintf(&want, "- %s from `%s` on.\n", severity[0], severity[1])
			}
		}
		fmt.Fprintf(&want, "- See <%s>.\n", c.Doc)
		if len(c.Maps) > 0 {
			fmt.Fprintf(&want, "- Others call it %s.\n", strings.Join(c.Maps, ", "))
		}
	}
	file := filepath.Join(root, "docs", "rules.md")
	if *update {
		if err := os.WriteFile(file, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, file) != want.String() {
		t.Error("docs/rules.md is not the catalogue; refresh it with `make examples`")
	}
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// shown is the settings of the README's table of levels, by their keys.
var shown = []string{
	"coverage.lines", "coverage.mutation", "docs.runbooks", "docs.threatModel", "alarms.everywhere", "deploy.canaryPercent", "deploy.stages", "data.recoveryDays",
	"data.backups", "encryption.customerKeys", "permissions.boundary", "throttle.firewall", "function.provisionedConcurrency", "slo.availabilityPercent", "regions.active",
	"recovery.timeMinutes",
}

// The README's table of levels is made from the catalogue.
func TestReadmeLevels(t *testing.T) {
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	controls, err := quality.Controls()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "README.md")
	before, rest, _ := strings.Cut(read(t, file), "<!-- levels -->\n")
	_, after, _ := strings.Cut(rest, "<!-- /levels -->\n")
	want := before + "<!-- levels -->\n" + levelTable(catalogue, controls) + "<!-- /levels -->\n" + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, file) != want {
		t.Error("the README's table of levels is not the catalogue's; refresh it with `make examples`")
	}
}

func levelTable(catalogue *quality.Catalogue, controls []quality.Control) string {
	var table strings.Builder
	row := func(title string, cell func(n int, level quality.Level) any) {
		fmt.Fprintf(&table, "| %s |", title)
		for n, level := range catalogue.Levels {
			fmt.Fprintf(&table, " %v |", cell(n, level))
		}
		table.WriteString("\n")
	}
	row("", func(_ int, level quality.Level) any { return "`" + level.Name + "`" })
	table.WriteString("|" + strings.Repeat(" --- |", 1+len(catalogue.Levels)) + "\n")
	row("promise", func(_ int, level quality.Level) any { return level.Promise })
	row("controls, of which errors", func(_ int, level quality.Level) any {
		all, errors := 0, 0
		for _, control := range controls {
			switch catalogue.Severity(control, level.Name) {
			case quality.SeverityError:
				all, errors = all+1, errors+1
			case quality.SeverityWarning:
				all++
			case quality.SeverityNone:
			}
		}
		return fmt.Sprintf("%d, %d", all, errors)
	})
	for _, setting := range catalogue.Settings {
		if slices.Contains(shown, setting.Key) {
			row(setting.Title, func(n int, _ quality.Level) any { return cellOf(setting, n) })
		}
	}
	return table.String()
}

func cellOf(setting quality.Setting, level int) any {
	switch value := setting.Values[level]; value {
	case true:
		return "yes"
	case false:
		return "–"
	default:
		return strings.TrimSpace(fmt.Sprintf("%v %s", value, setting.Unit))
	}
}
