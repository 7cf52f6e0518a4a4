package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

func logRetention(s *Subject) Outcome {
	want := float64(s.Policy.Logs.RetentionDays)
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		group := first(s.Refs(f.At("LoggingConfig", "LogGroup")), "AWS::Logs::LogGroup")
		if group == nil {
			group = s.logGroupByName(f)
		}
		if group == nil {
			return "its log group is not in the template, and keeps its lines for ever"
		}
		if days, ok := group.Number("RetentionInDays"); !ok || days != want {
			return fmt.Sprintf("its log group %s keeps its lines for %v days, and not %g", group.ID, group.At("RetentionInDays"), want)
		}
		return ""
	})
}

// logGroupByName is the group that is named after the function, /aws/lambda/<function>.
func (s *Subject) logGroupByName(f *cfn.Resource) *cfn.Resource {
	for _, group := range s.OfType("AWS::Logs::LogGroup") {
		if s.RefersTo(group.At("LogGroupName"), f) {
			return group
		}
	}
	return nil
}

func jsonLogs(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if f.Text("LoggingConfig", "LogFormat") != "JSON" {
			return "it logs text"
		}
		return ""
	})
}

func accessLogs(s *Subject) Outcome {
	return each(s.OfType("AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage"), "stage of an API", func(r *cfn.Resource) string {
		if r.At("AccessLogSettings") == nil && r.At("AccessLogSetting") == nil {
			return "it keeps no access log"
		}
		return ""
	})
}

func tracing(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if f.Text("TracingConfig", "Mode") != "Active" && f.At("Environment", "Variables", "AWS_LAMBDA_EXEC_WRAPPER") == nil {
			return "it is not traced"
		}
		return ""
	})
}

// watched is the alarms on a metric of the resource, by the metric's name.
func (s *Subject) watched(r *cfn.Resource, metric string) bool {
	return slices.ContainsFunc(s.OfType("AWS::CloudWatch::Alarm"), func(alarm *cfn.Resource) bool {
		if alarm.Text("MetricName") == metric && s.isAbout(alarm.At("Dimensions"), r) {
			return true
		}
		return slices.ContainsFunc(alarm.List("Metrics"), func(query any) bool {
			return cfn.At(query, "MetricStat", "Metric", "MetricName") == metric && s.isAbout(cfn.At(query, "MetricStat", "Metric", "Dimensions"), r)
		})
	})
}

// isAbout says whether dimensions name the resource. The metrics of a REST API know it by its name alone.
func (s *Subject) isAbout(dimensions any, r *cfn.Resource) bool {
	if r.Type != "AWS::ApiGateway::RestApi" {
		return s.RefersTo(dimensions, r)
	}
	return slices.ContainsFunc(cfn.List(dimensions), func(d any) bool {
		return cfn.At(d, "Name") == "ApiName" && cfn.At(d, "Value") == r.At("Name")
	})
}

// wanted is the metrics that an alarm has to watch, by the type of the resource.
func (s *Subject) wanted(r *cfn.Resource, dead map[*cfn.Resource]bool) []string {
	switch {
	case r.Type == "AWS::Lambda::Function":
		return []string{"Errors", "Throttles"}
	case r.Type == "AWS::SQS::Queue" && dead[r]:
		return []string{"ApproximateNumberOfMessagesVisible"}
	case r.Type == "AWS::SQS::Queue":
		return []string{"ApproximateAgeOfOldestMessage"}
	case r.Type == "AWS::ApiGatewayV2::Api":
		return []string{"5xx", "Latency"}
	case r.Type == "AWS::ApiGateway::RestApi":
		return []string{"5XXError", "Latency"}
	default:
		return nil
	}
}

func alarms(s *Subject) Outcome {
	dead := s.deadLetterQueues()
	resources := append(s.functions(), s.OfType("AWS::SQS::Queue", "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi")...)
	return each(resources, "function, queue or API", func(r *cfn.Resource) string {
		missing := slices.DeleteFunc(s.wanted(r, dead), func(metric string) bool { return s.watched(r, metric) })
		if len(missing) > 0 {
			return "no alarm watches its " + strings.Join(missing, " and ")
		}
		return ""
	})
}

func alarmActions(s *Subject) Outcome {
	return each(s.OfType("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"), "alarm", func(r *cfn.Resource) string {
		if len(r.List("AlarmActions")) == 0 {
			return "it tells nobody"
		}
		return ""
	})
}

func dashboard(s *Subject) Outcome { return s.atLeastOne("AWS::CloudWatch::Dashboard", "dashboard") }
