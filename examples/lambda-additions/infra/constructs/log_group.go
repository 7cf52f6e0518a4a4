package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newLogGroup keeps its lines for the given number of days, which has to be one that CloudWatch Logs offers.
func newLogGroup(scope constructs.Construct, id string, retentionDays int, key awskms.IKey) awslogs.LogGroup {
	group := awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{EncryptionKey: key})
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(retentionDays))
	return group
}
