package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// addNotifyFunction handles the messages of a topic. Who publishes to it finds its ARN in the stack's outputs.
func (s *service) addNotifyFunction() {
	worker := s.newWorker("Notify", "notify", "Handles the messages of a topic", nil)
	topic := parts.NewTopic(s.stack, "NotifyTopic", &parts.TopicProps{
		Name: s.name + "-notify", Queue: worker.Queue, Alarms: s.alarms, DeadLetterRetentionDays: deadLetterDays,
	})
	awscdk.NewCfnOutput(s.stack, jsii.String("NotifyTopicArn"), &awscdk.CfnOutputProps{Value: topic.TopicArn()})
}
