package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// StreamConsumerProps describes a function that reads a table's stream.
type StreamConsumerProps struct {
	Function *FunctionProps
	Table    awsdynamodb.ITableV2
	// Filter chooses the records, in the syntax of event source mappings.
	Filter map[string]any
	// DeadLettersName is the name of the queue for the positions of records that were given up.
	DeadLettersName string
	// MaxLag is in seconds: a record that has waited for longer wakes somebody up.
	MaxLag float64
	// RetryAttempts and MaxAgeMinutes bound how long one bad record can hold up its shard.
	RetryAttempts, MaxAgeMinutes float64
}

// NewStreamConsumer connects the function to the stream. What it cannot handle is cut out of its batch, tried again,
// and in the end its position goes to a dead-letter queue, so that the records behind it are not held up for a day.
func NewStreamConsumer(scope constructs.Construct, id string, props *StreamConsumerProps) *Function {
	function := NewFunction(scope, id, props.Function)
	alarms := props.Function.Alarms
	deadLetters := NewDeadLetters(function.scope, "DeadLetters", &DeadLettersProps{
		Alarms: alarms, RetentionDays: props.Function.DeadLetterRetentionDays,
		Name: props.DeadLettersName,
		Of:   "the stream that " + props.Function.Folder + " reads",
		Key:  props.Function.Key,
	})
	function.alias.AddEventSource(awslambdaeventsources.NewDynamoEventSource(props.Table, &awslambdaeventsources.DynamoEventSourceProps{
		StartingPosition:        awslambda.StartingPosition_TRIM_HORIZON,
		BatchSize:               jsii.Number(100),
		Filters:                 &[]*map[string]any{awslambda.FilterCriteria_Filter(&props.Filter)},
		BisectBatchOnError:      jsii.Bool(true),
		ReportBatchItemFailures: jsii.Bool(true),
		RetryAttempts:           jsii.Number(props.RetryAttempts),
		MaxRecordAge:            minutes(props.MaxAgeMinutes),
		OnFailure:               awslambdaeventsources.NewSqsDlq(deadLetters),
	}))
	alarms.Add(function.scope, "Lag", &AlarmProps{
		Summary:   fmt.Sprintf("Function %s is more than %g s behind its stream.", props.Function.Folder, props.MaxLag),
		Runbook:   "stream-lag",
		Metric:    function.fn.Metric(jsii.String("IteratorAge"), statistic("Maximum", minutes(1))),
		Threshold: props.MaxLag * 1000,
		Periods:   3,
	})
	return function
}
