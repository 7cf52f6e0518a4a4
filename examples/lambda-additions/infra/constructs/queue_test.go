package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestQueueWithoutAWorker(t *testing.T) {
	f := newFixture(t)
	NewQueue(f.stack, "Imports", &QueueProps{Name: "test-imports", Alarms: f.alarms, ConsumerTimeout: 30, MaxReceiveCount: 5, MaxAge: 300, DeadLetterRetentionDays: 14})

	f.has(t, "AWS::SQS::Queue", map[string]any{"QueueName": "test-imports", "VisibilityTimeout": 180, "RedrivePolicy": map[string]any{"maxReceiveCount": 5}})
	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{"Threshold": 300, "Period": 60, "EvaluationPeriods": 3, "AlarmDescription": assertions.Match_StringLikeRegexp(jsii.String("queue test-imports has waited"))})
}

func TestAWorkerCanReadAQueueThatIsThere(t *testing.T) {
	f := newFixture(t)
	queue := NewQueue(f.stack, "Imports", &QueueProps{Name: "test-imports", Alarms: f.alarms, ConsumerTimeout: 30, MaxReceiveCount: 5, MaxAge: 300, DeadLetterRetentionDays: 14})
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), Source: queue, MaxReceiveCount: 5, MaxConcurrency: 2})

	f.count(t, "AWS::SQS::Queue", 2)
	f.count(t, "AWS::Lambda::EventSourceMapping", 1)
}
