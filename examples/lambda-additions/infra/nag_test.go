package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// waive names the rules that do not hold here, each with the reason. The rest of the waivers, for checkov, is in
// .checkov.yaml.
func waive(stack awscdk.Stack) {
	cdknag.NagSuppressions_AddStackSuppressions(stack, &[]*cdknag.NagPackSuppression{
		{
			Id:        jsii.String("AwsSolutions-IAM5"),
			AppliesTo: &[]any{"Resource::*"},
			Reason:    jsii.String("X-Ray has no resources: xray:PutTraceSegments and PutTelemetryRecords can only be allowed on *"),
		},
		{
			Id:     jsii.String("AwsSolutions-SMG4"),
			Reason: jsii.String("A webhook's secret belongs to its provider, who cannot be told a new one by a rotation function; see docs/runbooks/secret-rotation.md"),
		},
	}, nil)
	for _, path := range []string{
		"/Events/Undelivered",
		"/PublishEvents/DeadLetters",
		"/ReconcileOrders/DeadLetters",
		"/NotifyTopic/Undelivered",
		"/ProjectReports/DeadLetters",
		"/SendDigest/DeadLetters",
		"/AuditBus/Undelivered",
	} {
		waiveAt(stack, path+"/Resource", "AwsSolutions-SQS3", "This is a dead-letter queue, of a rule, a stream or a schedule and not of another queue")
	}
	waiveAt(stack, "/Resize/Role/DefaultPolicy/Resource", "AwsSolutions-IAM5", "The function reads all objects of one bucket, and nothing else")
	waiveAt(stack, "/Api/Api/GET--health/Resource", "AwsSolutions-APIG4", "A health check has no credentials, and the answer tells nothing")
	waiveAt(stack, "/Api/Api/POST--webhooks--{provider}/Resource", "AwsSolutions-APIG4", "A webhook brings a signature instead of a token, and the function verifies it")
}

func waiveAt(stack awscdk.Stack, path, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressionsByPath(stack, "/"+*stack.StackName()+path,
		&[]*cdknag.NagPackSuppression{{Id: jsii.String(rule), Reason: jsii.String(reason)}}, nil)
}

func TestNag(t *testing.T) {
	props := &cdknag.NagPackProps{Verbose: jsii.Bool(true)}
	for name, pack := range map[string]func() awscdk.IAspect{
		"AwsSolutions": func() awscdk.IAspect { return cdknag.NewAwsSolutionsChecks(props) },
	} {
		t.Run(name, func(t *testing.T) {
			stack := testStack(t, strictest)
			awscdk.Aspects_Of(stack).Add(pack(), nil)
			waive(stack)
			annotations := assertions.Annotations_FromStack(stack)
			pattern := assertions.Match_StringLikeRegexp(jsii.String(name + "-.*"))
			for _, found := range append(*annotations.FindError(jsii.String("*"), pattern), *annotations.FindWarning(jsii.String("*"), pattern)...) {
				t.Errorf("%s: %v", *found.Id, found.Entry.Data)
			}
		})
	}
}
