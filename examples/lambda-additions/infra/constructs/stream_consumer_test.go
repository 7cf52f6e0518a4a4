package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestStreamConsumer(t *testing.T) {
	f := newFixture(t)
	NewStreamConsumer(f.stack, "Work", &StreamConsumerProps{
		Function: f.function(false), Table: f.table(), Filter: map[string]any{"eventName": []string{"INSERT"}},
		DeadLettersName: "test-unpublished", MaxLag: 60, RetryAttempts: 5, MaxAgeMinutes: 60,
	})

	f.has(t, "AWS::Lambda::EventSourceMapping", map[string]any{
		"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 5, "MaximumRecordAgeInSeconds": 3600,
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"}, "FilterCriteria": map[string]any{"Filters": []any{map[string]any{"Pattern": `{"eventName":["INSERT"]}`}}},
		"DestinationConfig": map[string]any{"OnFailure": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::SQS::Queue", map[string]any{"QueueName": "test-unpublished", "RedriveAllowPolicy": map[string]any{"redrivePermission": "denyAll"}})
}
