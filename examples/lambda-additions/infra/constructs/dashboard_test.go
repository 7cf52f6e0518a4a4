package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"
)

func TestDashboardAndQueries(t *testing.T) {
	f := newFixture(t)
	api := awsapigatewayv2.NewHttpApi(f.stack, jsii.String("Api"), nil)
	worker := NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	functions := []*Function{worker.Function}
	NewDashboard(f.stack, "Dashboard", &DashboardProps{Name: "test", API: api, Functions: functions, Workers: []*Worker{worker}, Table: f.table()})
	NewQueries(f.stack, "Queries", "test", functions)

	f.count(t, "AWS::CloudWatch::Dashboard", 1)
	f.has(t, "AWS::Logs::QueryDefinition", map[string]any{"Name": "test/errors"})
}
