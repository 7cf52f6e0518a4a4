//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/quality/rules"
)

// stack is the resources of a template that mutations change.
type stack map[string]map[string]any

// one is the first resource of a type whose logical id starts so.
func (s stack) one(kind, prefix string) map[string]any {
	var ids []string
	for id, resource := range s {
		if resource["Type"] == kind && strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		panic(fmt.Sprintf("the template has no %s %s", kind, prefix))
	}
	slices.Sort(ids)
	return s[ids[0]]
}

func (s stack) properties(kind, prefix string) map[string]any {
	return s.one(kind, prefix)["Properties"].(map[string]any)
}

func (s stack) remove(kind string) {
	for id, resource := range s {
		if resource["Type"] == kind {
			delete(s, id)
		}
	}
}

func (s stack) add(kind string, properties map[string]any) {
	s["Added"] = map[string]any{"Type": kind, "Properties": properties}
}

func (s stack) isREST() bool {
	for _, resource := range s {
		if resource["Type"] == "AWS::ApiGateway::RestApi" {
			return true
		}
	}
	return false
}

// stage is the settings of the API's stage.
func (s stack) stage() map[string]any {
	if s.isREST() {
		return s.properties("AWS::ApiGateway::Stage", "")
	}
	return s.properties("AWS::ApiGatewayV2::Stage", "")
}

// route is the settings of a route with the key of an HTTP API, or of the first protected one with the method of a REST API.
func (s stack) route(key, method string) map[string]any {
	for _, resource := range s {
		properties, _ := resource["Properties"].(map[string]any)
		if properties["RouteKey"] == key || resource["Type"] == "AWS::ApiGateway::Method" && properties["HttpMethod"] == method && properties["AuthorizerId"] != nil {
			return properties
		}
	}
	panic("the template has no route " + key)
}

// property is a mutation that takes a property away, or changes it to a value.
func property(kind, prefix, name string, value any) func(stack) {
	return func(s stack) {
		properties := s.properties(kind, prefix)
		if value == nil {
			delete(properties, name)
		} else {
			properties[name] = value
		}
	}
}

// The day of the rules' dates.
const today, soon = "2026-11-23", "2027-05-23"

const (
	function = "AWS::Lambda::Function"
	mapping  = "AWS::Lambda::EventSourceMapping"
	queue    = "AWS::SQS::Queue"
	table    = "AWS::DynamoDB::GlobalTable"
)

func replica(name string, value any) func(stack) {
	return func(s stack) {
		s.properties(table, "")["Replicas"].([]any)[0].(map[string]any)[name] = value
	}
}

func statement(change func(map[string]any)) func(stack) {
	return func(s stack) {
		statements := s.properties("AWS::IAM::Policy", "PlaceOrder")["PolicyDocument"].(map[string]any)["Statement"].([]any)
		change(statements[len(statements)-1].(map[string]any))
	}
}

