package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
)

// API is what can be seen of an API of either kind.
type API interface {
	MetricCount(options *awscloudwatch.MetricOptions) awscloudwatch.Metric
	MetricClientError(options *awscloudwatch.MetricOptions) awscloudwatch.Metric
	MetricServerError(options *awscloudwatch.MetricOptions) awscloudwatch.Metric
	MetricLatency(options *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// Throttle is a token bucket: Rate requests a second, and Burst of them at once.
type Throttle struct{ Rate, Burst float64 }

// APIThresholds is when somebody is woken up for an API.
type APIThresholds struct {
	// ErrorPercent of at least MinRequests in five minutes may fail.
	ErrorPercent, MinRequests float64
	// LatencyMilliseconds is for the 95th percentile.
	LatencyMilliseconds float64
}

func watchAPI(scope constructs.Construct, api API, alarms *Alarms, limits *APIThresholds) {
	period := minutes(5)
	alarms.Add(scope, "ServerErrors", &AlarmProps{
		Summary:   fmt.Sprintf("More than %g %% of the API's answers are server errors.", limits.ErrorPercent),
		Runbook:   "api-errors",
		Metric:    share(api.MetricServerError(statistic("Sum", period)), api.MetricCount(statistic("Sum", period)), limits.MinRequests, period),
		Threshold: limits.ErrorPercent,
	})
	alarms.Add(scope, "Latency", &AlarmProps{
		Summary:   fmt.Sprintf("One caller of the API in twenty waits for more than %g ms.", limits.LatencyMilliseconds),
		Runbook:   "api-latency",
		Metric:    api.MetricLatency(statistic("p95", period)),
		Threshold: limits.LatencyMilliseconds,
		Periods:   3,
	})
}
