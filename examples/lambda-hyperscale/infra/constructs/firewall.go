package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FirewallProps describes a web application firewall.
type FirewallProps struct {
	Name string
	// IsGlobal says that it stands before CloudFront, in us-east-1, and not before an API.
	IsGlobal bool
	// RequestsPerAddress in five minutes are taken from one IP address.
	RequestsPerAddress float64
	LogRetentionDays   float64
	Key                awskms.IKey
}

// NewFirewall makes a web ACL of AWS's own rules for what every API is attacked with, and a limit for each caller. Its log
// tells what was blocked; what callers authenticate with is not in it.
func NewFirewall(scope constructs.Construct, id string, props *FirewallProps) awswafv2.CfnWebACL {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	side := "REGIONAL"
	if props.IsGlobal {
		side = "CLOUDFRONT"
	}
	rules := []any{limitPerAddress(props.RequestsPerAddress)}
	for n, group := range []string{"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"} {
		rules = append(rules, managedRules(group, float64(n+1)))
	}
	acl := awswafv2.NewCfnWebACL(scope, jsii.String("Acl"), &awswafv2.CfnWebACLProps{
		Name:             jsii.String(props.Name),
		Scope:            jsii.String(side),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		Rules:            &rules,
		VisibilityConfig: visible("All"),
	})
	// WAF only writes to groups whose names start so.
	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("aws-waf-logs-" + props.Name), EncryptionKey: props.Key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	logs.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(props.LogRetentionDays))
	arn := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: logs.LogGroupName(), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	awswafv2.NewCfnLoggingConfiguration(scope, jsii.String("Logging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn:           acl.AttrArn(),
		LogDestinationConfigs: &[]any{arn},
		RedactedFields:        &[]any{&awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]string{"Name": "authorization"}}},
	})
	return acl
}

func limitPerAddress(requests float64) *awswafv2.CfnWebACL_RuleProperty {
	return &awswafv2.CfnWebACL_RuleProperty{
		Name:     jsii.String("RequestsPerAddress"),
		Priority: jsii.Number(0),
		Action:   &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{}},
		Statement: &awswafv2.CfnWebACL_StatementProperty{
			RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(requests)},
		},
		VisibilityConfig: visible("RequestsPerAddress"),
	}
}

func managedRules(group string, priority float64) *awswafv2.CfnWebACL_RuleProperty {
	return &awswafv2.CfnWebACL_RuleProperty{
		Name:           jsii.String(group),
		Priority:       jsii.Number(priority),
		OverrideAction: &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
		Statement: &awswafv2.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: jsii.String(group)},
		},
		VisibilityConfig: visible(group),
	}
}

func visible(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName: jsii.String(name), CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(true),
	}
}