// deletions takes each control out of the project, one at a time.
var deletions = map[string]func(stack){
	"RT-01": property(function, "", "Runtime", "nodejs20.x"),
	"RT-17": property(function, "", "Runtime", "nodejs22.x"),
	"RT-02": property(function, "", "Architectures", nil),
	"RT-03": property(function, "", "MemorySize", nil),
	"RT-04": property(function, "PlaceOrder", "Timeout", 29.0),
	"RT-05": property(queue, "ProcessOrderQueue", "VisibilityTimeout", 30.0),
	"RT-12": func(s stack) {
		target := s.properties("AWS::Scheduler::Schedule", "")["Target"].(map[string]any)
		for id, resource := range s {
			if resource["Type"] == function && strings.HasPrefix(id, "ReconcileOrders") {
				target["Arn"] = map[string]any{"Fn::GetAtt": []any{id, "Arn"}}
			}
		}
	},
	"RT-13": func(s stack) {
		properties := s.properties(mapping, "ProcessOrder")
		delete(properties, "ScalingConfig")
		delete(properties, "ProvisionedPollerConfig")
	},
	"FH-01": property(queue, "ProcessOrderQueue", "RedrivePolicy", nil),
	"FH-02": property(queue, "ProcessOrderDeadLetters", "MessageRetentionPeriod", nil),
	"FH-03": property(mapping, "ProcessOrder", "FunctionResponseTypes", nil),
	"FH-04": property(mapping, "PublishEvents", "BisectBatchOnFunctionError", nil),
	"FH-05": property(mapping, "ProcessOrder", "DestinationConfig", map[string]any{}),
	"FH-06": func(s stack) { s.remove("AWS::Lambda::EventInvokeConfig") },
	"FH-07": func(s stack) {
		delete(s.properties("AWS::Events::Rule", "")["Targets"].([]any)[0].(map[string]any), "RetryPolicy")
	},
	"FH-08": func(s stack) { s.add("AWS::SNS::Subscription", map[string]any{"Protocol": "sqs"}) },
	"SE-01": statement(func(st map[string]any) { st["Action"] = "dynamodb:*" }),
	"SE-02": statement(func(st map[string]any) { st["Resource"] = "*" }),
	"SE-03": property("AWS::IAM::Role", "PlaceOrder", "ManagedPolicyArns", []any{"arn:aws:iam::aws:policy/AdministratorAccess"}),
	"SE-04": func(s stack) {
		s.properties(function, "GetOrder")["Role"] = s.properties(function, "PlaceOrder")["Role"]
	},
	"SE-05": property("AWS::Lambda::Permission", "", "SourceArn", nil),
	"SE-06": func(s stack) {
		s.route("POST /orders", "POST")["AuthorizationType"] = "NONE"
	},
	"SE-07": func(s stack) {
		if s.isREST() { // A REST API's authorizer is a function, and the functions ask for scopes.
			s.add("AWS::ApiGatewayV2::Authorizer", map[string]any{"AuthorizerType": "JWT", "JwtConfiguration": map[string]any{"Issuer": "https://a.example.net"}})
			return
		}
		delete(s.route("POST /orders", "POST"), "AuthorizationScopes")
	},
	"SE-08": func(s stack) { s.add("AWS::Lambda::Url", map[string]any{"AuthType": "NONE"}) },
	"SE-11": func(s stack) { s.remove("AWS::SQS::QueuePolicy") },
	"SE-13": func(s stack) { s.add("AWS::S3::Bucket", map[string]any{}) },
	"SE-15": func(s stack) {
		stage := s.stage()
		delete(stage, "DefaultRouteSettings")
		delete(stage, "MethodSettings")
	},
	"OB-01": func(s stack) { s.properties("AWS::Logs::LogGroup", "PlaceOrder")["RetentionInDays"] = 1.0 },
	"OB-02": func(s stack) {
		s.properties(function, "")["LoggingConfig"].(map[string]any)["LogFormat"] = "Text"
	},
	"OB-03": func(s stack) {
		stage := s.stage()
		delete(stage, "AccessLogSettings")
		delete(stage, "AccessLogSetting")
	},
	"OB-04": property(function, "", "TracingConfig", nil),
	"OB-05": func(s stack) {
		for id, resource := range s {
			if resource["Type"] == "AWS::CloudWatch::Alarm" && strings.HasPrefix(id, "PlaceOrderErrors") {
				delete(s, id)
			}
		}
	},
	"RT-11": property("AWS::Lambda::Alias", "PlaceOrder", "ProvisionedConcurrencyConfig", nil),
	"RT-15": property(function, "PlaceOrder", "ReservedConcurrentExecutions", nil),
	"SE-10": property("AWS::SecretsManager::Secret", "", "KmsKeyId", nil),
	"SE-12": property("AWS::Logs::LogGroup", "PlaceOrder", "KmsKeyId", nil),
	"SE-14": func(s stack) { s.remove("AWS::WAFv2::WebACLAssociation") },
	"SE-19": property(function, "PlaceOrder", "CodeSigningConfigArn", nil),
	"SE-20": property("AWS::IAM::Role", "PlaceOrder", "PermissionsBoundary", nil),
	"RT-16": func(s stack) {
		properties := s.properties(mapping, "ProcessOrder")
		delete(properties, "ProvisionedPollerConfig")
		properties["ScalingConfig"] = map[string]any{"MaximumConcurrency": 10.0}
	},
	"SE-16": func(s stack) { s.add("AWS::ApiGateway::DomainName", map[string]any{"SecurityPolicy": "TLS_1_0"}) },
	"DA-05": func(s stack) {
		properties := s.properties(table, "")
		properties["Replicas"] = properties["Replicas"].([]any)[:1]
	},
	"RE-01": func(s stack) { s.remove("AWS::Route53::RecordSet") },
	"RE-02": func(s stack) {
		s.add("AWS::CloudFront::Distribution", map[string]any{"DistributionConfig": map[string]any{
			"WebACLId": "acl", "ViewerCertificate": map[string]any{"MinimumProtocolVersion": "TLSv1.2_2021"},
		}})
	},
	"OB-08": func(s stack) { s.remove("AWS::ApplicationSignals::ServiceLevelObjective") },
	"OB-09": func(s stack) { s.remove("AWS::CloudWatch::CompositeAlarm") },
	"DA-04": func(s stack) { s.remove("AWS::Backup::BackupSelection") },
	"OB-06": property("AWS::CloudWatch::Alarm", "", "AlarmActions", nil),
	"OB-07": func(s stack) { s.remove("AWS::CloudWatch::Dashboard") },
	"DA-01": replica("PointInTimeRecoverySpecification", nil),
	"DA-02": replica("DeletionProtectionEnabled", false),
	"DA-03": property(table, "", "WriteOnDemandThroughputSettings", nil),
	"DP-01": func(s stack) { delete(s.one("AWS::Lambda::Alias", ""), "UpdatePolicy") },
	"DP-02": func(s stack) { s.remove("AWS::Budgets::Budget") },
	"DP-03": property(function, "", "Tags", nil),
}

