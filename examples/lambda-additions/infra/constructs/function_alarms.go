package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// FunctionThresholds is when somebody is woken up for a function.
type FunctionThresholds struct {
	// ErrorPercent and ThrottlePercent are shares of the invocations.
	ErrorPercent, ThrottlePercent float64
	// MinInvocations in five minutes make an error rate of a function that callers wait for.
	MinInvocations float64
	// TimeoutPercent is the share of the timeout that the 99th percentile of the duration may take.
	TimeoutPercent float64
	// MemoryPercent is the share of the memory that an invocation may use.
	MemoryPercent float64
	// WarmMilliseconds is for the 95th percentile of functions that callers wait for.
	WarmMilliseconds float64
	// ColdStartMilliseconds is for the 99th percentile of the same functions' initialisation.
	ColdStartMilliseconds float64
}

// Watch adds a function's alarms, and answers those that take a new version back.
func (limits *FunctionThresholds) Watch(f *Function, props *FunctionProps) []awscloudwatch.IAlarm {
	period := minutes(5)
	invocations := f.fn.MetricInvocations(statistic("Sum", period))
	minInvocations := 1.0
	if props.IsSynchronous {
		minInvocations = limits.MinInvocations
	}
	add := func(id, runbook, summary string, metric awscloudwatch.IMetric, threshold float64) awscloudwatch.Alarm {
		return props.Alarms.Add(f.scope, id, &AlarmProps{
			Summary: fmt.Sprintf("Function %s: %s", props.Folder, summary), Runbook: runbook, Metric: metric, Threshold: threshold,
		})
	}
	rollback := []awscloudwatch.IAlarm{
		add("Errors", "function-errors", fmt.Sprintf("more than %g %% of its invocations fail.", limits.ErrorPercent),
			share(f.fn.MetricErrors(statistic("Sum", period)), invocations, minInvocations, period), limits.ErrorPercent),
		add("Slow", "function-slow", fmt.Sprintf("one invocation in a hundred takes over %g %% of the timeout.", limits.TimeoutPercent),
			f.fn.MetricDuration(statistic("p99", period)), props.Timeout*1000*limits.TimeoutPercent/100),
	}
	add("Throttles", "function-throttles", fmt.Sprintf("more than %g %% of its invocations are throttled.", limits.ThrottlePercent),
		share(f.fn.MetricThrottles(statistic("Sum", period)), invocations, 1, period), limits.ThrottlePercent)
	add("Memory", "function-memory", fmt.Sprintf("it uses more than %g %% of its memory.", limits.MemoryPercent),
		f.reportMetric("MaxMemoryUsed", "$.record.metrics.maxMemoryUsedMB", "Maximum"), props.Memory*limits.MemoryPercent/100)
	if props.IsSynchronous {
		rollback = append(rollback, add("Latency", "function-slow",
			fmt.Sprintf("one caller in twenty waits for more than %g ms.", limits.WarmMilliseconds),
			f.fn.MetricDuration(statistic("p95", period)), limits.WarmMilliseconds))
		add("ColdStart", "cold-start", fmt.Sprintf("it takes over %g ms to start.", limits.ColdStartMilliseconds),
			f.reportMetric("InitDuration", "$.record.metrics.initDurationMs", "p99"), limits.ColdStartMilliseconds)
	}
	return rollback
}

// reportMetric reads a number that Lambda itself writes into the log after each invocation.
func (f *Function) reportMetric(name, value, stat string) awscloudwatch.IMetric {
	filter := f.logs.AddMetricFilter(jsii.String(name), &awslogs.MetricFilterOptions{
		FilterPattern:   awslogs.FilterPattern_NumberValue(jsii.String(value), jsii.String(">"), jsii.Number(0)),
		MetricNamespace: awscdk.Aws_STACK_NAME(),
		MetricName:      jsii.String(*f.scope.Node().Id() + name),
		MetricValue:     jsii.String(value),
	})
	return filter.Metric(statistic(stat, minutes(5)))
}
