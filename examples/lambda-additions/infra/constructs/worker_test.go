package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestWorker(t *testing.T) {
	f := newFixture(t)
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "test-work", MaxReceiveCount: 5, MaxConcurrency: 10, MaxAge: 300})

	f.has(t, "AWS::SQS::Queue", map[string]any{
		"QueueName": "test-work", "VisibilityTimeout": 180, "SqsManagedSseEnabled": true, "RedrivePolicy": map[string]any{"maxReceiveCount": 5},
	})
	f.has(t, "AWS::SQS::Queue", map[string]any{
		"QueueName": "test-work-dead-letters", "MessageRetentionPeriod": 1209600,
		"RedriveAllowPolicy": map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::Lambda::EventSourceMapping", map[string]any{
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"}, "ScalingConfig": map[string]any{"MaximumConcurrency": 10},
	})
}