// TestDeletion takes every control of a level out of the level's project, one after the other. The check has to fail on
// that control and on no other; on the untouched project it has to pass.
func TestDeletion(t *testing.T) {
	for _, level := range levels {
		t.Run(level.name, func(t *testing.T) { deleteEach(t, level) })
	}
}

func deleteEach(t *testing.T, level level) {
	t.Helper()
	text, err := os.ReadFile(level.template(t))
	if err != nil {
		t.Fatal(err)
	}
	controls := controlsOf(t, level)
	if failed := failing(t, level, controls, text); len(failed) > 0 {
		t.Fatalf("the untouched project fails on %v", failed)
	}
	noticed, all := 0, 0
	for _, control := range controls {
		if rules.All()[control.ID] == nil {
			continue
		}
		all++
		mutate, ok := deletions[control.ID]
		if !ok {
			t.Errorf("%s is taken out by nothing", control.ID)
			continue
		}
		failed := failing(t, level, controls, mutated(t, text, mutate))
		verdict := "noticed"
		if slices.Equal(failed, []string{control.ID}) {
			noticed++
		} else {
			verdict = "missed"
			t.Errorf("without %s (%s) the check fails on %v", control.ID, control.Title, failed)
		}
		t.Logf("%-6s %-8s %s", control.ID, verdict, control.Title)
	}
	t.Logf("deletion score of %s: %d of %d controls", level.name, noticed, all)
}

// controlsOf is the controls of the level, of any severity, without the one that a fresh project breaks on purpose:
// its placeholders are to be replaced.
func controlsOf(t *testing.T, level level) []quality.Control {
	t.Helper()
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	controls, err := quality.Controls()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(controls, func(c quality.Control) bool {
		return c.ID == "DP-04" || catalogue.Severity(c, level.name) == quality.SeverityNone
	})
}

func mutated(t *testing.T, text []byte, mutate func(stack)) []byte {
	t.Helper()
	var document struct{ Resources stack }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	mutate(document.Resources)
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// failing is the ids of those of the controls that fail.
func failing(t *testing.T, level level, controls []quality.Control, text []byte) []string {
	t.Helper()
	template, err := cfn.Parse("template.json", text)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := catalogue.Policy(level.name)
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, control := range controls {
		judge, isAboutTemplates := rules.All()[control.ID]
		if !isAboutTemplates {
			continue
		}
		if len(judge(&rules.Subject{Template: template, Policy: policy, Today: today, Soon: soon}).Failures) > 0 {
			failed = append(failed, control.ID)
		}
	}
	slices.Sort(failed)
	return failed
}
