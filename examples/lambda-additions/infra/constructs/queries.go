package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewQueries saves what one asks the logs at night: they stand in CloudWatch Logs Insights under the service's name.
func NewQueries(scope constructs.Construct, id, name string, functions []*Function) {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	groups := make([]any, len(functions))
	for i, function := range functions {
		groups[i] = function.logs.LogGroupName()
	}
	for _, query := range []struct{ id, text string }{
		{"errors", "fields @timestamp, function_name, message, error.name, error.message, requestId, @log" +
			" | filter level = 'ERROR' | sort @timestamp desc | limit 200"},
		{"one-request", "fields @timestamp, function_name, level, message, @message" +
			" | filter requestId = 'REQUEST-ID' | sort @timestamp asc | limit 500"},
		{"one-order", "fields @timestamp, function_name, level, message, requestId, @message" +
			" | filter @message like 'ORDER-ID' | sort @timestamp asc | limit 500"},
		{"slowest-invocations", "fields @timestamp, record.metrics.durationMs, record.metrics.initDurationMs," +
			" record.metrics.maxMemoryUsedMB, record.requestId, @log" +
			" | filter type = 'platform.report' | sort record.metrics.durationMs desc | limit 50"},
	} {
		awslogs.NewCfnQueryDefinition(scope, jsii.String(query.id), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.String(name + "/" + query.id),
			QueryString:   jsii.String(query.text),
			LogGroupNames: &groups,
		})
	}
}
