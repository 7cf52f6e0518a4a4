package blueprint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Each case is a value of an input, and what the message and the hint have to say; with neither it is accepted.
func TestValuesOfInputs(t *testing.T) {
	for _, c := range []struct{ key, value, message, hint string }{
		{"name", "null", "", ""},
		{"name", "true", "", ""},
		{"name", "vendor", "import path", "vendor-service"},
		{"name", "nul", "Windows", ""},
		{"name", "com1", "Windows", ""},
		{"name", "internal", "", ""},
		{"name", strings.Repeat("a", 26), "", ""},
		{"name", strings.Repeat("a", 27), "27 characters, and 26 is the most", "SQS allows 80 characters for NAME-staging-FUNCTION-dead-letters"},
		{"name", strings.Repeat("a", 64), "64 characters", "SQS allows 80"},
		{"regions", "eu-west-1", "", ""},
		{"regions", "eu-wset-1", `"eu-wset-1"`, `did you mean "eu-west-1"?`},
		{"regions", "us-esat-1", "", `did you mean "us-east-1"?`},
		{"regions", "eu-west-9", "cannot be", "did you mean"},
		{"regions", "frankfurt", "cannot be", `did you mean "eu-central-1"?`},
		{"regions", "cn-north-1", "cannot be", "another partition"},
		{"regions", "us-gov-west-1", "cannot be", "another partition"},
		{"regions", "mars", "cannot be", "an AWS region such as eu-west-1"},
		{"regions", "", "cannot be", "an AWS region"},
		{"regions", "eu-west-1 ", "cannot be", `did you mean "eu-west-1"?`},
		{"regions", "eu-west-1,eu-west-1", "regions names eu-west-1 twice", "remove one"},
		{"auth.issuer", "https://login.example.com/tenant", "", ""},
		{"auth.issuer", "https://login.example.com/tenant/.well-known/openid-configuration", "configuration", `"https://login.example.com/tenant"`},
		{"auth.issuer", "https://login.example.com/.well-known/openid-configuration/", "configuration", `"https://login.example.com"`},
		{"auth.issuer", "https://login.example.com/?x=y", "cannot be", "query"},
		{"auth.issuer", "https://login.example.com/\u202e", "U+202E", "again"},
		{"auth.audience", "a\u200bb", "U+200B", "again"},
		{"auth.audience", "日本", "", ""},
		{"level", "prod", `level cannot be "prod"`, `did you mean "production"?`},
		{"level", "p", "cannot be", "allowed: mvp"},
		{"level", "hyper", "cannot be", `did you mean "hyperscale"?`},
		{"ci", "gitlab", "cannot be", "allowed: github, none"},
		{"ci", "githbu", "cannot be", `did you mean "github"?`},
	} {
		err := problemOf(t, c.key, c.value)
		switch {
		case err == nil && c.message+c.hint != "":
			t.Errorf("%s=%q is accepted", c.key, c.value)
		case err != nil && c.message+c.hint == "":
			t.Errorf("%s=%q is refused: %v", c.key, c.value, err)
		case err != nil:
			first := fault.All(err)[0]
			if !strings.Contains(first.Message, c.message) || !strings.Contains(first.Hint, c.hint) {
				t.Errorf("%s=%q: %q, %q", c.key, c.value, first.Message, first.Hint)
			}
		}
	}
}

func problemOf(t *testing.T, key, value string) error {
	t.Helper()
	_, err := finish(t, map[string]string{"platform": "lambda", key: value})
	return err
}

// A word that means something else is not taken for a misspelling.
func TestOtherWordsAreNoMisspellings(t *testing.T) {
	err := problemOf(t, "ci", "gitlab")
	if err == nil || strings.Contains(fault.All(err)[0].Hint, "did you mean") {
		t.Errorf("the error is %v", err)
	}
}

