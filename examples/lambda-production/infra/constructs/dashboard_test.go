package constructs

import (
	"testing"
)

func TestDashboardAndQueries(t *testing.T) {
	f := newFixture(t)
	api := NewHTTPAPI(f.stack, "Api", &HTTPAPIProps{Alarms: f.alarms, Issuer: "https://i.example.com", Audience: []string{"a"}, LogRetentionDays: 30})
	worker := NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	functions := []*Function{worker.Function}
	NewDashboard(f.stack, "Dashboard", &DashboardProps{Name: "test", API: api.API, Functions: functions, Workers: []*Worker{worker}, Table: f.table()})
	NewQueries(f.stack, "Queries", "test", functions)

	f.count(t, "AWS::CloudWatch::Dashboard", 1)
	f.has(t, "AWS::Logs::QueryDefinition", map[string]any{"Name": "test/errors"})
}
