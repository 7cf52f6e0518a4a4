package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/internal/report"
	"github.com/serverless-scaffold/scaffold/templates"
)

// commandLines is what somebody could type anywhere, right and wrong.
var commandLines = strings.Split(strings.TrimSpace(`
help
--help
--version
version
list
levels
completion
completion bash
completion frob
help add
help frob
help new
frobnicate
lst
remove orders
--bogus
list --bogus
list everything
new
new --help
new shop --platform lambda --level mvp
new shop --platform lambda --level mvp --dry-run
new shop --platform lambda --dry-run --diff
new Shop --platform lambada --level prod --region mars
new shop --platform cloudflare-workers
new vendor --platform lambda
new a b
new --level
new shop --platform lambda --set nope=1
new shop --platform lambda --values nope.yaml
new shop --platform lambda --template ./nope
new --blueprint nope.yaml
plan
plan shop --platform lambda
plan --level enterprise
plan --level gold
add
add frob
add table
add table reports
add table reports --dry-run
add table Reports
add function
add function import-orders
add function import-orders --trigger sqs
add function import-orders --trigger schedule --schedule tomorrow
update
update --check
update --dry-run --diff
update --level production --dry-run
update --level gold
update --on-conflict later
update nothing
check
check nope
check --level gold
check --only XX-99
check --format sarif
check --format nope
explain
explain README.md
explain README.md:1
explain README.md:zero
explain /nope
template
template frob
template new acme
template new Acme
template show ./nope
template lint ./nope
template test ./nope
template vendor
`), "\n")

// brokenBlueprints is what a blueprint.yaml can be that cannot be used.
var brokenBlueprints = map[string]string{
	"no YAML":        "apiVersion: scaffold/v1\nplatform: [lambda\n",
	"a tab":          "apiVersion: scaffold/v1\n\tplatform: lambda\n",
	"three mistakes": "apiVersion: scaffold/v1\nplatfrom: lambda\nlevel: producton\nregions: eu-west-1\n",
	"empty":          "",
	"too deep":       "a: " + strings.Repeat("[", 100_000),
}

// failing is a template that breaks promises.
const failing = `{"Resources": {"Work": {"Type": "AWS::SQS::Queue"}}}`

// write makes files in a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// places is what a folder can be, each with how it comes to be that.
func places(t *testing.T) map[string]func(dir string) {
	t.Helper()
	project := t.TempDir()
	var out bytes.Buffer
	status := cli.Run(t.Context(), cli.Process{
		Args: []string{"new", "project", "--platform", "lambda", "--level", "mvp", "-C", project}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Packs: templates.FS,
	})
	if status != 0 {
		t.Fatal(out.String())
	}
	copied := func(dir string) {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(project, "project"))); err != nil {
			t.Error(err)
		}
	}
	all := map[string]func(string){
		"an empty folder": func(string) {},
		"another project": func(dir string) {
			write(t, dir, map[string]string{"package.json": "{}", "README.md": "Not ours.\n", "src/index.ts": "export {};\n", "cdk.out/app.template.json": failing})
		},
		"a project": func(dir string) {
			copied(dir)
			write(t, dir, map[string]string{"infra/constructs/doc.go": "package constructs\n"}) // A file of the tool's own was edited.
		},
	}
	for name, text := range brokenBlueprints {
		all[name] = func(dir string) {
			copied(dir)
			write(t, dir, map[string]string{"blueprint.yaml": text})
		}
	}
	return all
}

// snapshot is what a folder holds: a change of any file changes it.
func snapshot(dir string) string {
	var text strings.Builder
	_ = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == ".local" {
			return fs.SkipDir // The lock of a project is there, and nothing of the user's.
		}
		if info, err := entry.Info(); err == nil && name != dir {
			size, changed := info.Size(), info.ModTime()
			if entry.IsDir() {
				size, changed = 0, time.Time{}
			}
			fmt.Fprintln(&text, name, info.Mode(), size, changed.UnixNano())
		}
		return nil
	})
	return text.String()
}

// stream is a way to be called: what is on the standard input, and what terminal the caller has.
type stream struct {
	input func() io.Reader
	term  string
}

func streams() []stream {
	closed := func() io.Reader {
		file, err := os.Open(os.DevNull)
		if err == nil {
			_ = file.Close()
		}
		return file
	}
	pipe := func() io.Reader { return strings.NewReader("lambda\nshop\n") }
	return []stream{{closed, "dumb"}, {closed, "xterm"}, {pipe, "dumb"}, {pipe, "xterm"}}
}

