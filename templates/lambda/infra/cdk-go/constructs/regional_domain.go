package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RegionalDomainProps describes the name under which an API is reached in whichever region is well and near.
type RegionalDomainProps struct {
	API awsapigateway.RestApi
	// Domain is the same in every region; it is in Zone.
	Domain string
	Zone   awsroute53.IHostedZone
	// Region is the one of this API.
	Region string
	// HealthPath is asked from all over the world, every ten seconds; two bad answers take the region out of the name.
	HealthPath string
}

// NewRegionalDomain gives the API a name with latency records and a health check. Two checks that fail, ten seconds apart,
// and records that live for a minute at most keep a failover under a minute for callers who look the name up again.
func NewRegionalDomain(scope constructs.Construct, id string, props *RegionalDomainProps) {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	domain := awsapigateway.NewDomainName(scope, jsii.String("Domain"), &awsapigateway.DomainNameProps{
		DomainName: jsii.String(props.Domain),
		Certificate: awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), &awscertificatemanager.CertificateProps{
			DomainName: jsii.String(props.Domain), Validation: awscertificatemanager.CertificateValidation_FromDns(props.Zone),
		}),
		EndpointType:   awsapigateway.EndpointType_REGIONAL,
		SecurityPolicy: awsapigateway.SecurityPolicy_TLS_1_2,
		Mapping:        props.API,
	})
	host := fmt.Sprintf("%s.execute-api.%s.%s", *props.API.RestApiId(), props.Region, *awscdk.Aws_URL_SUFFIX())
	check := awsroute53.NewCfnHealthCheck(scope, jsii.String("Health"), &awsroute53.CfnHealthCheckProps{
		HealthCheckConfig: &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{
			Type: jsii.String("HTTPS"), FullyQualifiedDomainName: jsii.String(host), ResourcePath: jsii.String(props.HealthPath),
			RequestInterval: jsii.Number(10), FailureThreshold: jsii.Number(2), EnableSni: jsii.Bool(true),
		},
	})
	awsroute53.NewCfnRecordSet(scope, jsii.String("Record"), &awsroute53.CfnRecordSetProps{
		HostedZoneId:  props.Zone.HostedZoneId(),
		Name:          jsii.String(props.Domain),
		Type:          jsii.String("A"),
		SetIdentifier: jsii.String(props.Region),
		Region:        jsii.String(props.Region),
		HealthCheckId: check.AttrHealthCheckId(),
		AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
			DnsName: domain.DomainNameAliasDomainName(), HostedZoneId: domain.DomainNameAliasHostedZoneId(), EvaluateTargetHealth: jsii.Bool(true),
		},
	})
}
