package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EdgeProps describes what stands before the regions, in every city.
type EdgeProps struct {
	// Domain is where callers go, Origin the name of the regions behind it; both are in Zone.
	Domain, Origin string
	Zone           awsroute53.IHostedZone
	Firewall       awswafv2.CfnWebACL
	// RefuseBadTokens is the code of the function that sees every request first.
	RefuseBadTokens string
	// LogRetentionDays is how long the access log is kept.
	LogRetentionDays float64
}

// NewEdge makes a distribution that caches nothing: what it brings is a handshake nearby, a firewall, and an end to requests
// that cannot succeed.
func NewEdge(scope constructs.Construct, id string, props *EdgeProps) awscloudfront.Distribution {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	tokens := awscloudfront.NewFunction(scope, jsii.String("RefuseBadTokens"), &awscloudfront.FunctionProps{
		Code:    awscloudfront.FunctionCode_FromInline(jsii.String(props.RefuseBadTokens)),
		Runtime: awscloudfront.FunctionRuntime_JS_2_0(),
		Comment: jsii.String("Refuses tokens that no region would accept"),
	})
	logs := awss3.NewBucket(scope, jsii.String("Logs"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		Versioned:         jsii.Bool(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_PREFERRED,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration: days(props.LogRetentionDays), NoncurrentVersionExpiration: days(1), AbortIncompleteMultipartUploadAfter: days(1),
		}},
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
	distribution := awscloudfront.NewDistribution(scope, jsii.String("Distribution"), &awscloudfront.DistributionProps{
		DomainNames: jsii.Strings(props.Domain),
		Certificate: awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
			DomainName: jsii.String(props.Domain), Validation: awscertificatemanager.CertificateValidation_FromDns(props.Zone),
		}),
		MinimumProtocolVersion: awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021,
		HttpVersion:            awscloudfront.HttpVersion_HTTP2_AND_3,
		WebAclId:               props.Firewall.AttrArn(),
		LogBucket:              logs,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: awscloudfrontorigins.NewHttpOrigin(jsii.String(props.Origin), &awscloudfrontorigins.HttpOriginProps{
				ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTPS_ONLY, OriginSslProtocols: &[]awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2},
			}),
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			ResponseHeadersPolicy: awscloudfront.ResponseHeadersPolicy_SECURITY_HEADERS(),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			FunctionAssociations: &[]*awscloudfront.FunctionAssociation{{
				EventType: awscloudfront.FunctionEventType_VIEWER_REQUEST, Function: tokens,
			}},
		},
	})
	awsroute53.NewARecord(scope, jsii.String("Record"), &awsroute53.ARecordProps{
		Zone: props.Zone, RecordName: jsii.String(props.Domain + "."), Target: awsroute53.RecordTarget_FromAlias(awsroute53targets.NewCloudFrontTarget(distribution)),
	})
	return distribution
}
