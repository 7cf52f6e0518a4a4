// Package rules proves the controls of the catalogue on a CloudFormation template, one function a control.
//
// A rule answers for every resource that it is about. Where a template has nothing that a rule is about, the rule says
// so: silence is never an answer.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// Subject is what is judged, and by which numbers.
type Subject struct {
	*cfn.Template
	Policy *quality.Policy
	// Today is the date, and Soon the one in half a year, as 2006-01-02.
	Today, Soon string
}

// Failure is one resource that breaks a control.
type Failure struct {
	// Resource is nil where something is missing altogether, or is no resource.
	Resource *cfn.Resource
	Message  string
	// File and Line are where it is, for what is not in the template that is judged.
	File string
	Line int
}

// Outcome is what a rule has found.
type Outcome struct {
	// Checked is how many resources the rule has judged. With 0, Skip is why there was nothing to judge.
	Checked  int
	Failures []Failure
	Skip     string
}

// Rule judges a template.
type Rule func(*Subject) Outcome

// All is the rule of each control, by the control's id.
func All() map[string]Rule {
	return map[string]Rule{
		"RT-01": runtimeSupported, "RT-02": onARM64, "RT-03": memoryExplicit, "RT-04": timeoutExplicit, "RT-05": visibilityTimeout,
		"RT-12": invokedThroughAlias, "RT-13": consumersLimited,
		"FH-01": queueHasDeadLetters, "FH-02": deadLettersKept, "FH-03": batchItemFailures, "FH-04": streamFailures,
		"FH-05": queueMappingWithoutDestination, "FH-06": asyncFailureDestination, "FH-07": targetDeadLetters, "FH-08": subscriptionDeadLetters,
		"SE-01": noStarAction, "SE-02": noStarResource, "SE-03": noManagedPolicy, "SE-04": oneRolePerFunction, "SE-05": permissionSource,
		"SE-06": routeAuthorizer, "SE-07": tokenAudienceAndScopes, "SE-08": functionURL, "SE-11": queuesAndTopicsEncrypted, "SE-13": bucketsPrivate,
		"SE-15": stageThrottled,
		"OB-01": logRetention, "OB-02": jsonLogs, "OB-03": accessLogs, "OB-04": tracing, "OB-05": alarms, "OB-06": alarmActions, "OB-07": dashboard,
		"DA-01": pointInTimeRecovery, "DA-02": dataProtected, "DA-03": tableLimit,
		"RT-11": warm, "RT-15": reserved, "SE-10": secretKeys, "SE-12": ownKeys, "SE-14": firewall, "SE-19": codeSigned, "SE-20": boundaries,
		"RT-16": pollersProvisioned, "RT-17": runtimeLasts, "SE-16": modernTLS, "DA-05": tableInRegions, "RE-01": regionalNames, "RE-02": edgeRefuses,
		"OB-08": objectives, "OB-09": composite, "DA-04": backups,
		"DP-01": canaries, "DP-02": budget, "DP-03": tags, "DP-04": placeholders,
	}
}

// each judges every one of the resources: an empty message means that it is well.
func each(resources []*cfn.Resource, what string, judge func(*cfn.Resource) string) Outcome {
	outcome := Outcome{Checked: len(resources)}
	if len(resources) == 0 {
		outcome.Skip = "the template has no " + what
	}
	for _, resource := range resources {
		if message := judge(resource); message != "" {
			outcome.Failures = append(outcome.Failures, Failure{Resource: resource, Message: message})
		}
	}
	return outcome
}

// atLeastOne is a control that wants at least one resource of a type in a template with functions.
func (s *Subject) atLeastOne(kind, what string) Outcome {
	if len(s.functions()) == 0 {
		return Outcome{Skip: "the template has no function"}
	}
	if len(s.OfType(kind)) == 0 {
		return Outcome{Checked: 1, Failures: []Failure{{Message: "the template has no " + what}}}
	}
	return Outcome{Checked: 1}
}

