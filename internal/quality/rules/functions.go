package rules

import (
	"fmt"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// lifecycle is the day from which on AWS calls a runtime deprecated, as of 2026-11-23
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html). One that ended before 2025 stands with that year.
func lifecycle() map[string]string {
	ends := map[string]string{
		"nodejs24.x": "2028-04-30", "nodejs22.x": "2027-04-30", "nodejs20.x": "2026-04-30", "nodejs18.x": "2025-09-01",
		"python3.14": "2029-06-30", "python3.13": "2029-06-30", "python3.12": "2028-10-31", "python3.11": "2027-06-30",
		"python3.10": "2026-10-31", "python3.9": "2025-12-15",
		"java25": "2029-06-30", "java21": "2029-06-30", "java17": "2027-06-30", "java11": "2027-06-30", "java8.al2": "2027-06-30",
		"dotnet10": "2028-11-14", "dotnet9": "2026-11-10", "dotnet8": "2026-11-10",
		"ruby4.0": "2029-03-31", "ruby3.4": "2028-03-31", "ruby3.3": "2027-03-31", "ruby3.2": "2026-03-31",
		"provided.al2023": "2029-06-30", "provided.al2": "2026-07-31",
	}
	for _, gone := range []string{
		"nodejs", "nodejs4.3", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x",
		"python2.7", "python3.6", "python3.7", "python3.8", "dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "dotnet6", "dotnet7",
		"ruby2.5", "ruby2.7", "java8", "go1.x", "provided",
	} {
		ends[gone] = "2024"
	}
	return ends
}

func runtimeSupported(s *Subject) Outcome {
	ends := lifecycle()
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if end, ok := ends[f.Text("Runtime")]; ok && end <= s.Today {
			return fmt.Sprintf("%s is deprecated since %s", f.Text("Runtime"), end)
		}
		return ""
	})
}

func runtimeLasts(s *Subject) Outcome {
	ends := lifecycle()
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if end, ok := ends[f.Text("Runtime")]; ok && end > s.Today && end <= s.Soon {
			return fmt.Sprintf("%s is deprecated from %s on", f.Text("Runtime"), end)
		}
		return ""
	})
}

func onARM64(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if fmt.Sprint(f.At("Architectures")) != "[arm64]" {
			return "it runs on x86_64"
		}
		return ""
	})
}

func memoryExplicit(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if _, ok := f.Number("MemorySize"); !ok {
			return "it has no MemorySize"
		}
		return ""
	})
}

// behindAPI is the functions that callers of an API wait for.
func (s *Subject) behindAPI() map[*cfn.Resource]bool {
	found := map[*cfn.Resource]bool{}
	for _, integration := range s.OfType("AWS::ApiGatewayV2::Integration") {
		found[s.functionOf(integration.At("IntegrationUri"))] = true
	}
	for _, method := range s.OfType("AWS::ApiGateway::Method") {
		found[s.functionOf(method.At("Integration", "Uri"))] = true
	}
	return found
}

// maxAPITimeout is a second less than the shortest that an API Gateway waits.
const maxAPITimeout = 24

func timeoutExplicit(s *Subject) Outcome {
	behindAPI := s.behindAPI()
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		timeout, ok := f.Number("Timeout")
		limit := float64(s.Policy.Function.APITimeoutSeconds)
		switch {
		case !ok:
			return "it has no Timeout"
		case behindAPI[f] && timeout > min(limit, maxAPITimeout):
			return fmt.Sprintf("callers of the API wait for up to %g s, more than %g", timeout, limit)
		default:
			return ""
		}
	})
}

// visibilityFactor is AWS's advice: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const visibilityFactor = 6

func visibilityTimeout(s *Subject) Outcome {
	queues, _ := s.mappings()
	return each(queues, "function that reads a queue", func(mapping *cfn.Resource) string {
		queue, function := s.queueOf(mapping), s.functionOf(mapping.At("FunctionName"))
		if queue == nil || function == nil {
			return ""
		}
		visibility, hasVisibility := queue.Number("VisibilityTimeout")
		timeout, hasTimeout := function.Number("Timeout")
		if !hasVisibility {
			visibility = 30
		}
		if !hasTimeout {
			timeout = 3
		}
		if visibility < visibilityFactor*timeout {
			return fmt.Sprintf("queue %s hides a message for %g s, and %s may take %g s", queue.ID, visibility, function.ID, timeout)
		}
		return ""
	})
}

func invokedThroughAlias(s *Subject) Outcome {
	callers := map[string][]string{
		"AWS::ApiGatewayV2::Integration":  {"IntegrationUri"},
		"AWS::Lambda::EventSourceMapping": {"FunctionName"},
		"AWS::Scheduler::Schedule":        {"Target", "Arn"},
	}
	var resources []*cfn.Resource
	for kind, path := range callers {
		for _, r := range s.OfType(kind) {
			if s.functionOf(r.At(path...)) != nil {
				resources = append(resources, r)
			}
		}
	}
	return each(resources, "caller of a function", func(r *cfn.Resource) string {
		if first(s.Refs(r.At(callers[r.Type]...)), "AWS::Lambda::Function") != nil {
			return "it invokes the function itself, and not an alias"
		}
		return ""
	})
}

func consumersLimited(s *Subject) Outcome {
	queues, _ := s.mappings()
	return each(queues, "function that reads a queue", func(mapping *cfn.Resource) string {
		// Reserved concurrency alone is no limit to rely on: the poller takes messages that the function then has no room for,
		// and they come a try nearer to the dead letters. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
		if mapping.At("ScalingConfig", "MaximumConcurrency") == nil && mapping.At("ProvisionedPollerConfig") == nil {
			return "nothing limits how many messages are handled at once"
		}
		return ""
	})
}
