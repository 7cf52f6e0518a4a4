package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// QueueProps describes a queue and its dead-letter queue.
type QueueProps struct {
	// Name is fixed, so that the dead-letter queue can say which queue may fill it.
	Name   string
	Alarms *Alarms
	// ConsumerTimeout is how long its consumer may take for a batch, in seconds.
	ConsumerTimeout float64
	// MaxReceiveCount is how often a message is tried.
	MaxReceiveCount float64
	// MaxAge is in seconds: a message that has waited for longer wakes somebody up.
	MaxAge float64
	// DeadLetterRetentionDays is how long dead letters are kept, 14 at most.
	DeadLetterRetentionDays float64
	// Key encrypts the messages; without one SQS does with its own.
	Key awskms.IKey
}

// Queue is a queue with its dead-letter queue.
type Queue struct {
	Queue       awssqs.Queue
	DeadLetters awssqs.Queue
}

// NewQueue makes a queue for which there is no worker yet, or one of another service.
func NewQueue(scope constructs.Construct, id string, props *QueueProps) *Queue {
	return newQueue(constructs.NewConstruct(scope, jsii.String(id)), props)
}

func newQueue(scope constructs.Construct, props *QueueProps) *Queue {
	deadLetters := NewDeadLetters(scope, "DeadLetters", &DeadLettersProps{
		Alarms: props.Alarms, RetentionDays: props.DeadLetterRetentionDays,
		Name:   props.Name + "-dead-letters",
		Of:     "queue " + props.Name,
		Key:    props.Key,
		Source: reference(scope, props.Name),
	})
	queue := awssqs.NewQueue(scope, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName:           jsii.String(props.Name),
		Encryption:          encryption(props.Key),
		EncryptionMasterKey: props.Key,
		EnforceSSL:          jsii.Bool(true),
		// Six times the timeout, as AWS advises: a batch is not handed out twice while it is still being handled.
		VisibilityTimeout: seconds(6 * props.ConsumerTimeout),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: deadLetters, MaxReceiveCount: jsii.Number(props.MaxReceiveCount)},
	})
	props.Alarms.Add(queue, "Age", &AlarmProps{
		Summary:   fmt.Sprintf("The oldest message of queue %s has waited for over %g s.", props.Name, props.MaxAge),
		Runbook:   "queue-age",
		Metric:    queue.MetricApproximateAgeOfOldestMessage(statistic("Maximum", minutes(1))),
		Threshold: props.MaxAge,
		Periods:   3,
	})
	return &Queue{Queue: queue, DeadLetters: deadLetters}
}

// reference is the queue by its name alone; a reference to the resource would be a circle.
func reference(scope constructs.Construct, name string) awssqs.IQueue {
	arn := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{Service: jsii.String("sqs"), Resource: jsii.String(name)})
	return awssqs.Queue_FromQueueArn(scope, jsii.String("QueueReference"), arn)
}
