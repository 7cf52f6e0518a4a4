package awshost

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

func parse(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestEventPatterns(t *testing.T) {
	event := `{"source":"orders","detail":{"status":"done","n":3,"nested":{"a":"b"}}}`
	for pattern, want := range map[string]bool{
		`{"source":["orders"]}`:                             true,
		`{"source":["x","orders"]}`:                         true,
		`{"source":["x"]}`:                                  false,
		`{"source":[{"prefix":"ord"}]}`:                     true,
		`{"source":[{"prefix":"x"}]}`:                       false,
		`{"detail":{"n":[3],"status":["done"]}}`:            true,
		`{"detail":{"n":[3],"status":["open"]}}`:            false,
		`{"detail":{"nested":{"a":["b"]}}}`:                 true,
		`{"detail":{"missing":[{"exists":false}]}}`:         true,
		`{"detail":{"status":[{"exists":false}]}}`:          false,
		`{"detail":{"status":[{"anything-but":["open"]}]}}`: true,
		`{"detail":{"status":[{"anything-but":["done"]}]}}`: false,
	} {
		if got := matchesPattern(parse(t, pattern), parse(t, event)); got != want {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}

const sample = `{"Resources":{
 "Fn":{"Type":"AWS::Lambda::Function","Properties":{"Role":{"Fn::GetAtt":["Role","Arn"]},"Environment":{"Variables":{
   "TABLE":{"Ref":"Table"},"QUEUE":{"Ref":"Queue"},"JOINED":{"Fn::Join":["-",["a",{"Ref":"AWS::Region"}]]},"SUB":{"Fn::Sub":"${AWS::AccountId}/${Queue.Arn}"}}}}},
 "Role":{"Type":"AWS::IAM::Role"},
 "Table":{"Type":"AWS::DynamoDB::Table"},
 "Queue":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":"work"}},
 "Version":{"Type":"AWS::Lambda::Version","Properties":{"FunctionName":{"Ref":"Fn"}}},
 "Alias":{"Type":"AWS::Lambda::Alias","Properties":{"FunctionName":{"Ref":"Fn"},"Name":"live"}},
 "Mapping":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"FunctionName":{"Fn::Join":["",[{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"Alias"}]}]},":live"]]}}},
 "Policy":{"Type":"AWS::IAM::Policy","Properties":{"Roles":[{"Ref":"Role"}],"PolicyDocument":{"Statement":[
   {"Effect":"Allow","Action":["dynamodb:PutItem","dynamodb:GetItem"],"Resource":{"Fn::GetAtt":["Table","Arn"]}},
   {"Effect":"Allow","Action":"sqs:*","Resource":{"Fn::GetAtt":["Queue","Arn"]}}]}}}
}}`

func sampleHost(t *testing.T) *Host {
	t.Helper()
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	template, err := readTemplate(Config{Template: file, Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	return &Host{template: template, config: Config{Region: "eu-west-1"}}
}

func TestIntrinsics(t *testing.T) {
	template := sampleHost(t).template
	variables := cfn.At(template.Resources["Fn"].Properties, "Environment", "Variables")
	for name, want := range map[string]string{
		"TABLE": "host-Table", "QUEUE": "http://queue/123456789012/work", "JOINED": "a-eu-west-1",
		"SUB": "123456789012/arn:aws:sqs:eu-west-1:123456789012:work",
	} {
		if got := text(variables, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	f, ok := template.function(text(template.Resources["Mapping"].Properties, "FunctionName"))
	if !ok || f.id != "Fn" {
		t.Errorf("the mapping's function is %v", f)
	}
}

func TestTheGateAllowsWhatTheRoleAllows(t *testing.T) {
	g := newGate(sampleHost(t))
	table := map[string]any{"TableName": "host-Table"}
	transaction := func(part string) map[string]any {
		return map[string]any{"TransactItems": []any{map[string]any{part: table}}}
	}
	for _, c := range []struct {
		service, operation string
		in                 map[string]any
		allowed            bool
	}{
		{"dynamodb", "GetItem", table, true},
		{"dynamodb", "DeleteItem", table, false},
		{"dynamodb", "GetItem", map[string]any{"TableName": "other"}, false},
		{"dynamodb", "Query", map[string]any{"TableName": "host-Table", "IndexName": "i"}, false},
		{"dynamodb", "TransactWriteItems", transaction("Put"), true},
		{"dynamodb", "TransactWriteItems", transaction("Delete"), false},
		{"sqs", "SendMessage", map[string]any{"QueueUrl": "http://queue/123456789012/work"}, true},
		{"sqs", "SendMessage", map[string]any{"QueueUrl": "http://queue/123456789012/other"}, false},
		{"events", "PutEvents", map[string]any{"Entries": []any{map[string]any{"EventBusName": "b"}}}, false},
	} {
		if denied := g.check("Fn", c.service, c.operation, c.in); (denied == "") != c.allowed {
			t.Errorf("%s %v: %q", c.operation, c.in, denied)
		}
	}
}

func TestPartialBatchResponses(t *testing.T) {
	failed := failedItems([]byte(`{"batchItemFailures":[{"itemIdentifier":"a"}]}`), true)
	if !failed["a"] || len(failed) != 1 {
		t.Errorf("failed: %v", failed)
	}
	if len(failedItems([]byte(`{"batchItemFailures":[{"itemIdentifier":"a"}]}`), false)) != 0 {
		t.Error("a mapping without partial responses looked at one")
	}
}
