package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
	Canary      *Canary
	// Memory is in MB.
	Memory float64
	// LogRetentionDays is how long log lines are kept.
	LogRetentionDays int
	// DeadLetterRetentionDays is how long dead letters of the functions' sources are kept, 14 at most.
	DeadLetterRetentionDays float64
	Thresholds              FunctionThresholds
}

// FunctionThresholds is when somebody is woken up for a function.
type FunctionThresholds struct {
	// ErrorPercent and ThrottlePercent are shares of the invocations.
	ErrorPercent, ThrottlePercent float64
	// MinInvocations in five minutes make an error rate of a function that callers wait for.
	MinInvocations float64
	// TimeoutPercent is the share of the timeout that the 99th percentile of the duration may take.
	TimeoutPercent float64
	// MemoryPercent is the share of the memory that an invocation may use.
	MemoryPercent float64
	// WarmMilliseconds is for the 95th percentile of functions that callers wait for.
	WarmMilliseconds float64
	// ColdStartMilliseconds is for the 99th percentile of the same functions' initialisation.
	ColdStartMilliseconds float64
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
	logs := newLogGroup(scope, "Logs", props.LogRetentionDays)
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
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_DEBUG,
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO,
		Tracing:               awslambda.Tracing_ACTIVE,
	})
	waitForPermissions(fn, role)
	alias := awslambda.NewAlias(scope, jsii.String("Live"), &awslambda.AliasProps{
		AliasName: jsii.String("live"),
		Version:   fn.CurrentVersion(),
	})
	function := &Function{scope: scope, fn: fn, alias: alias, logs: logs}
	rollback := function.addAlarms(props)
	props.Canary.Deploy(scope, alias, rollback)
	return function
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

// addAlarms answers the alarms that take a new version back.
func (f *Function) addAlarms(props *FunctionProps) []awscloudwatch.IAlarm {
	limits, period := props.Thresholds, minutes(5)
	invocations := f.fn.MetricInvocations(statistic("Sum", period))
	minInvocations := 1.0
	if props.IsSynchronous {
		minInvocations = limits.MinInvocations
	}
	add := func(id, runbook, summary string, metric awscloudwatch.IMetric, threshold float64) awscloudwatch.Alarm {
		return props.Alarms.Add(f.scope, id, &AlarmProps{
			Summary: fmt.Sprintf("Function %s: %s", props.Folder, summary), Runbook: runbook, Metric: metric, Threshold: threshold,
		})
	}
	rollback := []awscloudwatch.IAlarm{
		add("Errors", "function-errors", fmt.Sprintf("more than %g %% of its invocations fail.", limits.ErrorPercent),
			share(f.fn.MetricErrors(statistic("Sum", period)), invocations, minInvocations, period), limits.ErrorPercent),
		add("Slow", "function-slow", fmt.Sprintf("one invocation in a hundred takes over %g %% of the timeout.", limits.TimeoutPercent),
			f.fn.MetricDuration(statistic("p99", period)), props.Timeout*1000*limits.TimeoutPercent/100),
	}
	add("Throttles", "function-throttles", fmt.Sprintf("more than %g %% of its invocations are throttled.", limits.ThrottlePercent),
		share(f.fn.MetricThrottles(statistic("Sum", period)), invocations, 1, period), limits.ThrottlePercent)
	add("Memory", "function-memory", fmt.Sprintf("it uses more than %g %% of its memory.", limits.MemoryPercent),
		f.reportMetric("MaxMemoryUsed", "$.record.metrics.maxMemoryUsedMB", "Maximum"), props.Memory*limits.MemoryPercent/100)
	if props.IsSynchronous {
		rollback = append(rollback, add("Latency", "function-slow",
			fmt.Sprintf("one caller in twenty waits for more than %g ms.", limits.WarmMilliseconds),
			f.fn.MetricDuration(statistic("p95", period)), limits.WarmMilliseconds))
		add("ColdStart", "cold-start", fmt.Sprintf("it takes over %g ms to start.", limits.ColdStartMilliseconds),
			f.reportMetric("InitDuration", "$.record.metrics.initDurationMs", "p99"), limits.ColdStartMilliseconds)
	}
	return rollback
}

// reportMetric reads a number that Lambda itself writes into the log after each invocation.
func (f *Function) reportMetric(name, value, stat string) awscloudwatch.IMetric {
	filter := f.logs.AddMetricFilter(jsii.String(name), &awslogs.MetricFilterOptions{
		FilterPattern:   awslogs.FilterPattern_NumberValue(jsii.String(value), jsii.String(">"), jsii.Number(0)),
		MetricNamespace: awscdk.Aws_STACK_NAME(),
		MetricName:      jsii.String(*f.scope.Node().Id() + name),
		MetricValue:     jsii.String(value),
	})
	return filter.Metric(statistic(stat, minutes(5)))
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