// providers is the start of the logical ids of functions that CDK adds for custom resources. They run while a stack is
// deployed, and their properties are CDK's own.
func providers() []string {
	return []string{"CustomS3AutoDeleteObjects", "CustomResourceProvider", "BucketNotificationsHandler", "LogRetention", "AWS679f53fac002430cb0da5b7982bd2287"}
}

func isProvider(id string) bool {
	return slices.ContainsFunc(providers(), func(prefix string) bool { return strings.HasPrefix(id, prefix) })
}

// functions is the template's own functions.
func (s *Subject) functions() []*cfn.Resource {
	return slices.DeleteFunc(s.OfType("AWS::Lambda::Function"), func(f *cfn.Resource) bool { return isProvider(f.ID) })
}

// functionOf is the function that a value refers to, directly or through an alias or a version.
func (s *Subject) functionOf(value any) *cfn.Resource {
	refs := s.Refs(value)
	if f := first(refs, "AWS::Lambda::Function"); f != nil {
		return f
	}
	for _, kind := range []string{"AWS::Lambda::Alias", "AWS::Lambda::Version"} {
		if qualified := first(refs, kind); qualified != nil {
			return first(s.Refs(qualified.At("FunctionName")), "AWS::Lambda::Function")
		}
	}
	return nil
}

// tables is all DynamoDB tables, global or not.
func (s *Subject) tables() []*cfn.Resource {
	return s.OfType("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
}

// mappings is the event source mappings, and those of queues alone or of streams alone.
func (s *Subject) mappings() (queues, streams []*cfn.Resource) {
	for _, mapping := range s.OfType("AWS::Lambda::EventSourceMapping") {
		if s.queueOf(mapping) != nil || strings.Contains(mapping.Text("EventSourceArn"), ":sqs:") {
			queues = append(queues, mapping)
		} else {
			streams = append(streams, mapping)
		}
	}
	return queues, streams
}

func (s *Subject) queueOf(mapping *cfn.Resource) *cfn.Resource {
	return first(s.Refs(mapping.At("EventSourceArn")), "AWS::SQS::Queue")
}

func first(resources []*cfn.Resource, kind string) *cfn.Resource {
	at := slices.IndexFunc(resources, func(r *cfn.Resource) bool { return r.Type == kind })
	if at < 0 {
		return nil
	}
	return resources[at]
}

// deadLetterQueues is the queues that others, targets, mappings or functions use for what they give up.
func (s *Subject) deadLetterQueues() map[*cfn.Resource]bool {
	found := map[*cfn.Resource]bool{}
	mark := func(values ...any) {
		for _, value := range values {
			for _, resource := range s.Refs(value) {
				found[resource] = resource.Type == "AWS::SQS::Queue"
			}
		}
	}
	for _, r := range s.Resources {
		switch r.Type {
		case "AWS::SQS::Queue":
			mark(r.At("RedrivePolicy"))
			// A queue that says who may redrive to it is one, also if nobody does.
			found[r] = found[r] || r.At("RedriveAllowPolicy") != nil
		case "AWS::SNS::Subscription":
			mark(r.At("RedrivePolicy"))
		case "AWS::Events::Rule":
			for _, target := range r.List("Targets") {
				mark(cfn.At(target, "DeadLetterConfig"))
			}
		case "AWS::Scheduler::Schedule":
			mark(r.At("Target", "DeadLetterConfig"))
		case "AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig":
			mark(r.At("DestinationConfig", "OnFailure"))
		case "AWS::Lambda::Function":
			mark(r.At("DeadLetterConfig"))
		}
	}
	return found
}

// environment is the value of the tag env that the template's resources carry.
func (s *Subject) environment() string {
	for _, r := range s.Resources {
		for _, tag := range r.List("Tags") {
			if cfn.At(tag, "Key") == "env" {
				return fmt.Sprint(cfn.At(tag, "Value"))
			}
		}
	}
	return ""
}