// The same values are refused in a file of values.
func TestValuesFilesAreHeldToTheSameRules(t *testing.T) {
	draft, err := blueprint.ParseValues("values.yaml", []byte("platform: lambda\nname: vendor\nregions: [eu-west-1, eu-wset-1]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{draft.Problems(), func() error { _, err := draft.Finish(); return err }()} {
		all := fault.All(err)
		if len(all) != 2 || all[0].Place.Line != 2 || all[1].Place.Line != 3 {
			t.Errorf("the error is %v", err)
		}
	}
}

func scheduleError(value string) error {
	function := &blueprint.Function{Name: "nightly", Trigger: blueprint.Trigger{Type: "schedule", Schedule: value}}
	text, err := blueprint.AppendFunction("f", []byte("apiVersion: scaffold/v1\nplatform: lambda\n"), function)
	if err == nil {
		_, err = blueprint.Parse("f", text)
	}
	return err
}

func TestSchedules(t *testing.T) {
	for _, value := range []string{
		"rate(1 minute)", "rate(15 minutes)", "rate(1 day)", "cron(0 3 * * ? *)", "cron(0/15 * * * ? *)", "cron(0 10 ? * MON-FRI *)", "cron(0 0 L * ? *)", "cron(0 0 LW * ? *)", "cron(0 0 3W * ? *)",
		"cron(0 0 ? * 6L *)", "cron(0 0 ? * 3#2 *)", "cron(0 0 ? JAN,JUL SUN 2027)", "cron(*/5 8-17 ? * 2-6 2027-2030)", "cron(0 0 ? * TUEL *)",
	} {
		if err := scheduleError(value); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	for value, want := range map[string]string{
		"rate(0 minutes)": "never runs", "rate(1 minutes)": `rate(1 minute)`, "rate(5 minute)": `rate(5 minutes)`, "rate(05 minutes)": "rate(5 minutes)", "rate(5 seconds)": "neither", "daily": "neither",
		"cron(0 2 * * *)":      `5 fields [six fields are needed: minutes hours day-of-month month day-of-week year, such as cron(0 3 * * ? *); did you mean "cron(0 2 * * ? *)"?]`,
		"cron(0 2 * * 1)":      `did you mean "cron(0 2 ? * 1 *)"`,
		"cron(0 25 * * ? *)":   `hours cannot be "25" [expected 0 to 23`,
		"cron(60 2 * * ? *)":   `minutes cannot be "60"`,
		"cron(0 2 32 * ? *)":   `day of month cannot be "32"`,
		"cron(0 2 * 13 ? *)":   `month cannot be "13" [expected 1 to 12 or JAN to DEC`,
		"cron(0 2 ? * 8 *)":    `day of week cannot be "8"`,
		"cron(0 2 ? * 0 *)":    `day of week cannot be "0"`,
		"cron(0 2 * * ? 1)":    `year cannot be "1"`,
		"cron(0 2 * * * *)":    "one of day of month and day of week is ?",
		"cron(0 2 ? * ? *)":    "one of day of month and day of week is ?",
		"cron(0 5-2 * * ? *)":  `hours cannot be "5-2"`,
		"cron(0 */0 * * ? *)":  `hours cannot be "*/0"`,
		"cron(? 2 * * ? *)":    `minutes cannot be "?"`,
		"cron(0,,1 2 * * ? *)": `minutes cannot be "0,,1"`,
		"cron()":               "1 fields", "cron(0 2 1 1 ? 2027 extra)": "7 fields",
	} {
		err := scheduleError(value)
		if err == nil {
			t.Errorf("%s is accepted", value)
			continue
		}
		if first := fault.All(err)[0]; !strings.Contains(first.Message+" ["+first.Hint+"]", want) {
			t.Errorf("%s: %s [%s]", value, first.Message, first.Hint)
		}
	}
}

// The names of queues are made of three, and each pair of service and part has to fit.
func TestNamesOfQueuesFit(t *testing.T) {
	long := strings.Repeat("a", 32)
	service := strings.Repeat("s", 26)
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"a function":                {"functions:\n  - {name: " + long + ", trigger: {type: sqs}}\n", true},
		"a bus":                     {"buses:\n  - {name: " + long + "}\n", false},
		"a bus with a shorter name": {"buses:\n  - {name: " + long[:26] + "}\n", true},
		"a queue":                   {"queues:\n  - {name: " + long + "}\n", true},
		"two regions":               {"level: hyperscale\nregions: [eu-west-1, eu-central-1]\nfunctions:\n  - {name: " + long + ", trigger: {type: sqs}}\n", false},
		"no queue in two regions":   {"level: hyperscale\nregions: [eu-west-1, eu-central-1]\nfunctions:\n  - {name: " + long + ", trigger: {type: http}}\n", true},
	} {
		_, err := blueprint.Parse("f", []byte("apiVersion: scaffold/v1\nplatform: lambda\nname: "+service+"\n"+c.text))
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "would have") || !strings.Contains(fault.All(err)[0].Hint, "SQS allows 80")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var queueEnding = regexp.MustCompile(`Name:\s+[a-zA-Z.]+ \+ "(-[a-z-]+)"`)

// No template ends the name of a queue with more than the limit of the service's name has room for.
func TestTheLimitKnowsTheTemplates(t *testing.T) {
	room := 80 - len("-staging")
	found := 0
	err := filepath.WalkDir("../../templates/lambda/infra", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.Contains(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, match := range queueEnding.FindAllSubmatch(text, -1) {
			found++
			if ending := string(match[1]); ending != "-dead-letters" && ending != "-undelivered-events" && 26+len(ending) > room {
				t.Errorf("%s makes a name that ends with %s", name, ending)
			}
		}
		return err
	})
	if err != nil || found < 4 {
		t.Errorf("%d endings were found: %v", found, err)
	}
}

var identifier = regexp.MustCompile(`<% camel \.(?:Item\.)?Name %>(\w*)`)

// Reserved words of TypeScript can name functions, because no template makes an identifier of a name alone.
func TestNoIdentifierIsANameAlone(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../../templates/lambda", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".ts.tmpl") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, match := range identifier.FindAllSubmatch(text, -1) {
			found++
			if len(match[1]) == 0 {
				t.Errorf("%s: %s", name, match[0])
			}
		}
		return err
	})
	if err != nil || found < 5 {
		t.Errorf("%d identifiers were found: %v", found, err)
	}
}

