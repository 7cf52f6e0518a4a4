package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FunctionDefaults is what all functions of a service have in common.
type FunctionDefaults struct {
	// Assets is the folder in which the build leaves one folder a function.
	Assets      string
	Environment map[string]string
	Alarms      *Alarms
	// Memory is in MB.
	Memory float64
	// LogRetentionDays is how long log lines are kept.
	LogRetentionDays int
	// DeadLetterRetentionDays is how long dead letters of the functions' sources are kept, 14 at most.
	DeadLetterRetentionDays float64
	// Key encrypts the environment, the log lines and the queues of the functions; AWS's own keys do without one.
	Key awskms.IKey
	// Signing says whose signature the code has to bear. It may be left out.
	Signing awslambda.ICodeSigningConfig
	// Watch adds the alarms of a function, and answers those that take a new version back. It may be left out.
	Watch func(*Function, *FunctionProps) []awscloudwatch.IAlarm
	// Deployment moves the traffic to a new version. Without one, all of it moves at once.
	Deployment Deployment
}

// Deployment moves the traffic of an alias to a new version, and back when one of the alarms goes off.
type Deployment interface {
	Deploy(scope constructs.Construct, alias awslambda.Alias, alarms []awscloudwatch.IAlarm)
}

// FunctionProps describes one function.
type FunctionProps struct {
	*FunctionDefaults
	// Description says what the function is for.
	Description string
	// Folder is the function's folder in the assets.
	Folder string
	// Timeout is in seconds.
	Timeout float64
	// Environment is added to that of the defaults.
	Environment map[string]string
	// IsSynchronous says that a caller waits for the answer.
	IsSynchronous bool
	// Reserved is how many instances the function has for itself, and may have at most; 0 for what the account has left.
	Reserved float64
	// Provisioned is how many instances are always warm. Up to ten times as many are when there is more to do.
	Provisioned float64
}

// Function is a Lambda function with its own role, log group, alias and alarms. Whoever invokes it does so
// through the alias, so that a new version gets its traffic step by step.
type Function struct {
	scope constructs.Construct
	fn    awslambda.Function
	alias awslambda.Alias
	logs  awslogs.LogGroup
}

// NewFunction makes a function from its folder in the assets.
func NewFunction(scope constructs.Construct, id string, props *FunctionProps) *Function {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	logs := newLogGroup(scope, "Logs", props.LogRetentionDays, props.Key)
	role := executionRole(scope, logs)
	fn := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		Description:   jsii.String(props.Description),
		Runtime:       awslambda.Runtime_NODEJS_24_X(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       jsii.String("index.handler"),
		Code:          awslambda.Code_FromAsset(jsii.String(props.Assets+"/"+props.Folder), nil),
		MemorySize:    jsii.Number(props.Memory),
		Timeout:       seconds(props.Timeout),
		Environment:   merge(props.FunctionDefaults.Environment, props.Environment),
		Role:          role,
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		// Lambda drops what is below this level, and the logger decides what is written: also the share of invocations
		// that it logs in full.
		ApplicationLogLevelV2:        awslambda.ApplicationLogLevel_DEBUG,
		SystemLogLevelV2:             awslambda.SystemLogLevel_INFO,
		Tracing:                      awslambda.Tracing_ACTIVE,
		EnvironmentEncryption:        props.Key,
		CodeSigningConfig:            props.Signing,
		ReservedConcurrentExecutions: positive(props.Reserved),
	})
	waitForPermissions(fn, role)
	alias := newAlias(scope, fn, props.Provisioned)
	function := &Function{scope: scope, fn: fn, alias: alias, logs: logs}
	if props.Key != nil {
		function.allowKey(props.Key, "dynamodb", "lambda", "secretsmanager", "sqs")
	}
	var alarms []awscloudwatch.IAlarm
	if props.Watch != nil {
		alarms = props.Watch(function, props)
	}
	if props.Deployment != nil {
		props.Deployment.Deploy(scope, alias, alarms)
	}
	return function
}

// newAlias makes the alias live. Its warm instances follow the load: there are more when 70 % of them are busy.
func newAlias(scope constructs.Construct, fn awslambda.Function, provisioned float64) awslambda.Alias {
	alias := awslambda.NewAlias(scope, jsii.String("Live"), &awslambda.AliasProps{
		AliasName:                       jsii.String("live"),
		Version:                         fn.CurrentVersion(),
		ProvisionedConcurrentExecutions: positive(provisioned),
	})
	if provisioned > 0 {
		alias.AddAutoScaling(&awslambda.AutoScalingOptions{
			MinCapacity: jsii.Number(provisioned), MaxCapacity: jsii.Number(10 * provisioned),
		}).ScaleOnUtilization(&awslambda.UtilizationScalingOptions{UtilizationTarget: jsii.Number(0.7)})
	}
	return alias
}

// positive leaves a setting out that is 0.
func positive(n float64) *float64 {
	if n == 0 {
		return nil
	}
	return &n
}

// Alias is what event sources and integrations invoke.
func (f *Function) Alias() awslambda.Alias { return f.alias }

// Allow lets the function do exactly these actions on exactly these resources.
func (f *Function) Allow(resources []string, actions ...string) {
	f.fn.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: jsii.Strings(resources...),
	}))
}

// allowKey lets the function use the key through the services whose data it encrypts, and not by itself.
func (f *Function) allowKey(key awskms.IKey, services ...string) {
	region := *awscdk.Stack_Of(f.scope).Region()
	var through []string
	for _, service := range services {
		through = append(through, service+"."+region+".amazonaws.com")
	}
	f.fn.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
		Resources:  &[]*string{key.KeyArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"kms:ViaService": through}},
	}))
}

// executionRole can write to the function's own log group and nothing else.
func executionRole(scope constructs.Construct, logs awslogs.LogGroup) awsiam.Role {
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	return role
}

// waitForPermissions makes the function after its role's policy. CDK makes it wait for the role too, which follows
// from the policy, and which cfn-lint calls redundant (W3005).
func waitForPermissions(fn awslambda.Function, role awsiam.Role) {
	policy := role.Node().FindChild(jsii.String("DefaultPolicy")).Node().DefaultChild().(awsiam.CfnPolicy)
	resource := fn.Node().DefaultChild().(awslambda.CfnFunction)
	resource.AddOverride(jsii.String("DependsOn"), []*string{policy.LogicalId()})
}

func merge(maps ...map[string]string) *map[string]*string {
	merged := map[string]*string{}
	for _, m := range maps {
		for key, value := range m {
			merged[key] = jsii.String(value)
		}
	}
	return &merged
}
