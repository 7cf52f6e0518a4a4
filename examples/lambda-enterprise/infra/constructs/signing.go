package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssigner"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewSigningProfile makes the profile with which the pipeline signs the functions' code. Its name has letters, digits and
// underscores.
func NewSigningProfile(scope constructs.Construct, id, name string) awssigner.SigningProfile {
	return awssigner.NewSigningProfile(scope, jsii.String(id), &awssigner.SigningProfileProps{
		Platform: awssigner.Platform_AWS_LAMBDA_SHA384_ECDSA(), SigningProfileName: jsii.String(name),
	})
}

// NewSigning says whose signature code has to bear. Code without it is reported when it is deployed, and refused if
// mustBeSigned.
func NewSigning(scope constructs.Construct, id string, profile awssigner.ISigningProfile, mustBeSigned bool) awslambda.CodeSigningConfig {
	policy := awslambda.UntrustedArtifactOnDeployment_WARN
	if mustBeSigned {
		policy = awslambda.UntrustedArtifactOnDeployment_ENFORCE
	}
	return awslambda.NewCodeSigningConfig(scope, jsii.String(id), &awslambda.CodeSigningConfigProps{
		SigningProfiles: &[]awssigner.ISigningProfile{profile}, UntrustedArtifactOnDeployment: policy,
	})
}
