package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// addResizeFunction handles the new objects of the bucket uploads. Its name is in the stack's outputs.
func (s *service) addResizeFunction() {
	worker := s.newWorker("Resize", "resize", "Handles the new objects of the bucket uploads", nil)
	bucket := parts.NewBucket(s.stack, "UploadsBucket", &parts.BucketProps{
		Bus:         s.bus,
		Queue:       worker.Queue.Queue,
		VersionDays: recoveryDays,
		IsProtected: s.environment.ProtectData,
	})
	worker.AllowRead(bucket, nil)
	awscdk.NewCfnOutput(s.stack, jsii.String("UploadsBucketName"), &awscdk.CfnOutputProps{Value: bucket.BucketName()})
}
