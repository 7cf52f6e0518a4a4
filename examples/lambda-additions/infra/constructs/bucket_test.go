package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestBucket(t *testing.T) {
	f := newFixture(t)
	bus := NewEventBus(f.stack, "Events", &EventBusProps{Alarms: f.alarms, Name: "test", Source: "orders", RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: 14})
	queue := NewQueue(f.stack, "Work", &QueueProps{Name: "test-work", Alarms: f.alarms, ConsumerTimeout: 30, MaxReceiveCount: 5, MaxAge: 300, DeadLetterRetentionDays: 14})
	NewBucket(f.stack, "Uploads", &BucketProps{Bus: bus, Queue: queue.Queue, VersionDays: 35, IsProtected: true})

	f.has(t, "AWS::S3::Bucket", map[string]any{
		"NotificationConfiguration":      map[string]any{"EventBridgeConfiguration": map[string]any{"EventBridgeEnabled": true}},
		"PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": true, "RestrictPublicBuckets": true},
		"VersioningConfiguration":        map[string]any{"Status": "Enabled"},
		"LoggingConfiguration":           assertions.Match_AnyValue(),
	})
	f.has(t, "AWS::Events::Rule", map[string]any{
		"EventPattern": map[string]any{"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"}},
		"EventBusName": assertions.Match_Absent(),
		"Targets":      []any{assertions.Match_ObjectLike(&map[string]any{"InputPath": "$.detail", "DeadLetterConfig": assertions.Match_AnyValue()})},
	})
	f.count(t, "AWS::Lambda::Function", 0)
}
