package rules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/quality/rules"
)

func judge(t *testing.T, id, resources string) rules.Outcome {
	t.Helper()
	template, err := cfn.Parse("t.json", []byte(`{"Resources":{`+resources+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := catalogue.Policy("production")
	if err != nil {
		t.Fatal(err)
	}
	return rules.All()[id](&rules.Subject{Template: template, Policy: policy, Today: "2026-11-23", Soon: "2027-05-23"})
}

// Every control has a rule and every rule a control, and a control says all that a reader needs.
func TestControlsAndRulesAgree(t *testing.T) {
	controls, err := quality.Controls()
	if err != nil {
		t.Fatal(err)
	}
	all, projects := rules.All(), rules.Projects()
	for _, c := range controls {
		if (all[c.ID] == nil) == (rules.Projects()[c.ID] == nil) {
			t.Errorf("%s has no rule, or two", c.ID)
		}
		if c.Title == "" || c.Why == "" || c.Fix == "" || !strings.HasPrefix(c.Doc, "https://") || c.Error == "" && c.Warning == "" {
			t.Errorf("%s does not say enough: %+v", c.ID, c)
		}
		delete(all, c.ID)
		delete(projects, c.ID)
	}
	for id := range projects {
		t.Errorf("rule %s has no control", id)
	}
	for id := range all {
		t.Errorf("rule %s has no control", id)
	}
}

// No rule is silent: where there is nothing to judge it says so.
func TestAnEmptyTemplateIsSkippedWithReasons(t *testing.T) {
	for id := range rules.All() {
		if outcome := judge(t, id, `"X":{"Type":"AWS::Nothing"}`); len(outcome.Failures) > 0 || outcome.Skip == "" {
			t.Errorf("%s: %+v", id, outcome)
		}
	}
}

const fn = `"F":{"Type":"AWS::Lambda::Function","Properties":{"Timeout":30}}`

// Cases where a rule has been, or could be, too strict or too lenient.
func TestFineDistinctions(t *testing.T) {
	for name, c := range map[string]struct {
		id, resources, message string
	}{
		"a worker may take longer than an API's caller waits":  {"RT-04", fn, ""},
		"a function of an API may not":                         {"RT-04", fn + `,"I":{"Type":"AWS::ApiGatewayV2::Integration","Properties":{"IntegrationUri":{"Fn::GetAtt":["F","Arn"]}}}`, "callers of the API wait for up to 30 s"},
		"CDK's own providers are not judged":                   {"RT-03", `"CustomS3AutoDeleteObjectsX":{"Type":"AWS::Lambda::Function"},` + `"F":{"Type":"AWS::Lambda::Function","Properties":{"MemorySize":128}}`, ""},
		"X-Ray has no resources":                               {"SE-02", `"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["xray:PutTraceSegments"],"Resource":"*"}]}}}`, ""},
		"everything else has":                                  {"SE-02", `"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}}}`, "it allows s3:GetObject on everything"},
		"a denial of everything is no permission":              {"SE-01", `"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}}}`, ""},
		"inline policies of a role count":                      {"SE-01", `"R":{"Type":"AWS::IAM::Role","Properties":{"Policies":[{"PolicyDocument":{"Statement":[{"Effect":"Allow","Action":"s3:*"}]}}]}}`, "it allows s3:*"},
		"health needs no token":                                {"SE-06", `"R":{"Type":"AWS::ApiGatewayV2::Route","Properties":{"RouteKey":"GET /health"}}`, ""},
		"a preflight request has none":                         {"SE-06", `"M":{"Type":"AWS::ApiGateway::Method","Properties":{"HttpMethod":"OPTIONS","AuthorizationType":"NONE"}}`, ""},
		"an order does":                                        {"SE-06", `"R":{"Type":"AWS::ApiGatewayV2::Route","Properties":{"RouteKey":"GET /orders"}}`, "GET /orders needs no authorization"},
		"mail has no dead letters":                             {"FH-08", `"S":{"Type":"AWS::SNS::Subscription","Properties":{"Protocol":"email"}},"T":{"Type":"AWS::SNS::Subscription","Properties":{"Protocol":"lambda","RedrivePolicy":{}}}`, ""},
		"a dead-letter queue needs no dead-letter queue":       {"FH-01", `"D":{"Type":"AWS::SQS::Queue"},"Q":{"Type":"AWS::SQS::Queue","Properties":{"RedrivePolicy":{"maxReceiveCount":5,"deadLetterTargetArn":{"Fn::GetAtt":["D","Arn"]}}}}`, ""},
		"a bucket that says nothing is private":                {"SE-13", `"B":{"Type":"AWS::S3::Bucket","Properties":{"BucketEncryption":{}}},"P":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"B"},"PolicyDocument":{"Statement":[{"Effect":"Deny","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}}`, ""},
		"one that says it is public is not":                    {"SE-13", `"B":{"Type":"AWS::S3::Bucket","Properties":{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true}}}`, "it allows public access: BlockPublicPolicy"},
		"a log group by the function's name counts":            {"OB-01", fn + `,"L":{"Type":"AWS::Logs::LogGroup","Properties":{"RetentionInDays":30,"LogGroupName":{"Fn::Sub":"/aws/lambda/${F}"}}}`, ""},
		"data of an environment that is thrown away may go":    {"DA-02", `"T":{"Type":"AWS::DynamoDB::Table","Properties":{"Tags":[{"Key":"env","Value":"dev"}]}}`, ""},
		"an issuer nobody owns":                                {"DP-04", `"A":{"Type":"AWS::ApiGatewayV2::Authorizer","Properties":{"JwtConfiguration":{"Issuer":"https://issuer.example.com/"}}}`, "https://issuer.example.com/ is a placeholder"},
		"an issuer that only sounds like it":                   {"DP-04", `"A":{"Type":"AWS::ApiGatewayV2::Authorizer","Properties":{"JwtConfiguration":{"Issuer":"https://myexample.com/"}}}`, ""},
		"a schedule that invokes an alias invokes no function": {"RT-12", fn + `,"A":{"Type":"AWS::Lambda::Alias","Properties":{"FunctionName":{"Ref":"F"}}},"S":{"Type":"AWS::Scheduler::Schedule","Properties":{"Target":{"Arn":{"Ref":"A"}}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := judge(t, c.id, c.resources)
			if c.message == "" && len(outcome.Failures) > 0 {
				t.Errorf("it fails: %s", outcome.Failures[0].Message)
			}
			if c.message != "" && (len(outcome.Failures) == 0 || !strings.HasPrefix(outcome.Failures[0].Message, c.message)) {
				t.Errorf("it does not fail with %q: %+v", c.message, outcome)
			}
		})
	}
}

// Templates that nobody here wrote, where they are at hand: every resource that fails is one of the template's own.
func TestSamples(t *testing.T) {
	samples, err := filepath.Glob("../../../../shared/samples/cloudformation/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		template, err := cfn.Parse(sample, text)
		if err != nil {
			t.Fatal(err)
		}
		for id, rule := range rules.All() {
			for _, failure := range rule(&rules.Subject{Template: template, Policy: &quality.Policy{}}).Failures {
				if failure.Resource != nil && strings.HasPrefix(failure.Resource.ID, "Custom") {
					t.Errorf("%s: %s fails on %s, which CDK made", filepath.Base(sample), id, failure.Resource.ID)
				}
			}
		}
	}
}

// Whatever a template holds, a rule answers.
func FuzzRules(f *testing.F) {
	f.Add([]byte(`{"Resources":{` + fn + `}}`))
	f.Add([]byte(`{"Resources":{"P":{"Type":"AWS::IAM::Policy","Properties":{"PolicyDocument":{"Statement":[1,{"Effect":"Allow","Action":[{}],"Resource":[]}]}}},
		"Q":{"Type":"AWS::SQS::Queue","Properties":{"RedrivePolicy":"x"}},"A":{"Type":"AWS::Lambda::Alias","Properties":{"FunctionName":{"Ref":"A"}}},
		"S":{"Type":"AWS::Scheduler::Schedule","Properties":{"Target":{"Arn":{"Ref":"A"}}}},"T":{"Type":"AWS::DynamoDB::GlobalTable","Properties":{"Replicas":[3]}}}}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		template, err := cfn.Parse("t.json", text)
		if err != nil {
			return
		}
		for _, rule := range rules.All() {
			rule(&rules.Subject{Template: template, Policy: &quality.Policy{}})
		}
	})
}
