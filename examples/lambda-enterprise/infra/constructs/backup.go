package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BackupProps describes the backups of tables.
type BackupProps struct {
	Name   string
	Tables []awsdynamodb.ITableV2
	Key    awskms.IKey
	// DailyDays and MonthlyDays are how long the backups of each day and of each month are kept.
	DailyDays, MonthlyDays float64
	// IsProtected keeps the vault, and nobody can delete a backup in its first week.
	IsProtected bool
}

// NewBackup makes a vault and a plan. Point-in-time recovery is for mistakes of the last weeks; a vault is for the day on
// which somebody could delete a table.
func NewBackup(scope constructs.Construct, id string, props *BackupProps) {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	vaultProps := &awsbackup.BackupVaultProps{
		BackupVaultName: jsii.String(props.Name), EncryptionKey: props.Key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	}
	if props.IsProtected {
		vaultProps.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
		vaultProps.LockConfiguration = &awsbackup.LockConfiguration{MinRetention: days(7)}
	}
	plan := awsbackup.NewBackupPlan(scope, jsii.String("Plan"), &awsbackup.BackupPlanProps{
		BackupPlanName: jsii.String(props.Name),
		BackupVault:    awsbackup.NewBackupVault(scope, jsii.String("Vault"), vaultProps),
	})
	for _, rule := range []struct {
		name string
		at   *awsevents.CronOptions
		keep float64
	}{
		{"daily", &awsevents.CronOptions{Hour: jsii.String("3"), Minute: jsii.String("0")}, props.DailyDays},
		{"monthly", &awsevents.CronOptions{Day: jsii.String("1"), Hour: jsii.String("4"), Minute: jsii.String("0")}, props.MonthlyDays},
	} {
		plan.AddRule(awsbackup.NewBackupPlanRule(&awsbackup.BackupPlanRuleProps{
			RuleName: jsii.String(rule.name), ScheduleExpression: awsevents.Schedule_Cron(rule.at), DeleteAfter: days(rule.keep),
		}))
	}
	var resources []awsbackup.BackupResource
	for _, table := range props.Tables {
		resources = append(resources, awsbackup.BackupResource_FromArn(table.TableArn()))
	}
	plan.AddSelection(jsii.String("Table"), &awsbackup.BackupSelectionOptions{Resources: &resources})
}
