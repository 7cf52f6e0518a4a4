package rules

import (
	"regexp"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// replicas is where a table's settings for each region stand: in its replicas, or in the table itself.
func replicas(table *cfn.Resource) []any {
	if table.Type == "AWS::DynamoDB::GlobalTable" {
		return table.List("Replicas")
	}
	return []any{table.Properties}
}

func pointInTimeRecovery(s *Subject) Outcome {
	return each(s.tables(), "table", func(table *cfn.Resource) string {
		for _, replica := range replicas(table) {
			if cfn.At(replica, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
				return "it cannot be restored"
			}
		}
		return ""
	})
}

// isDisposable says which environments are thrown away and made anew.
func isDisposable(environment string) bool {
	return slices.Contains([]string{"dev", "test", "sandbox", "preview"}, environment)
}

func dataProtected(s *Subject) Outcome {
	if environment := s.environment(); isDisposable(environment) {
		return Outcome{Skip: "the environment " + environment + " is thrown away and made anew"}
	}
	return each(s.tables(), "table", func(table *cfn.Resource) string {
		if table.DeletionPolicy != "Retain" || table.UpdateReplacePolicy != "Retain" {
			return "it is deleted with its stack"
		}
		for _, replica := range replicas(table) {
			if cfn.At(replica, "DeletionProtectionEnabled") != true {
				return "it can be deleted by one call"
			}
		}
		return ""
	})
}

func tableLimit(s *Subject) Outcome {
	onDemand := slices.DeleteFunc(s.tables(), func(table *cfn.Resource) bool { return table.Text("BillingMode") != "PAY_PER_REQUEST" })
	return each(onDemand, "on-demand table", func(table *cfn.Resource) string {
		if table.At("OnDemandThroughput") == nil && table.At("WriteOnDemandThroughputSettings") == nil {
			return "nothing limits its request units"
		}
		return ""
	})
}

func canaries(s *Subject) Outcome {
	aliases := s.OfType("AWS::Lambda::Alias")
	if len(s.functions()) > 0 && len(aliases) == 0 {
		return Outcome{Checked: 1, Failures: []Failure{{Message: "no function has an alias, so no deployment can be taken back"}}}
	}
	return each(aliases, "alias", func(alias *cfn.Resource) string {
		group := s.deploymentGroup(alias)
		switch {
		case group == nil:
			return "a new version gets all of its traffic at once"
		case group.At("AutoRollbackConfiguration", "Enabled") != true || len(group.List("AlarmConfiguration", "Alarms")) == 0:
			return "no alarm takes a new version back"
		default:
			return ""
		}
	})
}

// deploymentGroup is the CodeDeploy group that the alias's update policy names.
func (s *Subject) deploymentGroup(alias *cfn.Resource) *cfn.Resource {
	return first(s.Refs(alias.UpdatePolicy["CodeDeployLambdaAliasUpdate"]), "AWS::CodeDeploy::DeploymentGroup")
}

func budget(s *Subject) Outcome {
	outcome := s.atLeastOne("AWS::Budgets::Budget", "budget")
	for _, r := range s.OfType("AWS::Budgets::Budget") {
		if len(r.List("NotificationsWithSubscribers")) == 0 {
			outcome.Failures = append(outcome.Failures, Failure{Resource: r, Message: "it notifies nobody"})
		}
	}
	return outcome
}

// required is the tags by which costs and alarms find their owner.
func required() []string { return []string{"service", "env", "owner", "cost-center"} }

func tags(s *Subject) Outcome {
	return each(append(s.functions(), s.OfType("AWS::SQS::Queue")...), "function or queue", func(r *cfn.Resource) string {
		for _, key := range required() {
			if !slices.ContainsFunc(r.List("Tags"), func(tag any) bool { return cfn.At(tag, "Key") == key }) {
				return "it has no tag " + key
			}
		}
		return ""
	})
}

// example is the domains that RFC 2606 reserves for examples.
var example = regexp.MustCompile(`[/@.]example\.(com|org|net)\b`)

func placeholders(s *Subject) Outcome {
	resources := append(s.OfType("AWS::ApiGatewayV2::Authorizer", "AWS::SNS::Subscription"), s.functions()...)
	return each(resources, "authorizer, subscription or function", func(r *cfn.Resource) string {
		for _, value := range []string{r.Text("JwtConfiguration", "Issuer"), r.Text("Endpoint"), r.Text("Environment", "Variables", "TOKEN_ISSUER")} {
			if example.MatchString(value) {
				return value + " is a placeholder"
			}
		}
		return ""
	})
}
