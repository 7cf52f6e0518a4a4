package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// WorkerProps describes a queue and the function that empties it.
type WorkerProps struct {
	Function *FunctionProps
	// Source is the queue, where it is there already; then QueueName and MaxAge are not needed.
	Source *Queue
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
	*Queue
}

// NewWorker makes both queues, if they are not there, and connects the function.
func NewWorker(scope constructs.Construct, id string, props *WorkerProps) *Worker {
	function := NewFunction(scope, id, props.Function)
	queue := props.Source
	if queue == nil {
		queue = newQueue(function.scope, &QueueProps{
			Name:                    props.QueueName,
			Alarms:                  props.Function.Alarms,
			ConsumerTimeout:         props.Function.Timeout,
			MaxReceiveCount:         props.MaxReceiveCount,
			MaxAge:                  props.MaxAge,
			DeadLetterRetentionDays: props.Function.DeadLetterRetentionDays,
			Key:                     props.Function.Key,
		})
	}
	worker := &Worker{Function: function, Queue: queue}
	worker.connect(props)
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
	w.alias.AddEventSource(awslambdaeventsources.NewSqsEventSource(w.Queue.Queue, source))
	w.Allow([]string{*w.DeadLetters.QueueArn()}, "sqs:SendMessage")
	w.fn.AddEnvironment(jsii.String("QUEUE_URL"), w.Queue.Queue.QueueUrl(), nil)
	w.fn.AddEnvironment(jsii.String("DEAD_LETTER_QUEUE_URL"), w.DeadLetters.QueueUrl(), nil)
	w.fn.AddEnvironment(jsii.String("MAX_RECEIVE_COUNT"), jsii.String(fmt.Sprint(props.MaxReceiveCount)), nil)
}
