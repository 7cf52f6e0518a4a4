package blueprint

import (
	"slices"
	"strings"
	"testing"
)

const head = "apiVersion: scaffold/v1\nname: orders # ours\nplatform: lambda\n"

func TestAppendKeepsEverythingElse(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no list yet":               {head, head + "functions:\n  - name: a\n    trigger: { type: sns }\n"},
		"no newline at the end":     {strings.TrimSuffix(head, "\n"), head + "functions:\n  - name: a\n    trigger: { type: sns }\n"},
		"CRLF":                      {"apiVersion: scaffold/v1\r\nname: orders\r\nplatform: lambda\r\n", "apiVersion: scaffold/v1\r\nname: orders\r\nplatform: lambda\r\nfunctions:\r\n  - name: a\r\n    trigger: { type: sns }\r\n"},
		"an empty list":             {head + "functions: [] # none\n", head + "functions: # none\n  - name: a\n    trigger: { type: sns }\n"},
		"a list, and more below":    {head + "functions:\n- name: b # first\n  trigger: {type: s3}\n\n# who pays\nci: none\n", head + "functions:\n- name: a\n  trigger: { type: sns }\n- name: b # first\n  trigger: {type: s3}\n\n# who pays\nci: none\n"},
		"a list at the end":         {head + "functions:\n    - {name: b, trigger: {type: s3}} # x\n", head + "functions:\n    - name: a\n      trigger: { type: sns }\n    - {name: b, trigger: {type: s3}} # x\n"},
		"a list that is not sorted": {head + "functions:\n  - {name: c, trigger: {type: s3}}\n  - {name: b, trigger: {type: sqs}}\n", head + "functions:\n  - {name: c, trigger: {type: s3}}\n  - {name: b, trigger: {type: sqs}}\n  - name: a\n    trigger: { type: sns }\n"},
		"a comment at the end":      {head + "functions:\n  - {name: b, trigger: {type: s3}}\n# end\n", head + "functions:\n  - name: a\n    trigger: { type: sns }\n  - {name: b, trigger: {type: s3}}\n# end\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := AppendFunction("f", []byte(test.text), &Function{Name: "a", Trigger: Trigger{Type: "sns"}})
			if err != nil || string(got) != test.want {
				t.Fatalf("got %v\n%s\nwant\n%s", err, got, test.want)
			}
			b, err := Parse("f", got)
			if err != nil || !slices.ContainsFunc(b.Functions, func(f Function) bool { return f.Name == "a" }) {
				t.Errorf("it cannot be read back: %v", err)
			}
		})
	}
}

func TestAppendRefusesWhatItWouldDisturb(t *testing.T) {
	for _, list := range []string{"functions: [{name: b, trigger: {type: s3}}]\n", "functions: {}\n", "functions:\n"} {
		if got, err := AppendFunction("f", []byte(head+list), &Function{Name: "a", Trigger: Trigger{Type: "sns"}}); err == nil {
			t.Errorf("%q became %q", list, got)
		}
	}
}

func TestFunctionsTellAllProblemsAtOnce(t *testing.T) {
	_, err := Parse("f", []byte(head+`tables:
  - {name: reports}
  - {nam: x}
functions:
  - {name: Bad, trigger: {type: sns}}
  - {name: a, trigger: {type: cron}}
  - {name: b, trigger: {type: schedule, schedule: "rate(1 minutes)"}}
  - {name: c, trigger: {type: dynamodb-stream, table: report}}
  - {name: d, trigger: {type: http, provider: github}, uses: [report]}
  - {name: e, trigger: {type: webhook}}
  - {name: reports, trigger: {type: sns}}
`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`f:6:6: there is no key "nam" in an item of tables`,
		`a function cannot be called "Bad"`,
		`function a cannot have a trigger of type "cron"`,
		`function b: schedule cannot be "rate(1 minutes)"`,
		`function c: table names "report", which is not among the tables`,
		`function d: a trigger of type http has no provider`,
		`function d uses "report", which is not there`,
		`function e: provider is needed: who delivers`,
		`table reports and function reports collide`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("there is no %q in\n%v", want, err)
		}
	}
}

func TestPartsSurviveTheirText(t *testing.T) {
	b, err := Parse("f", []byte(head+`tables: [{name: reports}]
functions:
  - {name: a, trigger: {type: http, path: "/reports/{id}"}, uses: [reports]}
  - {name: b, trigger: {type: schedule, schedule: cron(0 3 * * ? *)}}
`))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("f", b.Text())
	if err != nil || string(again.Text()) != string(b.Text()) || len(again.Functions) != 2 {
		t.Errorf("%v:\n%s", err, b.Text())
	}
}

func TestEveryMinutes(t *testing.T) {
	for expression, want := range map[string]int{
		"rate(1 minute)": 1, "rate(2 hours)": 120, "rate(1 day)": 1440, "rate(2 days)": 0,
		"cron(0 3 * * ? *)": 1440, "cron(0 3 ? * MON *)": 0, "cron(0 3 1 * ? *)": 0,
	} {
		if got := (&Trigger{Schedule: expression}).EveryMinutes(); got != want {
			t.Errorf("%s: %d minutes, want %d", expression, got, want)
		}
	}
}