// forms is how a command line asks for JSON, or for text.
var forms = map[string]func(args []string) []string{
	"text":       func(args []string) []string { return args },
	"JSON first": func(args []string) []string { return append([]string{"--json"}, args...) },
	"JSON last":  func(args []string) []string { return append(slices.Clone(args), "--json") },
}

// Every command line in every kind of folder, from every kind of caller: it ends, it does not panic, it prints one object if it
// was asked for JSON and no escape sequence in any case, and what fails writes nothing.
func TestMatrix(t *testing.T) {
	var count, succeeded atomic.Int64
	all, callers := places(t), streams()
	if testing.Short() {
		callers = callers[:1]
	}
	t.Run("folders", func(t *testing.T) {
		for place, make := range all {
			t.Run(place, func(t *testing.T) {
				t.Parallel()
				m := &matrix{t: t, home: t.TempDir(), make: make}
				m.renew()
				for _, typed := range commandLines {
					for form, with := range forms {
						for _, s := range callers {
							m.try(place+", "+form+", TERM="+s.term, with(strings.Fields(typed)), form != "text", s)
						}
					}
				}
				count.Add(m.count)
				succeeded.Add(m.succeeded)
			})
		}
	})
	t.Logf("%d cases: %d folders, %d command lines, %d forms, %d streams; %d succeeded", count.Load(), len(all), len(commandLines), len(forms), len(callers), succeeded.Load())
	if want := int64(len(all) * len(commandLines) * len(forms) * len(callers)); count.Load() != want {
		t.Errorf("%d cases were tried, want %d", count.Load(), want)
	}
}

// matrix is one folder in which commands are tried.
type matrix struct {
	t         *testing.T
	make      func(dir string)
	home, dir string
	before    string
	count     int64
	succeeded int64
}

// renew makes the folder as it was.
func (m *matrix) renew() {
	m.dir = filepath.Join(m.home, "work")
	if err := os.RemoveAll(m.dir); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		m.t.Fatal(err)
	}
	m.make(m.dir)
	m.before = snapshot(m.home)
}

// hang is how long a command may take before it counts as one that never ends.
const hang = 2 * time.Minute

func (m *matrix) try(what string, args []string, isJSON bool, s stream) {
	m.count++
	what = fmt.Sprintf("%s: %s", what, strings.Join(args, " "))
	args = append([]string{"-C", m.dir}, args...)
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	ctx, cancel := context.WithTimeout(m.t.Context(), hang)
	defer cancel()
	go func() {
		defer func() {
			if failure := recover(); failure != nil {
				m.t.Errorf("%s: panic: %v", what, failure)
				ended <- -1
			}
		}()
		ended <- cli.Run(ctx, cli.Process{
			Args: args, Env: []string{"HOME=" + m.home, "TERM=" + s.term, "PATH=" + os.Getenv("PATH")}, Stdin: s.input(), Stdout: &out, Stderr: &errs, Packs: templates.FS, Version: "v0.0.0-test",
		})
	}()
	status := -1
	select {
	case status = <-ended:
	case <-ctx.Done():
		m.t.Fatalf("%s: it does not end", what)
	}
	m.judge(what, status, out.String(), errs.String(), isJSON)
	if status == 0 {
		m.succeeded++
	}
	if after := snapshot(m.home); after != m.before {
		if status != 0 {
			m.t.Errorf("%s: status %d, and it has written:\n%s", what, status, errs.String())
		}
		m.renew()
	}
}

func (m *matrix) judge(what string, status int, out, errs string, isJSON bool) {
	if strings.Contains(out+errs, "\x1b") {
		m.t.Errorf("%s: there are escape sequences in %q", what, out+errs)
	}
	if status == 1 {
		m.t.Errorf("%s: an internal error: %s%s", what, out, errs)
	}
	if !isJSON {
		if isReported := status == 0 || status == 3 || status == 5; !isReported && !strings.Contains(errs, "error: ") {
			m.t.Errorf("%s: status %d, and stderr says %q", what, status, errs)
		}
		return
	}
	var object report.Object
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&object); err != nil || decoder.More() {
		m.t.Errorf("%s: stdout is not one object (%v): %q", what, err, out)
		return
	}
	if object.OK != (status == 0) || object.Schema != report.Schema || (object.Error == nil) == (object.Result == nil) {
		m.t.Errorf("%s: status %d, and the object says %s", what, status, out)
	}
	if errs != "" {
		m.t.Errorf("%s: stderr says %q", what, errs)
	}
}
