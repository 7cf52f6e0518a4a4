package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BusinessMetric is one graph of what the service is for: a metric that its code publishes.
type BusinessMetric struct{ Title, Name, Statistic string }

// NewBusinessDashboard shows the metrics of a namespace, for one environment.
func NewBusinessDashboard(scope constructs.Construct, id, name, namespace, environment string, metrics []BusinessMetric) {
	board := awscloudwatch.NewDashboard(scope, jsii.String(id), &awscloudwatch.DashboardProps{DashboardName: jsii.String(name + "-business")})
	for _, metric := range metrics {
		board.AddWidgets(graph(metric.Title, awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(namespace), MetricName: jsii.String(metric.Name), Statistic: jsii.String(metric.Statistic), Period: minutes(5),
			DimensionsMap: &map[string]*string{"service": jsii.String(namespace), "environment": jsii.String(environment)},
		})))
	}
}
