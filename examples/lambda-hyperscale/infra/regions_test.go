package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func strictestEnvironment(t *testing.T) *Environment {
	t.Helper()
	environments, err := loadEnvironments("config")
	if err != nil {
		t.Fatal(err)
	}
	return environments[slices.IndexFunc(environments, func(e *Environment) bool { return e.Name == strictest })]
}

func newTestApp(t *testing.T) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: flags(t)})
}

func TestEveryRegionServes(t *testing.T) {
	copies := strictestEnvironment(t).inEachRegion()
	if len(copies) < 2 {
		t.Fatalf("there are %d regions", len(copies))
	}
	for _, environment := range copies {
		template := assertions.Template_FromStack(newServiceStack(newTestApp(t), environment, "../dist"), nil)
		for _, kind := range []string{"AWS::ApiGateway::RestApi", "AWS::Events::EventBus", "AWS::Route53::HealthCheck", "AWS::Route53::RecordSet"} {
			if len(*template.FindResources(jsii.String(kind), nil)) == 0 {
				t.Errorf("%s has no %s", environment.Region, kind)
			}
		}
		for id, record := range *template.FindResources(jsii.String("AWS::Route53::RecordSet"), nil) {
			if properties(*record)["HealthCheckId"] == nil || properties(*record)["Region"] != environment.Region {
				t.Errorf("%s: record %s has no health check", environment.Region, id)
			}
		}
	}
}

func TestTheSecretCanBeReadInEveryRegion(t *testing.T) {
	for _, environment := range strictestEnvironment(t).inEachRegion() {
		template := assertions.Template_FromStack(newServiceStack(newTestApp(t), environment, "../dist"), nil)
		found := false
		for _, policy := range *template.FindResources(jsii.String("AWS::IAM::Policy"), nil) {
			for _, statement := range properties(*policy)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
				if statement.(map[string]any)["Action"] != "secretsmanager:GetSecretValue" {
					continue
				}
				found = true
				if name, isName := statement.(map[string]any)["Resource"].(string); isName && !strings.HasSuffix(name, "-??????") {
					t.Errorf("%s: the secret's ARN has no end: %s", environment.Region, name)
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing may read the secret", environment.Region)
		}
	}
}

func TestTheTableIsInEveryRegion(t *testing.T) {
	environment := strictestEnvironment(t)
	for id, table := range resources(t, strictest, "AWS::DynamoDB::GlobalTable") {
		if replicas := properties(table)["Replicas"].([]any); len(replicas) != 1+len(environment.OtherRegions) {
			t.Errorf("table %s is in %d regions", id, len(replicas))
		}
	}
}

func TestTheEdgeKnowsTheIssuer(t *testing.T) {
	environment := strictestEnvironment(t)
	template := assertions.Template_FromStack(newEdgeStack(newTestApp(t), environment), nil)
	for id, function := range *template.FindResources(jsii.String("AWS::CloudFront::Function"), nil) {
		code := properties(*function)["FunctionCode"].(string)
		if !strings.Contains(code, environment.Issuer) || strings.Contains(code, "TOKEN_") {
			t.Errorf("function %s refuses every token", id)
		}
		if len(code) > 10_000 {
			t.Errorf("function %s has %d bytes, and CloudFront takes 10,000", id, len(code))
		}
	}
}
