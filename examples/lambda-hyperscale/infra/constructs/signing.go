package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssigner"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewSigning makes the profile with which the pipeline signs the functions' code. Code without its signature is reported
// when it is deployed, and refused if mustBeSigned.
func NewSigning(scope constructs.Construct, id string, mustBeSigned bool) awslambda.CodeSigningConfig {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	policy := awslambda.UntrustedArtifactOnDeployment_WARN
	if mustBeSigned {
		policy = awslambda.UntrustedArtifactOnDeployment_ENFORCE
	}
	return awslambda.NewCodeSigningConfig(scope, jsii.String("Config"), &awslambda.CodeSigningConfigProps{
		SigningProfiles: &[]awssigner.ISigningProfile{awssigner.NewSigningProfile(scope, jsii.String("Profile"), &awssigner.SigningProfileProps{
			Platform: awssigner.Platform_AWS_LAMBDA_SHA384_ECDSA(),
		})},
		UntrustedArtifactOnDeployment: policy,
	})
}
