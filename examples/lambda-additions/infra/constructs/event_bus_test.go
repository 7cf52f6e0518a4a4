package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestEventBus(t *testing.T) {
	f := newFixture(t)
	bus := NewEventBus(f.stack, "Events", &EventBusProps{Alarms: f.alarms, Name: "test", Source: "orders", RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: 14})
	bus.Route("order.created", NewDeadLetters(f.stack, "Target", &DeadLettersProps{Alarms: f.alarms, RetentionDays: 14, Name: "target", Of: "a test"}))

	f.has(t, "AWS::Events::Rule", map[string]any{
		"EventPattern": map[string]any{"source": []any{"orders"}, "detail-type": []any{"order.created"}},
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"InputPath": "$.detail", "DeadLetterConfig": assertions.Match_AnyValue(), "RetryPolicy": map[string]any{"MaximumRetryAttempts": 185},
		})},
	})
}
