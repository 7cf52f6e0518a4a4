package main

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

// CDK validates every template that it synthesises, which takes seconds; `npm run synth` does it once, the tests do not.
func TestMain(m *testing.M) {
	_ = os.Setenv("CDK_VALIDATION", "false")
	jsii.Close() // The runtime copies the environment before main; closed, it will copy it again.
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// flags is the context of cdk.json, which the CDK command hands to the app and a test has to bring itself.
func flags(t *testing.T) *map[string]any {
	t.Helper()
	content, err := os.ReadFile("cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Context map[string]any `json:"context"`
	}
	if err := json.Unmarshal(content, &settings); err != nil {
		t.Fatal(err)
	}
	return &settings.Context
}

func testStack(t *testing.T, name string) awscdk.Stack {
	t.Helper()
	environments, err := loadEnvironments("config")
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(environments, func(e *Environment) bool { return e.Name == name })
	if at < 0 {
		t.Fatalf("there is no environment %s", name)
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: flags(t)})
	return newServiceStack(app, environments[at], "../dist")
}

func resources(t *testing.T, environment, kind string) map[string]map[string]any {
	t.Helper()
	template := assertions.Template_FromStack(testStack(t, environment), nil)
	found := map[string]map[string]any{}
	for id, resource := range *template.FindResources(jsii.String(kind), nil) {
		found[id] = *resource
	}
	if len(found) == 0 {
		t.Fatalf("there is no %s", kind)
	}
	return found
}

func properties(resource map[string]any) map[string]any {
	return resource["Properties"].(map[string]any)
}

func TestEnvironmentsAreStrict(t *testing.T) {
	dir := t.TempDir()
	if _, err := loadEnvironments(dir); err == nil {
		t.Error("a folder without environments is no error")
	}
	if err := os.WriteFile(filepath.Join(dir, "dev.json"), []byte(`{"acount":"1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadEnvironments(dir); err == nil {
		t.Error("a misspelt key is no error")
	}
}

// An alarm says what to do, and a runbook says for which alarms it is: `Name`, or `…Name` for all that end so.
func TestAlarmsAndRunbooksNameEachOther(t *testing.T) {
	runbooks, unused := readRunbooks(t)
	for id, alarm := range resources(t, "prod", "AWS::CloudWatch::Alarm") {
		if properties(alarm)["AlarmActions"] == nil {
			t.Errorf("alarm %s tells nobody", id)
		}
		_, url, _ := strings.Cut(properties(alarm)["AlarmDescription"].(string), " Runbook: ")
		file := path.Base(url)
		delete(unused, file)
		name := id[:len(id)-8] // CDK's hash
		if !slices.ContainsFunc(runbooks[file], func(named string) bool {
			suffix, isSuffix := strings.CutPrefix(named, "…")
			return name == named || isSuffix && strings.HasSuffix(name, suffix)
		}) {
			t.Errorf("alarm %s leads to %q, which is for %v", name, file, runbooks[file])
		}
	}
	for file := range unused {
		t.Errorf("no alarm leads to %s", file)
	}
}

var alarmName = regexp.MustCompile("`(…?[A-Z][A-Za-z]+)`")

// readRunbooks is the alarms that each runbook names in its line `Alarm: …`; unused is all runbooks with such a line.
func readRunbooks(t *testing.T) (runbooks map[string][]string, unused map[string]bool) {
	t.Helper()
	runbooks, unused = map[string][]string{}, map[string]bool{}
	files, err := filepath.Glob("../docs/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, about, ok := strings.Cut(string(content), "\nAlarm: ")
		if !ok {
			continue
		}
		about, _, _ = strings.Cut(about, "\n\n")
		for _, match := range alarmName.FindAllStringSubmatch(about, -1) {
			runbooks[filepath.Base(file)] = append(runbooks[filepath.Base(file)], match[1])
		}
		unused[filepath.Base(file)] = true
	}
	return runbooks, unused
}

func TestNoPermissionIsForEverything(t *testing.T) {
	for id, policy := range resources(t, "prod", "AWS::IAM::Policy") {
		document := properties(policy)["PolicyDocument"].(map[string]any)
		for _, statement := range document["Statement"].([]any) {
			text, err := json.Marshal(statement.(map[string]any)["Action"])
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "*") {
				t.Errorf("policy %s allows %s", id, text)
			}
		}
	}
}

func TestEveryRouteButTwoNeedsAToken(t *testing.T) {
	open := []string{"GET /health", "POST /webhooks/{provider}"}
	for id, route := range resources(t, "prod", "AWS::ApiGatewayV2::Route") {
		key := properties(route)["RouteKey"].(string)
		if isOpen := properties(route)["AuthorizerId"] == nil; isOpen != slices.Contains(open, key) {
			t.Errorf("route %s (%s): needs no token: %v", id, key, isOpen)
		}
		if properties(route)["AuthorizerId"] != nil && properties(route)["AuthorizationScopes"] == nil {
			t.Errorf("route %s (%s) asks for no scope", id, key)
		}
	}
}

func TestEveryQueueKeepsItsDeadLetters(t *testing.T) {
	for id, queue := range resources(t, "prod", "AWS::SQS::Queue") {
		p := properties(queue)
		isDeadLetterQueue := p["RedriveAllowPolicy"] != nil
		if isDeadLetterQueue && p["MessageRetentionPeriod"] != float64(deadLetterDays*24*60*60) {
			t.Errorf("dead-letter queue %s keeps its messages for %v s", id, p["MessageRetentionPeriod"])
		}
		if !isDeadLetterQueue && p["RedrivePolicy"] == nil {
			t.Errorf("queue %s has no dead-letter queue", id)
		}
	}
}

func TestDataIsProtectedWhereItMatters(t *testing.T) {
	for environment, want := range map[string]string{"dev": "Delete", "staging": "Retain", "prod": "Retain"} {
		for id, table := range resources(t, environment, "AWS::DynamoDB::GlobalTable") {
			if table["DeletionPolicy"] != want {
				t.Errorf("%s: the deletion policy of %s is %v, want %s", environment, id, table["DeletionPolicy"], want)
			}
		}
	}
}
