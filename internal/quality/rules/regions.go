package rules

import (
	"fmt"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

func tableInRegions(s *Subject) Outcome {
	if environment := s.environment(); isDisposable(environment) {
		return Outcome{Skip: "the environment " + environment + " is thrown away and made anew"}
	}
	return each(s.tables(), "table", func(table *cfn.Resource) string {
		if found := len(replicas(table)); table.Type != "AWS::DynamoDB::GlobalTable" || found < s.Policy.Regions.Active {
			return fmt.Sprintf("it is in %d of %d regions", found, s.Policy.Regions.Active)
		}
		return ""
	})
}

// regionalNames is about templates with an API: its callers have to reach another region by the same name.
func regionalNames(s *Subject) Outcome {
	apis := s.OfType("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
	if environment := s.environment(); isDisposable(environment) {
		return Outcome{Skip: "the environment " + environment + " is thrown away and made anew"}
	}
	return each(apis, "API", func(*cfn.Resource) string {
		for _, record := range s.OfType("AWS::Route53::RecordSet") {
			isRouted := record.At("Region") != nil || record.At("Failover") != nil || record.At("Weight") != nil
			if isRouted && record.At("HealthCheckId") != nil {
				return ""
			}
		}
		return "no record with a health check leads to it and away from it"
	})
}

func edgeRefuses(s *Subject) Outcome {
	return each(s.OfType("AWS::CloudFront::Distribution"), "distribution", func(d *cfn.Resource) string {
		behaviour := d.At("DistributionConfig", "DefaultCacheBehavior")
		if len(cfn.List(cfn.At(behaviour, "FunctionAssociations"))) == 0 && len(cfn.List(cfn.At(behaviour, "LambdaFunctionAssociations"))) == 0 {
			return "requests that cannot succeed go all the way to a region"
		}
		return ""
	})
}

func modernTLS(s *Subject) Outcome {
	return each(s.OfType("AWS::CloudFront::Distribution", "AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName"), "name of an API", func(r *cfn.Resource) string {
		var version string
		switch r.Type {
		case "AWS::CloudFront::Distribution":
			version = r.Text("DistributionConfig", "ViewerCertificate", "MinimumProtocolVersion")
		case "AWS::ApiGateway::DomainName":
			version = r.Text("SecurityPolicy")
		default:
			version = "TLS_1_2" // It takes nothing else.
		}
		if !strings.HasPrefix(version, "TLSv1.2_2021") && !strings.HasPrefix(version, "TLSv1.3") && !strings.HasPrefix(version, "TLS_1_2") && !strings.HasPrefix(version, "SecurityPolicy_TLS1") {
			return "it takes old versions of TLS"
		}
		return ""
	})
}

func pollersProvisioned(s *Subject) Outcome {
	queues, _ := s.mappings()
	return each(queues, "function that reads a queue", func(mapping *cfn.Resource) string {
		// One without any limit is RT-13's concern.
		if mapping.At("ProvisionedPollerConfig") == nil && mapping.At("ScalingConfig", "MaximumConcurrency") != nil {
			return "its pollers have to be started when the load comes"
		}
		return ""
	})
}
