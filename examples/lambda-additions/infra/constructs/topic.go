package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TopicProps describes a topic whose messages wait in a queue.
type TopicProps struct {
	Name string
	// Queue is where its messages go, as they were published.
	Queue  *Queue
	Alarms *Alarms
	// DeadLetterRetentionDays is how long messages that reached no queue are kept, 14 at most.
	DeadLetterRetentionDays float64
	// Key encrypts the messages; without one SNS does with its own.
	Key awskms.IKey
}

// NewTopic makes the topic. Between it and its function there is a queue, because SNS itself forgets what a function fails at.
func NewTopic(scope constructs.Construct, id string, props *TopicProps) awssns.Topic {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	key := props.Key
	if key == nil {
		key = awskms.Alias_FromAliasName(scope, jsii.String("Key"), jsii.String("alias/aws/sns"))
	}
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String(props.Name), MasterKey: key, EnforceSSL: jsii.Bool(true)})
	undelivered := NewDeadLetters(scope, "Undelivered", &DeadLettersProps{
		Alarms: props.Alarms, RetentionDays: props.DeadLetterRetentionDays, Name: props.Name + "-undelivered", Of: "topic " + props.Name, Key: props.Key,
	})
	// CDK's own subscription would let the topic use the key, by the topic's ARN, and the topic needs the key: a circle.
	awssns.NewCfnSubscription(scope, jsii.String("Subscription"), &awssns.CfnSubscriptionProps{
		TopicArn:           topic.TopicArn(),
		Protocol:           jsii.String("sqs"),
		Endpoint:           props.Queue.Queue.QueueArn(),
		RawMessageDelivery: jsii.Bool(true),
		RedrivePolicy:      map[string]any{"deadLetterTargetArn": undelivered.QueueArn()},
	})
	for _, queue := range []awssqs.Queue{props.Queue.Queue, undelivered} {
		queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)},
			Actions:    jsii.Strings("sqs:SendMessage"),
			Resources:  &[]*string{queue.QueueArn()},
			Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic.TopicArn()}},
		}))
	}
	return topic
}
