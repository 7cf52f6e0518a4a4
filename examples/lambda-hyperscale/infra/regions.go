package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// edgeRegion is where everything of CloudFront lives.
const edgeRegion = "us-east-1"

//go:embed edge/refuse-bad-tokens.js
var refuseBadTokens string

// inEachRegion is the environment once for each of its regions, the primary one first. The primary region makes what there
// is only one of: the table and the secret, with their replicas.
func (e *Environment) inEachRegion() []*Environment {
	var copies []*Environment
	for _, region := range append([]string{e.primary}, e.OtherRegions...) {
		one := *e
		one.Region = region
		copies = append(copies, &one)
	}
	return copies
}

func (e *Environment) isPrimary() bool   { return e.Region == e.primary }
func (e *Environment) stackName() string { return e.nameIn(e.Region) }

// nameIn is the name of everything of this environment in the region. The primary region's has no region in it, so that a
// service keeps its names when it gets a second region.
func (e *Environment) nameIn(region string) string {
	if region == e.primary {
		return e.sharedName()
	}
	return e.sharedName() + "-" + region
}

// sharedName is the name of what is the same in all regions.
func (e *Environment) sharedName() string { return fmt.Sprintf("%s-%s", serviceName, e.Name) }

// others is the regions of the environment but this one.
func (e *Environment) others() []string {
	var others []string
	for _, one := range e.inEachRegion() {
		if one.Region != e.Region {
			others = append(others, one.Region)
		}
	}
	return others
}

// otherBuses is the ARN of the bus in each of the other regions.
func (e *Environment) otherBuses() map[string]string {
	buses := map[string]string{}
	for _, region := range e.others() {
		buses[region] = fmt.Sprintf("arn:aws:events:%s:%s:event-bus/%s", region, e.Account, e.nameIn(region))
	}
	return buses
}

// keyIn is the ARN of the region's key.
func (e *Environment) keyIn(region string) string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:alias/%s", region, e.Account, e.nameIn(region))
}

// newKey makes the region's key. Where the table is only a replica, the key has a stack of its own: the primary region
// encrypts the replica with it, and so it has to be there first.
func newKey(scope constructs.Construct, stack awscdk.Stack, environment *Environment) awskms.IKey {
	if !environment.isPrimary() {
		stack = newStack(scope, environment, environment.stackName()+"-key", environment.Region)
	}
	return parts.NewKey(stack, "Key", &parts.KeyProps{Alias: environment.stackName(), IsProtected: environment.ProtectData})
}

func newStack(scope constructs.Construct, environment *Environment, name, region string) awscdk.Stack {
	stack := awscdk.NewStack(scope, jsii.String(name), &awscdk.StackProps{
		Description: jsii.String(fmt.Sprintf("%s, %s", serviceName, environment.Name)),
		Env:         &awscdk.Environment{Account: jsii.String(environment.Account), Region: jsii.String(region)},
	})
	tag(stack, environment.stackName(), environment)
	return stack
}

func zoneOf(stack awscdk.Stack, environment *Environment) awsroute53.IHostedZone {
	return awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String(environment.HostedZoneID), ZoneName: jsii.String(environment.HostedZone),
	})
}

// origin is the name of the API in whichever region is well and near.
func (e *Environment) origin() string { return "api." + e.Domain }

func (s *service) addDomain(api awsapigateway.RestApi) {
	if s.environment.Domain == "" {
		return
	}
	parts.NewRegionalDomain(s.stack, "Regional", &parts.RegionalDomainProps{
		API: api, Domain: s.environment.origin(), Zone: zoneOf(s.stack, s.environment), Region: s.environment.Region, HealthPath: "/live/health",
	})
}

// newEdgeStack makes what stands before all regions.
func newEdgeStack(scope constructs.Construct, environment *Environment) awscdk.Stack {
	name := environment.sharedName() + "-edge"
	stack := newStack(scope, environment, name, edgeRegion)
	parts.NewEdge(stack, "Edge", &parts.EdgeProps{
		Domain: environment.Domain,
		Origin: environment.origin(),
		Zone:   zoneOf(stack, environment),
		Firewall: parts.NewFirewall(stack, "Firewall", &parts.FirewallProps{
			Name: name, IsGlobal: true, RequestsPerAddress: maxRequestsPerAddress, LogRetentionDays: logRetentionDays,
			Key: parts.NewKey(stack, "Key", &parts.KeyProps{Alias: name}),
		}),
		RefuseBadTokens: strings.NewReplacer(
			"TOKEN_ISSUER", environment.Issuer, "TOKEN_AUDIENCE", strings.Join(environment.Audience, ","),
		).Replace(refuseBadTokens),
		LogRetentionDays: logRetentionDays,
	})
	return stack
}
