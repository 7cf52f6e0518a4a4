package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// waiveForAuditors is what the packs for auditors ask for and this service does not do. docs/compliance.md repeats it for
// them, with what stands in its place.
func waiveForAuditors(stack awscdk.Stack) {
	for _, pack := range []string{"NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"} {
		waiveEverywhere(stack, pack+"-IAMNoInlinePolicy",
			"A policy belongs to one role, is made and deleted with it, and can be attached to no other; every role has a permissions boundary too")
		waiveEverywhere(stack, pack+"-LambdaInsideVPC",
			"The functions call AWS services alone, over TLS and with their own role; a VPC would add routes and gateways to protect and protects nothing")
		waiveEverywhere(stack, pack+"-LambdaDLQ",
			"The function that is invoked asynchronously has a failure destination, which this rule does not know; what is read from queues and streams has dead-letter queues")
		waiveEverywhere(stack, pack+"-SecretsManagerRotationEnabled",
			"A webhook's secret belongs to its provider, who cannot be told a new one by a rotation function; see docs/runbooks/secret-rotation.md")
		waiveEverywhere(stack, pack+"-APIGWCacheEnabledAndEncrypted",
			"Answers are about one caller's orders and must not be cached")
		waiveEverywhere(stack, pack+"-APIGWSSLEnabled",
			"A client certificate proves the gateway to an HTTP backend; Lambda knows its caller by IAM")
	}
	waiveEverywhere(stack, "AwsSolutions-COG4",
		"Tokens are those of an OpenID Connect provider of your choice; the function authorize verifies them, also with keys that a user pool does not have")
	for path, policy := range map[string]string{
		"/Backup/Plan/Table/Role": "AWSBackupServiceRolePolicyForBackup",
		"/Api/Api/CloudWatchRole": "AmazonAPIGatewayPushToCloudWatchLogs",
	} {
		waiveAt(stack, path+"/Resource", "AwsSolutions-IAM4", policy+" is what the service documents; the boundary bounds it")
	}
	waiveAt(stack, "/Boundary/Resource", "AwsSolutions-IAM5", "A boundary grants nothing: it is a ceiling over the exact permissions of each role")
	for _, path := range []string{"/PublishEvents", "/ReconcileOrders"} {
		waiveAt(stack, path+"/Role/DefaultPolicy/Resource", "AwsSolutions-IAM5",
			"kms:GenerateDataKey* and kms:ReEncrypt* are the families that CDK allows for the service's own key; xray has no resources")
	}
}

func waiveEverywhere(stack awscdk.Stack, rule, reason string) {
	cdknag.NagSuppressions_AddStackSuppressions(stack, &[]*cdknag.NagPackSuppression{{Id: jsii.String(rule), Reason: jsii.String(reason)}}, nil)
}
