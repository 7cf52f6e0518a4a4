package rules

import (
	"fmt"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// minReceives is the fewest tries that tell a bad message from a bad moment.
const minReceives = 3

func queueHasDeadLetters(s *Subject) Outcome {
	dead := s.deadLetterQueues()
	sources := slices.DeleteFunc(s.OfType("AWS::SQS::Queue"), func(q *cfn.Resource) bool { return dead[q] })
	return each(sources, "queue other than for dead letters", func(q *cfn.Resource) string {
		receives, ok := q.Number("RedrivePolicy", "maxReceiveCount")
		switch {
		case q.At("RedrivePolicy") == nil:
			return "it has no dead-letter queue"
		case ok && receives < minReceives:
			return fmt.Sprintf("a message is given up after %g tries, and not after %d at least", receives, minReceives)
		default:
			return ""
		}
	})
}

func deadLettersKept(s *Subject) Outcome {
	dead := s.deadLetterQueues()
	queues := slices.DeleteFunc(s.OfType("AWS::SQS::Queue"), func(q *cfn.Resource) bool { return !dead[q] })
	want := float64(s.Policy.Queue.DeadLetterRetentionDays) * 24 * 60 * 60
	return each(queues, "dead-letter queue", func(q *cfn.Resource) string {
		if kept, _ := q.Number("MessageRetentionPeriod"); kept < want {
			return fmt.Sprintf("it keeps its messages for less than %d days", s.Policy.Queue.DeadLetterRetentionDays)
		}
		return ""
	})
}

func batchItemFailures(s *Subject) Outcome {
	return each(s.OfType("AWS::Lambda::EventSourceMapping"), "event source mapping", func(mapping *cfn.Resource) string {
		if !slices.Contains(mapping.List("FunctionResponseTypes"), any("ReportBatchItemFailures")) {
			return "it takes an answer for the whole batch only"
		}
		return ""
	})
}

func streamFailures(s *Subject) Outcome {
	_, streams := s.mappings()
	return each(streams, "function that reads a stream", func(mapping *cfn.Resource) string {
		retries, hasRetries := mapping.Number("MaximumRetryAttempts")
		age, hasAge := mapping.Number("MaximumRecordAgeInSeconds")
		switch {
		case !hasRetries || retries < 0:
			return "a record is retried until it expires"
		case !hasAge || age < 0:
			return "a record has no age at which it is given up"
		case mapping.At("BisectBatchOnFunctionError") != true:
			return "a bad record takes its whole batch along"
		case mapping.At("DestinationConfig", "OnFailure") == nil:
			return "what is given up goes nowhere"
		default:
			return ""
		}
	})
}

func queueMappingWithoutDestination(s *Subject) Outcome {
	queues, _ := s.mappings()
	return each(queues, "function that reads a queue", func(mapping *cfn.Resource) string {
		if mapping.At("DestinationConfig") != nil {
			return "its DestinationConfig does nothing"
		}
		return ""
	})
}

// asyncFunctions is the functions that something invokes without waiting for the answer.
func (s *Subject) asyncFunctions() []*cfn.Resource {
	found := map[*cfn.Resource]bool{}
	for _, rule := range s.OfType("AWS::Events::Rule") {
		for _, target := range rule.List("Targets") {
			found[s.functionOf(cfn.At(target, "Arn"))] = true
		}
	}
	for _, schedule := range s.OfType("AWS::Scheduler::Schedule") {
		found[s.functionOf(schedule.At("Target", "Arn"))] = true
	}
	for _, subscription := range s.OfType("AWS::SNS::Subscription") {
		found[s.functionOf(subscription.At("Endpoint"))] = true
	}
	for _, permission := range s.OfType("AWS::Lambda::Permission") {
		if principal := permission.Text("Principal"); principal == "s3.amazonaws.com" || principal == "logs.amazonaws.com" {
			found[s.functionOf(permission.At("FunctionName"))] = true
		}
	}
	return slices.DeleteFunc(s.functions(), func(f *cfn.Resource) bool { return !found[f] })
}

func asyncFailureDestination(s *Subject) Outcome {
	caught := map[*cfn.Resource]bool{}
	for _, config := range s.OfType("AWS::Lambda::EventInvokeConfig") {
		if config.At("DestinationConfig", "OnFailure") != nil {
			caught[s.functionOf(config.At("FunctionName"))] = true
		}
	}
	return each(s.asyncFunctions(), "function that is invoked asynchronously", func(f *cfn.Resource) string {
		if f.At("DeadLetterConfig") == nil && !caught[f] {
			return "an event that it fails on is dropped"
		}
		return ""
	})
}

func targetDeadLetters(s *Subject) Outcome {
	return each(s.OfType("AWS::Events::Rule", "AWS::Scheduler::Schedule"), "rule or schedule", func(r *cfn.Resource) string {
		targets := r.List("Targets")
		if r.Type == "AWS::Scheduler::Schedule" {
			targets = []any{r.At("Target")}
		}
		for _, target := range targets {
			if cfn.At(target, "DeadLetterConfig") == nil || cfn.At(target, "RetryPolicy") == nil {
				return "what it cannot deliver is lost"
			}
		}
		return ""
	})
}

func subscriptionDeadLetters(s *Subject) Outcome {
	delivered := slices.DeleteFunc(s.OfType("AWS::SNS::Subscription"), func(r *cfn.Resource) bool {
		protocol := r.Text("Protocol")
		return protocol == "email" || protocol == "email-json" || protocol == "sms"
	})
	return each(delivered, "subscription of a program", func(r *cfn.Resource) string {
		if r.At("RedrivePolicy") == nil {
			return "what it cannot deliver is lost"
		}
		return ""
	})
}
