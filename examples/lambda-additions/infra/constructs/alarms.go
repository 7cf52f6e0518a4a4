package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AlarmsProps says who hears of an alarm.
type AlarmsProps struct {
	// Email is subscribed to the topic; its owner has to confirm once.
	Email string
	// Runbooks is the URL of a runbook, with * for its name.
	Runbooks string
	// Key encrypts the notifications. Without one there is a key of their own, because CloudWatch cannot publish to a topic
	// that is encrypted with the key that SNS brings.
	Key awskms.IKey
}

// Alarms is the one place that alarms are made: each reports to the topic and names its runbook.
type Alarms struct {
	topic    awssns.Topic
	runbooks string
}

// AlarmProps describes one alarm.
type AlarmProps struct {
	// Summary says what has happened, in a sentence that makes sense at two in the morning.
	Summary string
	// Runbook is the name of the runbook that says what to do now.
	Runbook string
	Metric  awscloudwatch.IMetric
	// The alarm goes off when the metric is greater than Threshold; with AtLeast, also when it is equal;
	// with Below, when it is less.
	Threshold      float64
	AtLeast, Below bool
	// Periods is how many periods in a row it takes; 1 if left out.
	Periods float64
	// MissingIsBad treats a metric without data as an alarm.
	MissingIsBad bool
}

// NewAlarms makes the topic.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	key := props.Key
	if key == nil {
		key = awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
			Description:       jsii.String("Encrypts alarm notifications"),
			EnableKeyRotation: jsii.Bool(true),
			RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
		})
	}
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
		MasterKey:  key,
		EnforceSSL: jsii.Bool(true),
	})
	topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(props.Email), nil))
	account := *awscdk.Stack_Of(scope).Account()
	for _, service := range []string{"cloudwatch", "budgets", "costalerts"} {
		publisher := awsiam.NewServicePrincipal(jsii.String(service+".amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]string{"aws:SourceAccount": account}},
		})
		topic.GrantPublish(publisher)
		key.GrantEncryptDecrypt(publisher)
	}
	return &Alarms{topic: topic, runbooks: props.Runbooks}
}

// Topic is where notifications go that are no alarms, such as those of a budget.
func (a *Alarms) Topic() awssns.Topic { return a.topic }

// Add makes an alarm in the given scope.
func (a *Alarms) Add(scope constructs.Construct, id string, props *AlarmProps) awscloudwatch.Alarm {
	alarm := awscloudwatch.NewAlarm(scope, jsii.String(id), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(props.Summary + " Runbook: " + strings.ReplaceAll(a.runbooks, "*", props.Runbook)),
		Metric:             props.Metric,
		Threshold:          jsii.Number(props.Threshold),
		ComparisonOperator: props.comparison(),
		EvaluationPeriods:  jsii.Number(max(props.Periods, 1)),
		TreatMissingData:   props.missing(),
	})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(a.topic))
	alarm.AddOkAction(awscloudwatchactions.NewSnsAction(a.topic))
	return alarm
}

func (p *AlarmProps) comparison() awscloudwatch.ComparisonOperator {
	switch {
	case p.Below:
		return awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
	case p.AtLeast:
		return awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
	default:
		return awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	}
}

func (p *AlarmProps) missing() awscloudwatch.TreatMissingData {
	if p.MissingIsBad {
		return awscloudwatch.TreatMissingData_BREACHING
	}
	return awscloudwatch.TreatMissingData_NOT_BREACHING
}

// share is the percentage that part has of whole, or 0 while whole is smaller than atLeast:
// one error in three requests is no rate.
func share(part, whole awscloudwatch.IMetric, atLeast float64, period awscdk.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(fmt.Sprintf("IF(whole >= %g, 100 * part / whole, 0)", atLeast)),
		UsingMetrics: &map[string]awscloudwatch.IMetric{"part": part, "whole": whole},
		Period:       period,
	})
}

func minutes(n float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
func seconds(n float64) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(n)) }
func days(n float64) awscdk.Duration    { return awscdk.Duration_Days(jsii.Number(n)) }

func statistic(name string, period awscdk.Duration) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Statistic: jsii.String(name), Period: period}
}
