package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestTopic(t *testing.T) {
	f := newFixture(t)
	queue := NewQueue(f.stack, "Work", &QueueProps{Name: "test-work", Alarms: f.alarms, ConsumerTimeout: 30, MaxReceiveCount: 5, MaxAge: 300, DeadLetterRetentionDays: 14})
	NewTopic(f.stack, "News", &TopicProps{Name: "test-news", Queue: queue, Alarms: f.alarms, DeadLetterRetentionDays: 14})

	f.has(t, "AWS::SNS::Subscription", map[string]any{
		"Protocol": "sqs", "RawMessageDelivery": true, "RedrivePolicy": map[string]any{"deadLetterTargetArn": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::SNS::Topic", map[string]any{"TopicName": "test-news", "KmsMasterKeyId": assertions.Match_AnyValue()})
	f.has(t, "AWS::SQS::QueuePolicy", map[string]any{"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
		assertions.Match_ObjectLike(&map[string]any{"Action": "sqs:SendMessage", "Principal": map[string]any{"Service": "sns.amazonaws.com"}}),
	})}})
}
