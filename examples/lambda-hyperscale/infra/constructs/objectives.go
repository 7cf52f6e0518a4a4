package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationsignals"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ObjectivesProps describes what callers can rely on.
type ObjectivesProps struct {
	Name   string
	Alarms *Alarms
	API    API
	// APIName is the API's name in its metrics.
	APIName string
	// AvailabilityPercent of the requests succeed, over 28 days.
	AvailabilityPercent float64
	// LatencyMilliseconds is what 95 of 100 five-minute periods stay under, at the 95th percentile.
	LatencyMilliseconds float64
}

// The two alarms of the Google SRE workbook, chapter 5, for a budget of 28 days: a budget that would be gone in two days,
// seen over an hour, and one that would be gone in five, seen over six hours.
const (
	fastBurn, fastBurnHours = 14.4, 1
	slowBurn, slowBurnHours = 6, 6
)

// NewObjectives makes the service level objectives, the alarms on how fast their budget is used up, and one alarm for what
// customers feel.
func NewObjectives(scope constructs.Construct, id string, props *ObjectivesProps) {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	availability(scope, props)
	latency(scope, props)
	fast := burn(scope, "FastBurn", props, fastBurn, fastBurnHours)
	slow := burn(scope, "SlowBurn", props, slowBurn, slowBurnHours)
	impact := awscloudwatch.NewCompositeAlarm(scope, jsii.String("CustomerImpact"), &awscloudwatch.CompositeAlarmProps{
		CompositeAlarmName: jsii.String(props.Name + "-customer-impact"),
		AlarmDescription: jsii.String("Customers feel it: the error budget is used up too fast. Runbook: " +
			strings.ReplaceAll(props.Alarms.runbooks, "*", "customer-impact")),
		AlarmRule: awscloudwatch.AlarmRule_AnyOf(
			awscloudwatch.AlarmRule_FromAlarm(fast, awscloudwatch.AlarmState_ALARM),
			awscloudwatch.AlarmRule_FromAlarm(slow, awscloudwatch.AlarmState_ALARM),
		),
	})
	impact.AddAlarmAction(awscloudwatchactions.NewSnsAction(props.Alarms.topic))
	impact.AddOkAction(awscloudwatchactions.NewSnsAction(props.Alarms.topic))
}

func burn(scope constructs.Construct, id string, props *ObjectivesProps, factor, hours float64) awscloudwatch.Alarm {
	period := minutes(60 * hours)
	budget := 100 - props.AvailabilityPercent
	return props.Alarms.Add(scope, id, &AlarmProps{
		Summary: fmt.Sprintf("The error budget is used up %g times as fast as it may be, seen over %g h.", factor, hours),
		Runbook: "error-budget",
		Metric: share(props.API.MetricServerError(statistic("Sum", period)), props.API.MetricCount(statistic("Sum", period)),
			1000*hours, period),
		Threshold: factor * budget,
	})
}

func (p *ObjectivesProps) query(id, metric, statistic string) *awsapplicationsignals.CfnServiceLevelObjective_MetricDataQueryProperty {
	return &awsapplicationsignals.CfnServiceLevelObjective_MetricDataQueryProperty{
		Id:         jsii.String(id),
		ReturnData: jsii.Bool(true),
		MetricStat: &awsapplicationsignals.CfnServiceLevelObjective_MetricStatProperty{
			Metric: &awsapplicationsignals.CfnServiceLevelObjective_MetricProperty{
				Namespace: jsii.String("AWS/ApiGateway"), MetricName: jsii.String(metric),
				Dimensions: &[]any{&awsapplicationsignals.CfnServiceLevelObjective_DimensionProperty{Name: jsii.String("ApiName"), Value: jsii.String(p.APIName)}},
			},
			Period: jsii.Number(60), Stat: jsii.String(statistic),
		},
	}
}

func goal(percent float64) *awsapplicationsignals.CfnServiceLevelObjective_GoalProperty {
	return &awsapplicationsignals.CfnServiceLevelObjective_GoalProperty{
		AttainmentGoal: jsii.Number(percent), WarningThreshold: jsii.Number(50),
		Interval: &awsapplicationsignals.CfnServiceLevelObjective_IntervalProperty{
			RollingInterval: &awsapplicationsignals.CfnServiceLevelObjective_RollingIntervalProperty{Duration: jsii.Number(28), DurationUnit: jsii.String("DAY")},
		},
	}
}

func availability(scope constructs.Construct, props *ObjectivesProps) {
	awsapplicationsignals.NewCfnServiceLevelObjective(scope, jsii.String("Availability"), &awsapplicationsignals.CfnServiceLevelObjectiveProps{
		Name:        jsii.String(props.Name + "-availability"),
		Description: jsii.String(fmt.Sprintf("%g %% of the requests are not answered with a server error", props.AvailabilityPercent)),
		Goal:        goal(props.AvailabilityPercent),
		RequestBasedSli: &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliProperty{
			RequestBasedSliMetric: &awsapplicationsignals.CfnServiceLevelObjective_RequestBasedSliMetricProperty{
				TotalRequestCountMetric: &[]any{props.query("total", "Count", "Sum")},
				MonitoredRequestCountMetric: &awsapplicationsignals.CfnServiceLevelObjective_MonitoredRequestCountMetricProperty{
					BadCountMetric: &[]any{props.query("bad", "5XXError", "Sum")},
				},
			},
		},
	})
}

func latency(scope constructs.Construct, props *ObjectivesProps) {
	awsapplicationsignals.NewCfnServiceLevelObjective(scope, jsii.String("Latency"), &awsapplicationsignals.CfnServiceLevelObjectiveProps{
		Name:        jsii.String(props.Name + "-latency"),
		Description: jsii.String(fmt.Sprintf("95 %% of the minutes have a 95th percentile of the latency of at most %g ms", props.LatencyMilliseconds)),
		Goal:        goal(95),
		Sli: &awsapplicationsignals.CfnServiceLevelObjective_SliProperty{
			ComparisonOperator: jsii.String("LessThanOrEqualTo"), MetricThreshold: jsii.Number(props.LatencyMilliseconds),
			SliMetric: &awsapplicationsignals.CfnServiceLevelObjective_SliMetricProperty{
				MetricDataQueries: &[]any{props.query("latency", "Latency", "p95")},
			},
		},
	})
}
