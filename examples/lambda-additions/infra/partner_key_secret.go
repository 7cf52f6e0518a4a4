package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// addPartnerKeySecret makes the secret partner-key. Its first value is made up; you put the real one there.
func (s *service) addPartnerKeySecret() {
	secret := awssecretsmanager.NewSecret(s.stack, jsii.String("PartnerKeySecret"), &awssecretsmanager.SecretProps{
		SecretName: jsii.String(s.name + "/partner-key"),
	})
	s.added.shared["partner-key"] = &parts.Resource{
		Variable: "PARTNER_KEY_SECRET_ARN",
		Name:     *secret.SecretArn(),
		Arn:      *secret.SecretArn(),
		Actions:  []string{"secretsmanager:GetSecretValue"},
	}
}
