package main

import (
	"encoding/json"
	"os"
	"path/filepath"
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

// strictest is the environment that the tests look at.
const strictest = "prod"

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

func TestNoPermissionIsForEverything(t *testing.T) {
	for id, policy := range resources(t, strictest, "AWS::IAM::Policy") {
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

func TestEveryQueueKeepsItsDeadLetters(t *testing.T) {
	for id, queue := range resources(t, strictest, "AWS::SQS::Queue") {
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
