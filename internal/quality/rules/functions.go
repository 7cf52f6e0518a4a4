package rules

import (
	"fmt"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// ended is the runtimes that AWS has deprecated, as of 2026-11-23
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
const ended = "|nodejs20.x|nodejs18.x|nodejs16.x|nodejs14.x|nodejs12.x|nodejs10.x|nodejs8.10|nodejs6.10|nodejs4.3|nodejs|python3.10|python3.9|python3.8|python3.7|python3.6|" +
	"python2.7|dotnet8|dotnet7|dotnet6|dotnet5.0|dotnetcore3.1|dotnetcore2.1|ruby3.2|ruby2.7|ruby2.5|java8|go1.x|provided|provided.al2|"

func runtimeSupported(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if runtime := f.Text("Runtime"); runtime != "" && strings.Contains(ended, "|"+runtime+"|") {
			return runtime + " is deprecated"
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
