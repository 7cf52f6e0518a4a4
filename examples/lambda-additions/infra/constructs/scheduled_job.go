package constructs

import (
	"fmt"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdadestinations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ScheduledJobProps describes a function that runs by the clock.
type ScheduledJobProps struct {
	Function *FunctionProps
	// DeadLettersName is the name of the queue for runs that failed.
	DeadLettersName string
	// Expression says when to run, as EventBridge Scheduler writes it; every EveryMinutes if it is left out.
	Expression string
	// EveryMinutes is the longest time between two runs, at most a day; 0 if that is not known, and then nobody notices that a
	// run has not happened.
	EveryMinutes float64
	// RetryAttempts and MaxAgeMinutes hold for the delivery of a run and for the run itself.
	RetryAttempts, MaxAgeMinutes float64
}

// NewScheduledJob makes the schedule. A run that cannot be delivered, or that fails for the last time, leaves a dead
// letter, and a run that does not happen at all sets off an alarm.
func NewScheduledJob(scope constructs.Construct, id string, props *ScheduledJobProps) *Function {
	function := NewFunction(scope, id, props.Function)
	alarms, name := props.Function.Alarms, props.Function.Folder
	deadLetters := NewDeadLetters(function.scope, "DeadLetters", &DeadLettersProps{
		Alarms: alarms, RetentionDays: props.Function.DeadLetterRetentionDays, Name: props.DeadLettersName, Of: "the schedule of " + name, Key: props.Function.Key,
	})
	function.alias.ConfigureAsyncInvoke(&awslambda.EventInvokeConfigOptions{
		OnFailure:     awslambdadestinations.NewSqsDestination(deadLetters),
		MaxEventAge:   minutes(props.MaxAgeMinutes),
		RetryAttempts: jsii.Number(props.RetryAttempts),
	})
	awsscheduler.NewSchedule(function.scope, jsii.String("Schedule"), &awsscheduler.ScheduleProps{
		Description: jsii.String("Runs " + name),
		Schedule:    awsscheduler.ScheduleExpression_Expression(jsii.String(props.expression()), nil),
		TimeWindow:  awsscheduler.TimeWindow_Flexible(minutes(5)),
		Target: awsschedulertargets.NewLambdaInvoke(function.alias, &awsschedulertargets.ScheduleTargetBaseProps{
			DeadLetterQueue: deadLetters,
			RetryAttempts:   jsii.Number(props.RetryAttempts),
			MaxEventAge:     minutes(props.MaxAgeMinutes),
		}),
	})
	if props.EveryMinutes > 0 {
		period := min(2*props.EveryMinutes, minutesOfDay)
		alarms.Add(function.scope, "Missing", &AlarmProps{
			Summary:      fmt.Sprintf("Function %s has not run for %g minutes.", name, 2*props.EveryMinutes),
			Runbook:      "schedule-missing",
			Metric:       function.fn.MetricInvocations(statistic("Sum", minutes(period))),
			Threshold:    1,
			Below:        true,
			MissingIsBad: true,
			Periods:      math.Ceil(2 * props.EveryMinutes / period),
		})
	}
	return function
}

// minutesOfDay is also the longest period of an alarm.
const minutesOfDay = 24 * 60

func (p *ScheduledJobProps) expression() string {
	if p.Expression != "" {
		return p.Expression
	}
	return fmt.Sprintf("rate(%g minutes)", p.EveryMinutes)
}
