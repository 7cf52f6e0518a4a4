package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// WorkerProps describes a queue and the function that empties it.
type WorkerProps struct {
	Function *FunctionProps
	// QueueName is fixed, so that the dead-letter queue can say which queue may fill it.
	QueueName string
	// MaxReceiveCount is how often a message is tried.
	MaxReceiveCount float64
	// MaxConcurrency protects what the function calls; at least 2.
	MaxConcurrency float64
	// Pollers, if there are any, are always there to empty the queue, and ten times as many at most; MaxConcurrency is 0 then.
	Pollers float64
	// MaxAge is in seconds: a message that has waited for longer wakes somebody up.
	MaxAge float64
}

// Worker is a queue with its dead-letter queue and the function that handles its messages one by one.
type Worker struct {
	*Function
	Queue       awssqs.Queue
	DeadLetters awssqs.Queue
}

// NewWorker makes both queues and connects the function.
func NewWorker(scope constructs.Construct, id string, props *WorkerProps) *Worker {
	function := NewFunction(scope, id, props.Function)
	alarms := props.Function.Alarms
	deadLetters := NewDeadLetters(function.scope, "DeadLetters", &DeadLettersProps{
		Alarms: alarms, RetentionDays: props.Function.DeadLetterRetentionDays,
		Name:   props.QueueName + "-dead-letters",
		Of:     "queue " + props.QueueName,
		Key:    props.Function.Key,
		Source: reference(function.scope, props.QueueName),
	})
	queue := awssqs.NewQueue(function.scope, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName:           jsii.String(props.QueueName),
		Encryption:          encryption(props.Function.Key),
		EncryptionMasterKey: props.Function.Key,
		EnforceSSL:          jsii.Bool(true),
		// Six times the timeout, as AWS advises: a batch is not handed out twice while it is still being handled.
		VisibilityTimeout: seconds(6 * props.Function.Timeout),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: deadLetters, MaxReceiveCount: jsii.Number(props.MaxReceiveCount)},
	})
	worker := &Worker{Function: function, Queue: queue, DeadLetters: deadLetters}
	worker.connect(props)
	alarms.Add(queue, "Age", &AlarmProps{
		Summary:   fmt.Sprintf("The oldest message of queue %s has waited for over %g s.", props.QueueName, props.MaxAge),
		Runbook:   "queue-age",
		Metric:    queue.MetricApproximateAgeOfOldestMessage(statistic("Maximum", minutes(1))),
		Threshold: props.MaxAge,
		Periods:   3,
	})
	return worker
}

func (w *Worker) connect(props *WorkerProps) {
	source := &awslambdaeventsources.SqsEventSourceProps{
		BatchSize:               jsii.Number(10),
		MaxConcurrency:          positive(props.MaxConcurrency),
		ReportBatchItemFailures: jsii.Bool(true),
	}
	if props.Pollers > 0 {
		source.ProvisionedPollerConfig = &awslambda.ProvisionedPollerConfig{
			MinimumPollers: jsii.Number(props.Pollers), MaximumPollers: jsii.Number(10 * props.Pollers),
		}
	}
	w.alias.AddEventSource(awslambdaeventsources.NewSqsEventSource(w.Queue, source))
	w.Allow([]string{*w.DeadLetters.QueueArn()}, "sqs:SendMessage")
	w.fn.AddEnvironment(jsii.String("QUEUE_URL"), w.Queue.QueueUrl(), nil)
	w.fn.AddEnvironment(jsii.String("DEAD_LETTER_QUEUE_URL"), w.DeadLetters.QueueUrl(), nil)
	w.fn.AddEnvironment(jsii.String("MAX_RECEIVE_COUNT"), jsii.String(fmt.Sprint(props.MaxReceiveCount)), nil)
}

// reference is the queue by its name alone; a reference to the resource would be a circle.
func reference(scope constructs.Construct, name string) awssqs.IQueue {
	arn := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{Service: jsii.String("sqs"), Resource: jsii.String(name)})
	return awssqs.Queue_FromQueueArn(scope, jsii.String("QueueReference"), arn)
}
