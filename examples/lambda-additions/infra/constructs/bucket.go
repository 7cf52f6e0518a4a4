package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BucketProps describes a bucket whose new objects are told to a queue.
type BucketProps struct {
	Bus *EventBus
	// Queue hears of every new object.
	Queue awssqs.IQueue
	// VersionDays is how long replaced and deleted objects can be brought back.
	VersionDays float64
	// Key encrypts the objects; without one S3 does with its own.
	Key awskms.IKey
	// IsProtected keeps the bucket, whatever happens to its stack.
	IsProtected bool
}

// NewBucket makes a private bucket with versions and access logs. Its events go by EventBridge, which repeats what it cannot
// deliver; S3's own notifications would want a custom resource.
func NewBucket(scope constructs.Construct, id string, props *BucketProps) awss3.Bucket {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	removal := awscdk.RemovalPolicy_DESTROY
	if props.IsProtected {
		removal = awscdk.RemovalPolicy_RETAIN
	}
	logs := awss3.NewBucket(scope, jsii.String("AccessLogs"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		RemovalPolicy:     removal,
		Versioned:         jsii.Bool(true),
		LifecycleRules:    &[]*awss3.LifecycleRule{{Expiration: days(90), NoncurrentVersionExpiration: days(1)}},
	})
	encryption := awss3.BucketEncryption_S3_MANAGED
	if props.Key != nil {
		encryption = awss3.BucketEncryption_KMS
	}
	bucket := awss3.NewBucket(scope, jsii.String("Bucket"), &awss3.BucketProps{
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:             encryption,
		EncryptionKey:          props.Key,
		EnforceSSL:             jsii.Bool(true),
		RemovalPolicy:          removal,
		Versioned:              jsii.Bool(true),
		LifecycleRules:         &[]*awss3.LifecycleRule{{NoncurrentVersionExpiration: days(props.VersionDays), AbortIncompleteMultipartUploadAfter: days(7)}},
		ServerAccessLogsBucket: logs,
	})
	bucket.Node().DefaultChild().(awss3.CfnBucket).AddPropertyOverride(
		jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	props.Bus.SubscribeToAWS(id, &awsevents.EventPattern{
		Source:     jsii.Strings("aws.s3"),
		DetailType: jsii.Strings("Object Created"),
		Detail:     &map[string]any{"bucket": map[string]any{"name": []*string{bucket.BucketName()}}},
	}, props.Queue)
	return bucket
}

// AllowRead lets a function read the bucket's objects.
func (f *Function) AllowRead(bucket awss3.Bucket, key awskms.IKey) {
	f.Allow([]string{*bucket.BucketArn() + "/*"}, "s3:GetObject")
	if key != nil {
		f.allowKey(key, "s3")
	}
}
