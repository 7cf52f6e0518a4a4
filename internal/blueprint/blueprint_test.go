package blueprint_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

func finish(t *testing.T, values map[string]string) (*blueprint.Blueprint, error) {
	t.Helper()
	draft := blueprint.NewDraft()
	for key, value := range values {
		if err := draft.SetText(key, value, fault.Place{File: "--" + key}); err != nil {
			t.Fatal(err)
		}
	}
	return draft.Finish()
}

func TestDefaults(t *testing.T) {
	b, err := finish(t, map[string]string{"platform": "lambda"})
	if err != nil {
		t.Fatal(err)
	}
	want := &blueprint.Blueprint{
		Name: "lambda", Platform: "lambda", Level: "production", Runtime: "nodejs", IaC: "cdk-go",
		Auth: blueprint.Auth{Type: "jwt", Issuer: "https://issuer.example.com/", Audience: []string{"lambda"}},
		CI:   "github", Updates: "manual", Observability: "cloudwatch", Regions: []string{"eu-west-1"},
	}
	if !reflect.DeepEqual(b, want) {
		t.Errorf("got %+v", b)
	}
}

func TestTextAndParseAreInverse(t *testing.T) {
	b, err := finish(t, map[string]string{"platform": "lambda", "name": "orders", "auth.audience": "a,b", "ci": "none"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := blueprint.Parse("blueprint.yaml", b.Text())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, b) {
		t.Errorf("%+v became %+v by way of\n%s", b, again, b.Text())
	}
}

// Each case is a file and all of its problems, as they are printed.
func TestParseTellsAllProblemsAtOnce(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown and misspelt": {
			"apiVersion: scaffold/v1\nplatfrom: lambda\nlevel: producton\nregions: eu-west-1\n",
			`f:2:1: there is no key "platfrom" [did you mean "platform"? allowed: platform, name, level, runtime, iac, auth.type, auth.issuer, auth.audience, ci, updates, observability, regions, apiVersion, functions, tables, queues, buses, secrets, waivers]
f:3:8: level cannot be "producton" [did you mean "production"? allowed: mvp, production, enterprise, hyperscale]
f:4:10: regions has a value of the wrong type [expected a list of strings, such as [a, b]]`,
		},
		"wrong types": {
			"apiVersion: scaffold/v1\nplatform: [lambda]\nname: 12\nauth: jwt\nci: {a: b}\n",
			`f:2:11: platform has a value of the wrong type [expected a string]
f:3:7: name has a value of the wrong type [expected a string]
f:4:7: expected keys and values under auth [write key: value]
f:5:5: ci has a value of the wrong type [expected a string]`,
		},
		"nested": {
			"apiVersion: scaffold/v1\nplatform: lambda\nauth:\n  issuer: http://plain\n  isuer: x\n",
			`f:4:11: auth.issuer cannot be "http://plain" [expected an https URL]
f:5:3: there is no key "auth.isuer" [did you mean "auth.issuer"? allowed: platform, name, level, runtime, iac, auth.type, auth.issuer, auth.audience, ci, updates, observability, regions, apiVersion, functions, tables, queues, buses, secrets, waivers]`,
		},
		"no version":      {"platform: lambda\n", "f:1:1: apiVersion is missing [start the file with apiVersion: scaffold/v1]"},
		"another version": {"apiVersion: v9\nplatform: lambda\n", `f:1:13: apiVersion cannot be "v9" [this version reads scaffold/v1]`},
		"no platform":     {"apiVersion: scaffold/v1\n", "platform is needed: where the service runs [--platform lambda]"},
		"empty list":      {"apiVersion: scaffold/v1\nplatform: lambda\nregions: []\n", "f:3:10: regions is empty [expected at least one value]"},
		"bad waivers": {
			"apiVersion: scaffold/v1\nplatform: lambda\nwaivers:\n  - {rule: SE-02, reason: because}\n  - {rul: x, reason: a reason of twenty letters, expires: soon}\n",
			`f:4:5: the waiver of SE-02 has no reason that one could argue with [reason: at least 20 characters]
f:5:6: there is no key "rul" in a waiver [did you mean "rule"? allowed: rule, path, reason, expires]
f:5:5: a waiver names no rule [rule: the id that ` + "`scaffold check`" + ` prints]
f:5:5: the waiver expires on "soon" [expected a date such as 2027-03-01]`,
		},
		"a bad name": {"apiVersion: scaffold/v1\nplatform: lambda\nname: ../x\n", `f:3:7: name cannot be "../x" [expected lower-case words joined by hyphens, such as order-service]`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := blueprint.Parse("f", []byte(c.text))
			if err == nil {
				t.Fatal("there is no error")
			}
			var lines []string
			for _, problem := range fault.All(err) {
				lines = append(lines, problem.Error()+" ["+problem.Hint+"]")
			}
			if got := strings.Join(lines, "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestParseRefusesWhatIsNoYAML(t *testing.T) {
	_, err := blueprint.Parse("f", []byte("a: [b\n"))
	if err == nil || fault.CodeOf(err) != fault.Invalid || !strings.HasPrefix(err.Error(), "f:1:") {
		t.Errorf("the error is %v", err)
	}
}

func TestValuesNeedNoVersion(t *testing.T) {
	draft, err := blueprint.ParseValues("f", []byte("name: orders\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !draft.Has("name") || draft.Has("platform") {
		t.Error("the draft does not have what was said")
	}
}

func TestOverlay(t *testing.T) {
	bottom, top := blueprint.NewDraft(), blueprint.NewDraft()
	for _, err := range []error{
		bottom.SetText("platform", "lambda", fault.Place{}), bottom.SetText("name", "below", fault.Place{}), top.SetText("name", "above", fault.Place{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := bottom.Overlay(top).Finish()
	if err != nil || b.Name != "above" || b.Platform != "lambda" {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestWaivers(t *testing.T) {
	b, err := blueprint.Parse("f", []byte("apiVersion: scaffold/v1\nplatform: lambda\nwaivers:\n"+
		"  - rule: SE-02\n    path: infra/**/*.json\n    reason: a reason of twenty letters\n    expires: 2027-03-01\n"))
	if err != nil {
		t.Fatal(err)
	}
	w := b.Waivers[0]
	for file, want := range map[string]bool{"infra/cdk.out/a.json": true, "infra/a/b/c.json": true, "other/cdk.out/a.json": false, "infra/cdk.out/a.yaml": false} {
		if got := w.Covers("SE-02", file); got != want {
			t.Errorf("it covers %s: %v", file, got)
		}
	}
	if w.Covers("SE-01", "infra/cdk.out/a.json") || w.Expires != "2027-03-01" {
		t.Errorf("the waiver is %+v", w)
	}
	if again, err := blueprint.Parse("f", b.Text()); err != nil || again.Waivers[0].Reason != w.Reason {
		t.Errorf("written and read again: %v, %v", again, err)
	}
}

func TestSetKnowsTheInputs(t *testing.T) {
	err := blueprint.NewDraft().SetText("regoins", "x", fault.Place{File: "--set"})
	if err == nil || !strings.Contains(fault.All(err)[0].Hint, `did you mean "regions"?`) {
		t.Errorf("the error is %v", err)
	}
}

// Every input can be given, read back and written by its one declaration.
func TestEveryInputIsWired(t *testing.T) {
	for _, input := range blueprint.Inputs() {
		if input.Help == "" || input.Question == "" {
			t.Errorf("%s says nothing of itself", input.Key)
		}
		b := &blueprint.Blueprint{}
		values := []string{"x"}
		if input.Kind == blueprint.Strings {
			values = []string{"x", "y"}
		}
		input.Set(b, values)
		if got := input.Get(b); got != strings.Join(values, ",") {
			t.Errorf("%s was set to %v and is %q", input.Key, values, got)
		}
		if !strings.Contains(string(b.Text()), "x") {
			t.Errorf("%s is not written", input.Key)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: scaffold/v1\nplatform: lambda\n", "a: &a [*a]", "? [a]\n: b", "auth:\n  type: {a: 1}\n", "- x", "", "apiVersion: scaffold/v1\nplatform: lambda\nwaivers: [{rule: a, reason: \"\\\"12345678901234567890\"}]", "regions: [1, null]", "--- a\n--- b",
		"apiVersion: scaffold/v1\nplatform: lambda\ntables: [{name: a}]\nfunctions:\n  - {name: b, trigger: {type: dynamodb-stream, table: a}, uses: [a]}\n  - {name: c, trigger: {type: eventbridge, detailType: '1'}}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := blueprint.Parse("f", text)
		if err != nil {
			return
		}
		if again, err := blueprint.Parse("f", b.Text()); err != nil || string(again.Text()) != string(b.Text()) {
			t.Errorf("%q was read and written as %q, which reads as %v, %v", text, b.Text(), again, err)
		}
		added, err := blueprint.AppendFunction("f", text, &blueprint.Function{Name: "added-by-fuzz", Trigger: blueprint.Trigger{Type: "sns"}})
		if err != nil {
			return
		}
		if again, err := blueprint.Parse("f", added); err == nil && len(again.Functions) != len(b.Functions)+1 {
			t.Errorf("%q became %q", text, added)
		}
	})
}
