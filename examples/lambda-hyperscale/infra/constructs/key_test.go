package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestKeyEncryptsEverything(t *testing.T) {
	f := newFixture(t)
	key := NewKey(f.stack, "Key", &KeyProps{Alias: "test", IsProtected: true})
	f.defaults.Key = key
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	NewTable(f.stack, "Table", &TableProps{Alarms: f.alarms, Key: key, MaxReadUnits: 10, MaxWriteUnits: 20, RecoveryDays: 35})
	NewEventBus(f.stack, "Events", &EventBusProps{Alarms: f.alarms, Key: key, Name: "test", Source: "orders", RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: 14})

	some := assertions.Match_AnyValue()
	f.has(t, "AWS::KMS::Key", map[string]any{"EnableKeyRotation": true})
	f.has(t, "AWS::IAM::Policy", map[string]any{"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
		assertions.Match_ObjectLike(&map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{
			"kms:ViaService": assertions.Match_ArrayWith(&[]any{"dynamodb.eu-west-1.amazonaws.com"}),
		}}}),
	})}})
	f.has(t, "AWS::SQS::Queue", map[string]any{"QueueName": "q", "KmsMasterKeyId": some})
	f.has(t, "AWS::SQS::Queue", map[string]any{"QueueName": "q-dead-letters", "KmsMasterKeyId": some})
	f.has(t, "AWS::Lambda::Function", map[string]any{"KmsKeyArn": some})
	f.has(t, "AWS::Logs::LogGroup", map[string]any{"KmsKeyId": some})
	f.has(t, "AWS::Events::EventBus", map[string]any{"KmsKeyIdentifier": some})
	f.has(t, "AWS::DynamoDB::GlobalTable", map[string]any{"SSESpecification": map[string]any{"SSEEnabled": true, "SSEType": "KMS"}})
}
