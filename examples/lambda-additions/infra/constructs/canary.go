package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// CanaryProps says how the traffic moves to a new version.
type CanaryProps struct {
	// Percent of the invocations go to the new version first, for Minutes; then all of them.
	Percent, Minutes float64
}

// Canary deploys new versions step by step and takes them back when one of their alarms goes off.
type Canary struct {
	application awscodedeploy.LambdaApplication
	config      awscodedeploy.LambdaDeploymentConfig
	role        awsiam.Role
}

// NewCanary makes the CodeDeploy application that all functions of a service share.
func NewCanary(scope constructs.Construct, id string, props *CanaryProps) *Canary {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	return &Canary{
		application: awscodedeploy.NewLambdaApplication(scope, jsii.String("Application"), nil),
		config: awscodedeploy.NewLambdaDeploymentConfig(scope, jsii.String("Config"), &awscodedeploy.LambdaDeploymentConfigProps{
			TrafficRouting: awscodedeploy.TrafficRouting_TimeBasedCanary(&awscodedeploy.TimeBasedCanaryTrafficRoutingProps{
				Interval:   minutes(props.Minutes),
				Percentage: jsii.Number(props.Percent),
			}),
		}),
		role: awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("codedeploy.amazonaws.com"), nil),
		}),
	}
}

// Deploy puts the alias under the canary's control.
func (c *Canary) Deploy(scope constructs.Construct, alias awslambda.Alias, alarms []awscloudwatch.IAlarm) {
	refs := make([]interfacesawscloudwatch.IAlarmRef, len(alarms))
	arns := make([]*string, len(alarms))
	for i, alarm := range alarms {
		refs[i], arns[i] = alarm, alarm.AlarmArn()
	}
	c.role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"),
		Resources: &[]*string{alias.Lambda().FunctionArn(), alias.FunctionArn()},
	}))
	c.role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("cloudwatch:DescribeAlarms"),
		Resources: &arns,
	}))
	awscodedeploy.NewLambdaDeploymentGroup(scope, jsii.String("Deployment"), &awscodedeploy.LambdaDeploymentGroupProps{
		Application:      c.application,
		Alias:            alias,
		Alarms:           &refs,
		DeploymentConfig: c.config,
		// The construct would add a managed policy that may touch every function of the account.
		Role: c.role.WithoutPolicyUpdates(nil),
		AutoRollback: &awscodedeploy.AutoRollbackConfig{
			FailedDeployment:  jsii.Bool(true),
			StoppedDeployment: jsii.Bool(true),
			DeploymentInAlarm: jsii.Bool(true),
		},
	})
}
