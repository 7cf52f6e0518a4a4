package constructs

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TableProps describes a table with a partition key `pk`, a TTL attribute `expiresAt` and a stream.
type TableProps struct {
	Alarms *Alarms
	// Name is fixed, so that other regions can refer to the table.
	Name string
	// Regions is where else the table is, by the ARN of the key there.
	Regions map[string]string
	// Indexes are its global secondary indexes.
	Indexes []*awsdynamodb.GlobalSecondaryIndexPropsV2
	// MaxReadUnits and MaxWriteUnits bound what a runaway caller can cost, in request units a second.
	MaxReadUnits, MaxWriteUnits float64
	// RecoveryDays is how far back the table can be restored to any second, 1 to 35.
	RecoveryDays float64
	// Key encrypts the items; without one DynamoDB does with its own.
	Key awskms.IKey
	// IsProtected keeps the table, whatever happens to its stack.
	IsProtected bool
}

// NewTable makes an on-demand table. It is a global table with one replica, because a plain table would have to
// be replaced on the day that a second region is wanted.
func NewTable(scope constructs.Construct, id string, props *TableProps) awsdynamodb.TableV2 {
	removal := awscdk.RemovalPolicy_DESTROY
	if props.IsProtected {
		removal = awscdk.RemovalPolicy_RETAIN
	}
	table := awsdynamodb.NewTableV2(scope, jsii.String(id), &awsdynamodb.TablePropsV2{
		TableName:              jsii.String(props.Name),
		Replicas:               props.replicas(),
		PartitionKey:           &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
		GlobalSecondaryIndexes: &props.Indexes,
		TimeToLiveAttribute:    jsii.String("expiresAt"),
		DynamoStream:           awsdynamodb.StreamViewType_NEW_IMAGE,
		Billing: awsdynamodb.Billing_OnDemand(&awsdynamodb.MaxThroughputProps{
			MaxReadRequestUnits:  jsii.Number(props.MaxReadUnits),
			MaxWriteRequestUnits: jsii.Number(props.MaxWriteUnits),
		}),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
			RecoveryPeriodInDays:       jsii.Number(props.RecoveryDays),
		},
		DeletionProtection: jsii.Bool(props.IsProtected),
		RemovalPolicy:      removal,
		Encryption:         tableEncryption(props.Key, props.Regions),
	})
	WatchTable(table, table, props.Alarms)
	return table
}

// WatchTable adds the alarm of a table, in the scope given.
func WatchTable(scope constructs.Construct, table awsdynamodb.ITableV2, alarms *Alarms) {
	alarms.Add(scope, "Throttles", &AlarmProps{
		Summary:   "The table throttles requests.",
		Runbook:   "table-throttles",
		Metric:    throttles(table),
		Threshold: 0,
	})
}

// replicas has the same protection in every region.
func (p *TableProps) replicas() *[]*awsdynamodb.ReplicaTableProps {
	var replicas []*awsdynamodb.ReplicaTableProps
	for _, region := range slices.Sorted(maps.Keys(p.Regions)) {
		replicas = append(replicas, &awsdynamodb.ReplicaTableProps{
			Region:             jsii.String(region),
			DeletionProtection: jsii.Bool(p.IsProtected),
			PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: jsii.Bool(true), RecoveryPeriodInDays: jsii.Number(p.RecoveryDays),
			},
		})
	}
	return &replicas
}

func tableEncryption(key awskms.IKey, regions map[string]string) awsdynamodb.TableEncryptionV2 {
	if key == nil {
		return nil
	}
	arns := map[string]*string{}
	for region, arn := range regions {
		arns[region] = jsii.String(arn)
	}
	return awsdynamodb.TableEncryptionV2_CustomerManagedKey(key, &arns)
}

func throttles(table awsdynamodb.ITableV2) awscloudwatch.IMetric {
	period := minutes(1)
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("reads + writes"),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"reads":  table.Metric(jsii.String("ReadThrottleEvents"), statistic("Sum", period)),
			"writes": table.Metric(jsii.String("WriteThrottleEvents"), statistic("Sum", period)),
		},
		Period: period,
	})
}
