package constructs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// CDK validates every template that it synthesises, which takes seconds and is not what these tests are about.
func TestMain(m *testing.M) {
	_ = os.Setenv("CDK_VALIDATION", "false")
	jsii.Close() // The runtime copies the environment before main; closed, it will copy it again.
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// fixture is a stack with what every construct needs.
type fixture struct {
	stack    awscdk.Stack
	alarms   *Alarms
	defaults *FunctionDefaults
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	assets := t.TempDir()
	if err := os.MkdirAll(filepath.Join(assets, "work"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(assets, "work", "index.mjs"), []byte("export const handler = async () => ({});\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
	stack := awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("eu-west-1")},
	})
	alarms := NewAlarms(stack, "Alarms", &AlarmsProps{Email: "ops@example.com", Runbooks: "https://runbooks.example.com"})
	return &fixture{stack: stack, alarms: alarms, defaults: &FunctionDefaults{
		Assets: assets, Alarms: alarms, Canary: NewCanary(stack, "Canary", &CanaryProps{Percent: 10, Minutes: 5}),
		Memory: 512, LogRetentionDays: 30, DeadLetterRetentionDays: 14, Environment: map[string]string{"A": "1"},
		Thresholds: FunctionThresholds{
			ErrorPercent: 0.1, ThrottlePercent: 0.01, MinInvocations: 100, TimeoutPercent: 80, MemoryPercent: 80,
			WarmMilliseconds: 100, ColdStartMilliseconds: 500,
		},
	}}
}

func (f *fixture) function(synchronous bool) *FunctionProps {
	return &FunctionProps{FunctionDefaults: f.defaults, Description: "Works", Folder: "work", Timeout: 30, IsSynchronous: synchronous}
}

func (f *fixture) table() awsdynamodb.TableV2 {
	return NewTable(f.stack, "Table", &TableProps{Alarms: f.alarms, MaxReadUnits: 10, MaxWriteUnits: 20, RecoveryDays: 35, IsProtected: true})
}

// has wants a resource with these properties in the template. CDK's assertions panic.
func (f *fixture) has(t *testing.T, kind string, properties map[string]any) {
	t.Helper()
	defer func() {
		if failure := recover(); failure != nil {
			t.Errorf("%v", failure)
		}
	}()
	assertions.Template_FromStack(f.stack, nil).HasResourceProperties(jsii.String(kind), properties)
}

func (f *fixture) count(t *testing.T, kind string, want int) {
	t.Helper()
	if got := len(*assertions.Template_FromStack(f.stack, nil).FindResources(jsii.String(kind), nil)); got != want {
		t.Errorf("there are %d of %s, want %d", got, kind, want)
	}
}

func TestFunction(t *testing.T) {
	f := newFixture(t)
	NewFunction(f.stack, "Work", f.function(true)).Allow([]string{"arn:aws:sqs:eu-west-1:111111111111:q"}, "sqs:SendMessage")

	f.has(t, "AWS::Lambda::Function", map[string]any{
		"Runtime": "nodejs24.x", "Architectures": []any{"arm64"}, "MemorySize": 512, "Timeout": 30,
		"TracingConfig": map[string]any{"Mode": "Active"}, "Environment": map[string]any{"Variables": map[string]any{"A": "1"}},
		"LoggingConfig": map[string]any{"LogFormat": "JSON"},
	})
	f.has(t, "AWS::Logs::LogGroup", map[string]any{"RetentionInDays": 30})
	f.has(t, "AWS::Lambda::Alias", map[string]any{"Name": "live"})
	f.has(t, "AWS::IAM::Policy", map[string]any{"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
		map[string]any{"Action": "sqs:SendMessage", "Effect": "Allow", "Resource": "arn:aws:sqs:eu-west-1:111111111111:q"},
	})}})
	f.count(t, "AWS::CloudWatch::Alarm", 6)
}

func TestAFunctionThatNobodyWaitsForMayBeSlowToStart(t *testing.T) {
	f := newFixture(t)
	NewFunction(f.stack, "Work", f.function(false))

	f.count(t, "AWS::CloudWatch::Alarm", 4)
}