// A file that would cost a parser its memory is refused before it is parsed.
func TestBounds(t *testing.T) {
	deep := append([]byte("a: "), bytes.Repeat([]byte("["), 100_000)...)
	indented := []byte(strings.Repeat("- ", 50_000) + "a\n")
	large := bytes.Repeat([]byte("# a comment\n"), 100_000)
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"brackets": {deep, "levels deep"}, "indentation": {indented, "levels deep"}, "size": {large, "kB"}, "not UTF-8": {[]byte("a: \xff\n"), "UTF-8"},
	} {
		_, parsed := blueprint.Parse("f", c.text)
		_, values := blueprint.ParseValues("f", c.text)
		_, edited := blueprint.Edit("f", c.text, "level", "mvp")
		_, appended := blueprint.AppendResource("f", c.text, "table", blueprint.Resource{Name: "a"})
		for n, err := range []error{parsed, values, edited, appended} {
			if err == nil || len(fault.All(err)) != 1 || !strings.Contains(err.Error(), c.want) || fault.All(err)[0].Hint == "" {
				t.Errorf("%s, %d: %v", name, n, err)
			}
		}
	}
}

// What the parser complains about comes with what to do about it.
func TestSyntaxHints(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\n\tc: d\n": "spaces", "\ta: b\n": "spaces", "a: b\na: c\n": "below one of them", "a: [b\n": "]", "a: {b: c\n": "}", "a: 'b\n": "close the quotes", "a: @b\n": "quotes", "a: b: c\n": "quotes",
		"name: a\nregions: [eu-west-1\nci: none\n": "close the list", "a: ]\n": "bracket",
	} {
		_, err := blueprint.Parse("f", []byte(text))
		if err == nil || !strings.Contains(fault.All(err)[0].Hint, want) {
			t.Errorf("%q: %v, %q", text, err, fault.All(err)[0].Hint)
		}
	}
}

// Adding the same again is said once, and in other words than two things that collide.
func TestTheSameTwice(t *testing.T) {
	function := "  - {name: report, trigger: {type: http}}\n"
	_, err := blueprint.Parse("f", []byte("apiVersion: scaffold/v1\nplatform: lambda\nfunctions:\n"+function+function))
	if err == nil || err.Error() != "f:5:5: there is already a function report" {
		t.Errorf("the error is %v", err)
	}
}
