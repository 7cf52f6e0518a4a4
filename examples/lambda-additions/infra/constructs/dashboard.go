package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DashboardProps is what there is to see of a service.
type DashboardProps struct {
	Name      string
	API       API
	Functions []*Function
	Workers   []*Worker
	Table     awsdynamodb.ITableV2
}

// NewDashboard shows the golden signals (traffic, errors, latency, saturation), the queues and their dead letters.
func NewDashboard(scope constructs.Construct, id string, props *DashboardProps) {
	period := minutes(5)
	api := props.API
	board := awscloudwatch.NewDashboard(scope, jsii.String(id), &awscloudwatch.DashboardProps{DashboardName: jsii.String(props.Name)})
	board.AddWidgets(
		graph("Requests", api.MetricCount(statistic("Sum", period))),
		graph("Errors", api.MetricClientError(statistic("Sum", period)), api.MetricServerError(statistic("Sum", period))),
		graph("Latency", api.MetricLatency(statistic("p50", period)), api.MetricLatency(statistic("p95", period)), api.MetricLatency(statistic("p99", period))),
	)
	var errors, durations, concurrency []awscloudwatch.IMetric
	for _, f := range props.Functions {
		errors = append(errors, f.fn.MetricErrors(statistic("Sum", period)))
		durations = append(durations, f.fn.MetricDuration(statistic("p95", period)))
		concurrency = append(concurrency, f.fn.Metric(jsii.String("ConcurrentExecutions"), statistic("Maximum", period)))
	}
	board.AddWidgets(graph("Function errors", errors...), graph("Function duration, p95", durations...), graph("Concurrency", concurrency...))
	var waiting, ages, dead []awscloudwatch.IMetric
	for _, w := range props.Workers {
		waiting = append(waiting, w.Queue.Queue.MetricApproximateNumberOfMessagesVisible(statistic("Maximum", period)))
		ages = append(ages, w.Queue.Queue.MetricApproximateAgeOfOldestMessage(statistic("Maximum", period)))
		dead = append(dead, w.DeadLetters.MetricApproximateNumberOfMessagesVisible(statistic("Maximum", period)))
	}
	board.AddWidgets(graph("Messages waiting", waiting...), graph("Age of the oldest message", ages...), graph("Dead letters", dead...))
	board.AddWidgets(graph("Table throttles", throttles(props.Table)))
}

// graph is a third of the board wide.
func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Left: &metrics, Width: jsii.Number(8),
	})
}
