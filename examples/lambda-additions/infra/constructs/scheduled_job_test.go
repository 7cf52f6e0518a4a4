package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestScheduledJob(t *testing.T) {
	f := newFixture(t)
	NewScheduledJob(f.stack, "Work", &ScheduledJobProps{
		Function: f.function(false), DeadLettersName: "test-failed", EveryMinutes: 15, RetryAttempts: 2, MaxAgeMinutes: 60,
	})

	f.has(t, "AWS::Scheduler::Schedule", map[string]any{
		"ScheduleExpression": "rate(15 minutes)",
		"Target": map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(), "RetryPolicy": map[string]any{"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
		},
	})
	f.has(t, "AWS::Lambda::EventInvokeConfig", map[string]any{
		"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600, "DestinationConfig": map[string]any{"OnFailure": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"})
}
