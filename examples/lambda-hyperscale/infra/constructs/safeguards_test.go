package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

func TestSafeguardsOfAFunction(t *testing.T) {
	f := newFixture(t)
	f.defaults.Signing = NewSigning(f.stack, "Signing", NewSigningProfile(f.stack, "Profile", "test"), true)
	props := f.function(true)
	props.Reserved, props.Provisioned = 50, 2
	NewFunction(f.stack, "Work", props)
	ApplyBoundary(f.stack, "test", "table")

	some := assertions.Match_AnyValue()
	f.has(t, "AWS::Lambda::Function", map[string]any{"ReservedConcurrentExecutions": 50, "CodeSigningConfigArn": some})
	f.has(t, "AWS::Lambda::Alias", map[string]any{"ProvisionedConcurrencyConfig": map[string]any{"ProvisionedConcurrentExecutions": 2}})
	f.has(t, "AWS::ApplicationAutoScaling::ScalableTarget", map[string]any{"MinCapacity": 2, "MaxCapacity": 20})
	f.has(t, "AWS::Lambda::CodeSigningConfig", map[string]any{"CodeSigningPolicies": map[string]any{"UntrustedArtifactOnDeployment": "Enforce"}})
	f.has(t, "AWS::IAM::Role", map[string]any{"PermissionsBoundary": some})
}

func TestBackup(t *testing.T) {
	f := newFixture(t)
	NewBackup(f.stack, "Backup", &BackupProps{Name: "test", Tables: []awsdynamodb.ITableV2{f.table()}, DailyDays: 35, MonthlyDays: 365, IsProtected: true})

	f.has(t, "AWS::Backup::BackupPlan", map[string]any{"BackupPlan": map[string]any{"BackupPlanRule": []any{
		assertions.Match_ObjectLike(&map[string]any{"RuleName": "daily", "Lifecycle": map[string]any{"DeleteAfterDays": 35}}),
		assertions.Match_ObjectLike(&map[string]any{"RuleName": "monthly", "Lifecycle": map[string]any{"DeleteAfterDays": 365}}),
	}}})
	f.has(t, "AWS::Backup::BackupVault", map[string]any{"LockConfiguration": map[string]any{"MinRetentionDays": 7}})
}

func TestObjectives(t *testing.T) {
	f := newFixture(t)
	api := awsapigatewayv2.NewHttpApi(f.stack, jsii.String("Api"), nil)
	NewObjectives(f.stack, "Objectives", &ObjectivesProps{
		Name: "test", Alarms: f.alarms, API: api, APIName: "test", AvailabilityPercent: 99.95, LatencyMilliseconds: 300,
	})

	f.count(t, "AWS::ApplicationSignals::ServiceLevelObjective", 2)
	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{"Threshold": assertions.Match_AnyValue(), "AlarmDescription": assertions.Match_StringLikeRegexp(jsii.String("14.4 times"))})
	f.has(t, "AWS::CloudWatch::CompositeAlarm", map[string]any{"AlarmName": "test-customer-impact", "AlarmActions": assertions.Match_AnyValue()})
}

func TestBusinessDashboard(t *testing.T) {
	f := newFixture(t)
	NewBusinessDashboard(f.stack, "Business", "test", "orders", "prod", []BusinessMetric{{"Orders", "OrdersCreated", "Sum"}})
	f.has(t, "AWS::CloudWatch::Dashboard", map[string]any{"DashboardName": "test-business"})
}
