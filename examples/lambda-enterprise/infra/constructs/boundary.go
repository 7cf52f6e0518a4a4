package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// ApplyBoundary bounds every role of the stack: whatever policies it is given one day, it can do no more than this. The
// boundary is a ceiling and grants nothing.
func ApplyBoundary(stack awscdk.Stack, name, tableName string, buses ...string) {
	arn := func(service, resource string) string {
		return "arn:aws:" + service + ":" + *stack.Region() + ":" + *stack.Account() + ":" + resource
	}
	statement := func(resources []string, actions ...string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...)})
	}
	objects := statement([]string{"arn:aws:s3:::*"}, "s3:GetObject")
	objects.AddCondition(jsii.String("StringEquals"), map[string]string{"aws:ResourceAccount": *stack.Account()})
	boundary := awsiam.NewManagedPolicy(stack, jsii.String("Boundary"), &awsiam.ManagedPolicyProps{
		ManagedPolicyName: jsii.String(name + "-boundary"),
		Description:       jsii.String("What roles of " + name + " can do at most"),
		Statements: &[]awsiam.PolicyStatement{
			objects,
			statement([]string{arn("dynamodb", "table/"+tableName+"*")},
				"dynamodb:DeleteItem", "dynamodb:DescribeStream", "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
				"dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"),
			statement([]string{arn("sqs", name+"-*")},
				"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"),
			statement(append(buses, arn("events", "event-bus/"+name), arn("events", "event-bus/"+name+"-*")), "events:PutEvents"),
			statement([]string{arn("lambda", "function:"+name+"-*")},
				"lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:InvokeFunction", "lambda:UpdateAlias"),
			statement([]string{arn("secretsmanager", "secret:*")}, "secretsmanager:GetSecretValue"),
			statement([]string{arn("kms", "key/*")}, "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
			statement([]string{arn("dynamodb", "table/"+tableName), arn("dynamodb", "table/"+tableName+"-*")}, "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"),
			statement([]string{arn("backup", "backup-vault:"+name)}, "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"),
			statement([]string{arn("cloudwatch", "alarm:*")}, "cloudwatch:DescribeAlarms"),
			statement([]string{arn("logs", "log-group:*")},
				"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents",
				"logs:GetLogEvents", "logs:PutLogEvents"),
			statement([]string{"*"}, "dynamodb:ListStreams", "xray:PutTelemetryRecords", "xray:PutTraceSegments"),
		},
	})
	awsiam.PermissionsBoundary_Of(stack).Apply(boundary)
}
