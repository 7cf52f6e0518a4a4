package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DeadLettersProps describes a queue for what could not be delivered or handled.
type DeadLettersProps struct {
	Alarms *Alarms
	// Name is what whoever is called at night looks for.
	Name string
	// Of says in the alarm where the messages come from.
	Of string
	// RetentionDays is how long they are kept, 14 at most.
	RetentionDays float64
	// Key encrypts the messages; without one SQS does with its own.
	Key awskms.IKey
	// Source is the queue whose redrive policy may fill this one; without it no queue may.
	Source awssqs.IQueue
}

// NewDeadLetters makes the queue, and the alarm that goes off with its first message.
func NewDeadLetters(scope constructs.Construct, id string, props *DeadLettersProps) awssqs.Queue {
	queue := awssqs.NewQueue(scope, jsii.String(id), &awssqs.QueueProps{
		QueueName:           jsii.String(props.Name),
		Encryption:          encryption(props.Key),
		EncryptionMasterKey: props.Key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     days(props.RetentionDays),
		RedriveAllowPolicy:  allowRedriveFrom(props.Source),
	})
	props.Alarms.Add(queue, "Alarm", &AlarmProps{
		Summary:   fmt.Sprintf("There are dead letters of %s in queue %s.", props.Of, props.Name),
		Runbook:   "dead-letters",
		Metric:    queue.MetricApproximateNumberOfMessagesVisible(deadLetterCount()),
		Threshold: 1,
		AtLeast:   true,
	})
	return queue
}

func encryption(key awskms.IKey) awssqs.QueueEncryption {
	if key == nil {
		return awssqs.QueueEncryption_SQS_MANAGED
	}
	return awssqs.QueueEncryption_KMS
}

func deadLetterCount() *awscloudwatch.MetricOptions { return statistic("Maximum", minutes(1)) }

func allowRedriveFrom(source awssqs.IQueue) *awssqs.RedriveAllowPolicy {
	if source == nil {
		return &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_DENY_ALL}
	}
	return &awssqs.RedriveAllowPolicy{SourceQueues: &[]awssqs.IQueue{source}}
}