func TestCanary(t *testing.T) {
	f := newFixture(t)
	NewFunction(f.stack, "Work", f.function(true))

	f.has(t, "AWS::CodeDeploy::DeploymentConfig", map[string]any{"TrafficRoutingConfig": map[string]any{
		"Type": "TimeBasedCanary", "TimeBasedCanary": map[string]any{"CanaryInterval": 5, "CanaryPercentage": 10},
	}})
	f.has(t, "AWS::CodeDeploy::DeploymentGroup", map[string]any{
		"AutoRollbackConfiguration": map[string]any{"Enabled": true, "Events": assertions.Match_ArrayWith(&[]any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"})},
		"AlarmConfiguration":        map[string]any{"Enabled": true},
	})
}

func TestAlarms(t *testing.T) {
	f := newFixture(t)
	f.table()

	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{
		"AlarmDescription": "The table throttles requests. Runbook: https://runbooks.example.com/table-throttles.md",
		"AlarmActions":     assertions.Match_AnyValue(), "OKActions": assertions.Match_AnyValue(), "TreatMissingData": "notBreaching",
	})
	f.has(t, "AWS::SNS::Subscription", map[string]any{"Protocol": "email", "Endpoint": "ops@example.com"})
	f.has(t, "AWS::KMS::Key", map[string]any{"EnableKeyRotation": true})
}

func TestTable(t *testing.T) {
	f := newFixture(t)
	f.table()

	f.has(t, "AWS::DynamoDB::GlobalTable", map[string]any{
		"BillingMode": "PAY_PER_REQUEST", "StreamSpecification": map[string]any{"StreamViewType": "NEW_IMAGE"},
		"TimeToLiveSpecification": map[string]any{"AttributeName": "expiresAt", "Enabled": true},
		"Replicas": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeletionProtectionEnabled":        true,
			"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35},
		})},
	})
}

func TestWorker(t *testing.T) {
	f := newFixture(t)
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "test-work", MaxReceiveCount: 5, MaxConcurrency: 10, MaxAge: 300})

	f.has(t, "AWS::SQS::Queue", map[string]any{
		"QueueName": "test-work", "VisibilityTimeout": 180, "SqsManagedSseEnabled": true, "RedrivePolicy": map[string]any{"maxReceiveCount": 5},
	})
	f.has(t, "AWS::SQS::Queue", map[string]any{
		"QueueName": "test-work-dead-letters", "MessageRetentionPeriod": 1209600,
		"RedriveAllowPolicy": map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::Lambda::EventSourceMapping", map[string]any{
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"}, "ScalingConfig": map[string]any{"MaximumConcurrency": 10},
	})
}

