package constructs

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestFunction(t *testing.T) {
	f := newFixture(t)
	NewFunction(f.stack, "Work", f.function(true)).Allow([]string{"arn:aws:sqs:eu-west-1:111111111111:q"}, "sqs:SendMessage")

	f.has(t, "AWS::Lambda::Function", map[string]any{
		"Runtime": "nodejs24.x", "Architectures": []any{"arm64"}, "MemorySize": 512, "Timeout": 30,
		"TracingConfig": map[string]any{"Mode": "Active"}, "Environment": map[string]any{"Variables": map[string]any{"A": "1"}},
		"LoggingConfig": map[string]any{"LogFormat": "JSON"},
	})
	f.has(t, "AWS::Logs::LogGroup", map[string]any{"RetentionInDays": 30})
	f.has(t, "AWS::Lambda::Alias", map[string]any{"Name": "live"})
	f.has(t, "AWS::IAM::Policy", map[string]any{"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
		map[string]any{"Action": "sqs:SendMessage", "Effect": "Allow", "Resource": "arn:aws:sqs:eu-west-1:111111111111:q"},
	})}})
	f.count(t, "AWS::CloudWatch::Alarm", 0)
}

func TestNothingMayDoEverything(t *testing.T) {
	f := newFixture(t)
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	for id, policy := range *assertions.Template_FromStack(f.stack, nil).FindResources(jsii.String("AWS::IAM::Policy"), nil) {
		document := (*policy)["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)
		for _, statement := range document["Statement"].([]any) {
			actions, isList := statement.(map[string]any)["Action"].([]any)
			if !isList {
				actions = []any{statement.(map[string]any)["Action"]}
			}
			for _, action := range actions {
				if strings.Contains(action.(string), "*") {
					t.Errorf("%s allows %s", id, action)
				}
			}
		}
	}
}
