package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// newSigning makes the profile that scripts/sign.mjs signs with. It has a stack of its own, because code has to be signed
// before it is deployed.
func newSigning(scope constructs.Construct, stack awscdk.Stack, environment *Environment, name string) awslambda.ICodeSigningConfig {
	signing := awscdk.NewStack(scope, jsii.String(name+"-signing"), &awscdk.StackProps{
		Description: jsii.String("What the functions of " + name + " are signed with"),
		Env:         &awscdk.Environment{Account: jsii.String(environment.Account), Region: jsii.String(environment.Region)},
	})
	tag(signing, name, environment)
	profile := parts.NewSigningProfile(signing, "Profile", strings.ReplaceAll(name, "-", "_"))
	return parts.NewSigning(stack, "Signing", profile, codeMustBeSigned)
}