func TestStreamConsumer(t *testing.T) {
	f := newFixture(t)
	NewStreamConsumer(f.stack, "Work", &StreamConsumerProps{
		Function: f.function(false), Table: f.table(), Filter: map[string]any{"eventName": []string{"INSERT"}},
		DeadLettersName: "test-unpublished", MaxLag: 60, RetryAttempts: 5, MaxAgeMinutes: 60,
	})

	f.has(t, "AWS::Lambda::EventSourceMapping", map[string]any{
		"BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 5, "MaximumRecordAgeInSeconds": 3600,
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"}, "FilterCriteria": map[string]any{"Filters": []any{map[string]any{"Pattern": `{"eventName":["INSERT"]}`}}},
		"DestinationConfig": map[string]any{"OnFailure": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::SQS::Queue", map[string]any{"QueueName": "test-unpublished", "RedriveAllowPolicy": map[string]any{"redrivePermission": "denyAll"}})
}

func TestScheduledJob(t *testing.T) {
	f := newFixture(t)
	NewScheduledJob(f.stack, "Work", &ScheduledJobProps{
		Function: f.function(false), DeadLettersName: "test-failed", EveryMinutes: 15, RetryAttempts: 2, MaxAgeMinutes: 60,
	})

	f.has(t, "AWS::Scheduler::Schedule", map[string]any{
		"ScheduleExpression": "rate(15 minutes)",
		"Target": map[string]any{
			"DeadLetterConfig": assertions.Match_AnyValue(), "RetryPolicy": map[string]any{"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
		},
	})
	f.has(t, "AWS::Lambda::EventInvokeConfig", map[string]any{
		"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600, "DestinationConfig": map[string]any{"OnFailure": assertions.Match_AnyValue()},
	})
	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"})
}

func TestEventBus(t *testing.T) {
	f := newFixture(t)
	bus := NewEventBus(f.stack, "Events", &EventBusProps{Alarms: f.alarms, Name: "test", Source: "orders", RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: 14})
	bus.Route("order.created", NewDeadLetters(f.stack, "Target", &DeadLettersProps{Alarms: f.alarms, RetentionDays: 14, Name: "target", Of: "a test"}))

	f.has(t, "AWS::Events::Rule", map[string]any{
		"EventPattern": map[string]any{"source": []any{"orders"}, "detail-type": []any{"order.created"}},
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"InputPath": "$.detail", "DeadLetterConfig": assertions.Match_AnyValue(), "RetryPolicy": map[string]any{"MaximumRetryAttempts": 185},
		})},
	})
}

func TestHTTPAPI(t *testing.T) {
	f := newFixture(t)
	api := NewHTTPAPI(f.stack, "Api", &HTTPAPIProps{
		Alarms: f.alarms, Issuer: "https://issuer.example.com/", Audience: []string{"orders"}, LogRetentionDays: 30,
		Throttle: Throttle{Rate: 100, Burst: 200}, ErrorPercent: 0.1, MinRequests: 100, LatencyMilliseconds: 300,
	})
	work := NewFunction(f.stack, "Work", f.function(true))
	api.Add(&Route{Method: awsapigatewayv2.HttpMethod_POST, Path: "/orders", Function: work, Scopes: []string{"orders:write"}, Throttle: Throttle{Rate: 5, Burst: 10}})
	api.Add(&Route{Method: awsapigatewayv2.HttpMethod_GET, Path: "/health", Function: work})

	f.has(t, "AWS::ApiGatewayV2::Authorizer", map[string]any{
		"AuthorizerType": "JWT", "JwtConfiguration": map[string]any{"Issuer": "https://issuer.example.com/", "Audience": []any{"orders"}},
	})
	f.has(t, "AWS::ApiGatewayV2::Route", map[string]any{"RouteKey": "POST /orders", "AuthorizationType": "JWT", "AuthorizationScopes": []any{"orders:write"}})
	f.has(t, "AWS::ApiGatewayV2::Route", map[string]any{"RouteKey": "GET /health", "AuthorizationType": "NONE"})
	f.has(t, "AWS::ApiGatewayV2::Stage", map[string]any{
		"DefaultRouteSettings": map[string]any{"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200},
		"RouteSettings":        map[string]any{"POST /orders": map[string]any{"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 10}},
		"AccessLogSettings":    assertions.Match_AnyValue(),
	})
}

func TestBudget(t *testing.T) {
	f := newFixture(t)
	NewBudget(f.stack, "Budget", &BudgetProps{Alarms: f.alarms, Service: "test", MonthlyUSD: 50, ActualPercent: 80, ForecastPercent: 100, AnomalyUSD: 5})

	f.has(t, "AWS::Budgets::Budget", map[string]any{"Budget": map[string]any{
		"BudgetLimit": map[string]any{"Amount": 50, "Unit": "USD"}, "CostFilters": map[string]any{"TagKeyValue": []any{"user:service$test"}},
	}})
	f.has(t, "AWS::CE::AnomalySubscription", map[string]any{"Frequency": "IMMEDIATE"})
}

func TestDashboardAndQueries(t *testing.T) {
	f := newFixture(t)
	api := NewHTTPAPI(f.stack, "Api", &HTTPAPIProps{Alarms: f.alarms, Issuer: "https://i.example.com", Audience: []string{"a"}, LogRetentionDays: 30})
	worker := NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	functions := []*Function{worker.Function}
	NewDashboard(f.stack, "Dashboard", &DashboardProps{Name: "test", API: api, Functions: functions, Workers: []*Worker{worker}, Table: f.table()})
	NewQueries(f.stack, "Queries", "test", functions)

	f.count(t, "AWS::CloudWatch::Dashboard", 1)
	f.has(t, "AWS::Logs::QueryDefinition", map[string]any{"Name": "test/errors"})
}

func TestNothingMayDoEverything(t *testing.T) {
	f := newFixture(t)
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, MaxConcurrency: 2, MaxAge: 300})
	for id, policy := range *assertions.Template_FromStack(f.stack, nil).FindResources(jsii.String("AWS::IAM::Policy"), nil) {
		document := (*policy)["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)
		for _, statement := range document["Statement"].([]any) {
			actions, isList := statement.(map[string]any)["Action"].([]any)
			if !isList {
				actions = []any{statement.(map[string]any)["Action"]}
			}
			for _, action := range actions {
				if strings.Contains(action.(string), "*") {
					t.Errorf("%s allows %s", id, action)
				}
			}
		}
	}
}
