package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/report"
	"github.com/serverless-scaffold/scaffold/templates"
)

// person answers for somebody at a terminal.
type person struct {
	present bool
	answers map[string]string
	asked   int
}

func (p *person) CanAsk() bool { return p.present }

func (p *person) Ask(context.Context, *blueprint.Draft, func(string) error) (*blueprint.Draft, error) {
	p.asked++
	draft := blueprint.NewDraft()
	for key, value := range p.answers {
		if err := draft.SetText(key, value, fault.Place{}); err != nil {
			return nil, err
		}
	}
	return draft, nil
}

func runAs(t *testing.T, p *person, args ...string) (out, errs string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if !slices.Contains(args, "-C") {
		args = append(args, "-C", t.TempDir())
	}
	process := Process{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Packs: templates.FS}
	a := &app{Process: process, engine: &engine.Engine{Packs: templates.FS}, asker: p}
	status = a.execute(t.Context())
	return stdout.String(), stderr.String(), status
}

func TestTheWizardAsksWhenSomethingIsMissing(t *testing.T) {
	p := &person{present: true, answers: map[string]string{"platform": "lambda", "name": "shop", "ci": "none"}}
	out, errs, status := runAs(t, p, "new")
	if status != 0 || p.asked != 1 || !strings.Contains(out, "shop: ") {
		t.Errorf("status %d, asked %d times: %s%s", status, p.asked, out, errs)
	}
	if !strings.Contains(errs, "scaffold new shop --platform lambda --level production --runtime nodejs") || !strings.Contains(errs, "--ci none") {
		t.Errorf("the equivalent command is not in %q", errs)
	}
}

func TestTheWizardIsSilent(t *testing.T) {
	for name, c := range map[string]struct {
		present bool
		args    []string
	}{
		"nobody is there":    {false, []string{"new"}},
		"--no-input":         {true, []string{"new", "--no-input"}},
		"--yes":              {true, []string{"new", "-y"}},
		"--json":             {true, []string{"new", "--json"}},
		"nothing is missing": {true, []string{"new", "--platform", "lambda"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &person{present: c.present}
			if _, _, status := runAs(t, p, c.args...); p.asked != 0 || (status == 0) != (name == "nothing is missing") {
				t.Errorf("asked %d times, status %d", p.asked, status)
			}
		})
	}
}

// The equivalent command gives the same blueprint.
func TestTheEquivalentCommandIsEquivalent(t *testing.T) {
	p := &person{present: true, answers: map[string]string{"platform": "lambda", "name": "shop", "auth.audience": "a,b", "regions": "us-east-1"}}
	_, errs, _ := runAs(t, p, "new", "--dry-run")
	_, command, _ := strings.Cut(errs, "scaffold ")
	args := strings.Fields(command)
	asked, _, _ := runAs(t, p, "plan", "--json", "--diff", "--platform", "lambda", "--set", "name=shop", "--audience", "a,b", "--region", "us-east-1")
	typed, _, status := runAs(t, p, append([]string{"plan", "--json", "--diff"}, args[1:]...)...)
	strip := func(text string) string { _, after, _ := strings.Cut(text, `"files"`); return after }
	if status != 0 || strip(asked) != strip(typed) {
		t.Errorf("%v gives another project", args)
	}
}

// A folder that is taken is said before the first question, and wherever the name comes from.
func TestATakenFolderIsRefusedBeforeTheFirstQuestion(t *testing.T) {
	for name, args := range map[string][]string{"an argument": {"new", "shop"}, "--set": {"new", "--set", "name=shop"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "shop", "mine"), 0o755); err != nil {
				t.Fatal(err)
			}
			p := &person{present: true}
			_, errs, status := runAs(t, p, append(args, "-C", dir)...)
			if status != 2 || p.asked != 0 || !strings.Contains(errs, "the directory is not empty") {
				t.Errorf("status %d, asked %d times: %s", status, p.asked, errs)
			}
		})
	}
}

// What was typed is judged before the first question too.
func TestWrongInputIsRefusedBeforeTheFirstQuestion(t *testing.T) {
	p := &person{present: true}
	_, errs, status := runAs(t, p, "new", "shop", "--region", "eu-wset-1")
	if status != 2 || p.asked != 0 || !strings.Contains(errs, `did you mean "eu-west-1"?`) {
		t.Errorf("status %d, asked %d times: %s", status, p.asked, errs)
	}
}

// A shell takes the equivalent command for what it says.
func TestTheEquivalentCommandIsQuoted(t *testing.T) {
	p := &person{present: true, answers: map[string]string{"platform": "lambda", "name": "shop", "auth.audience": "*,$(id)"}}
	_, errs, status := runAs(t, p, "new", "--dry-run")
	if status != 0 || !strings.Contains(errs, `--audience '*,$(id)'`) {
		t.Errorf("status %d: %s", status, errs)
	}
}

// broken is packs with a mistake in them that nobody has thought of.
type broken struct{}

func (broken) Open(string) (fs.File, error) { panic("out of range") }

// A mistake in the program is an error like others: one object, and a status.
func TestAPanicIsOneObjectToo(t *testing.T) {
	var stdout, stderr bytes.Buffer
	status := Run(t.Context(), Process{
		Args: []string{"new", "shop", "--platform", "lambda", "--json", "-C", t.TempDir()}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Packs: broken{},
	})
	var object report.Object
	if err := json.Unmarshal(stdout.Bytes(), &object); err != nil || object.OK || object.Error.Code != fault.Internal || status != 1 {
		t.Errorf("status %d, %v: %s", status, err, stdout.String())
	}
	if !strings.Contains(stderr.String(), "broken") {
		t.Errorf("nobody can find the mistake: %s", stderr.String())
	}
}
