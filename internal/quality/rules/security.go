package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// statement is one statement of a policy, with the resource that it stands in.
type statement struct {
	resource *cfn.Resource
	value    any
}

// allows is every statement that allows something to a role, in policies of their own and inline.
func (s *Subject) allows() []statement {
	var found []statement
	add := func(r *cfn.Resource, document any) {
		for _, value := range cfn.List(cfn.At(document, "Statement")) {
			if cfn.At(value, "Effect") == "Allow" {
				found = append(found, statement{r, value})
			}
		}
	}
	for _, r := range s.OfType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role") {
		if isProvider(r.ID) || s.isBoundary(r) {
			continue
		}
		add(r, r.At("PolicyDocument"))
		for _, inline := range r.List("Policies") {
			add(r, cfn.At(inline, "PolicyDocument"))
		}
	}
	return found
}

// judgeStatements fails the resources of the statements of which the function complains.
func (s *Subject) judgeStatements(complain func(any) string) Outcome {
	statements := s.allows()
	outcome := Outcome{Checked: len(statements)}
	if len(statements) == 0 {
		outcome.Skip = "the template has no policy"
	}
	for _, st := range statements {
		if message := complain(st.value); message != "" {
			outcome.Failures = append(outcome.Failures, Failure{Resource: st.resource, Message: message})
		}
	}
	return outcome
}

func noStarAction(s *Subject) Outcome {
	return s.judgeStatements(func(value any) string {
		for _, action := range cfn.List(cfn.At(value, "Action")) {
			if name := fmt.Sprint(action); name == "*" || strings.HasSuffix(name, ":*") {
				return "it allows " + name
			}
		}
		return ""
	})
}

// withoutResources is actions that can only be allowed on everything.
const withoutResources = "|xray:PutTraceSegments|xray:PutTelemetryRecords|xray:GetSamplingRules|xray:GetSamplingTargets|" +
	"ec2:DescribeNetworkInterfaces|ec2:CreateNetworkInterface|ec2:DeleteNetworkInterface|cloudwatch:PutMetricData|dynamodb:ListStreams|kinesis:ListStreams|" +
	"logs:CreateLogDelivery|logs:GetLogDelivery|logs:UpdateLogDelivery|logs:DeleteLogDelivery|logs:ListLogDeliveries|logs:PutResourcePolicy|" +
	"logs:DescribeResourcePolicies|logs:DescribeLogGroups|"

func noStarResource(s *Subject) Outcome {
	return s.judgeStatements(func(value any) string {
		if !slices.Contains(cfn.List(cfn.At(value, "Resource")), any("*")) {
			return ""
		}
		for _, action := range cfn.List(cfn.At(value, "Action")) {
			if !strings.Contains(withoutResources, fmt.Sprintf("|%v|", action)) {
				return fmt.Sprintf("it allows %v on everything", action)
			}
		}
		return ""
	})
}

// roles is the roles that functions of the template run with.
func (s *Subject) roles() map[*cfn.Resource][]*cfn.Resource {
	users := map[*cfn.Resource][]*cfn.Resource{}
	for _, f := range s.functions() {
		if role := first(s.Refs(f.At("Role")), "AWS::IAM::Role"); role != nil {
			users[role] = append(users[role], f)
		}
	}
	return users
}

func (s *Subject) executionRoles() []*cfn.Resource {
	users := s.roles()
	return slices.DeleteFunc(s.OfType("AWS::IAM::Role"), func(r *cfn.Resource) bool { return users[r] == nil })
}

func noManagedPolicy(s *Subject) Outcome {
	return each(s.executionRoles(), "execution role", func(r *cfn.Resource) string {
		if len(r.List("ManagedPolicyArns")) > 0 {
			return "it has a managed policy"
		}
		return ""
	})
}

func oneRolePerFunction(s *Subject) Outcome {
	users := s.roles()
	return each(s.executionRoles(), "execution role", func(r *cfn.Resource) string {
		if len(users[r]) > 1 {
			return fmt.Sprintf("%d functions share it", len(users[r]))
		}
		return ""
	})
}

func permissionSource(s *Subject) Outcome {
	return each(s.OfType("AWS::Lambda::Permission"), "permission to invoke", func(p *cfn.Resource) string {
		principal := p.Text("Principal")
		switch {
		case !strings.HasSuffix(principal, ".amazonaws.com"):
			return ""
		case p.At("SourceArn") == nil:
			return principal + " may invoke it on anybody's behalf"
		case principal == "s3.amazonaws.com" && p.At("SourceAccount") == nil:
			return "a bucket's ARN does not say whose it is: SourceAccount is missing"
		default:
			return ""
		}
	})
}

// isOpen says for which routes nobody needs a token: health checks, and webhooks, which bring a signature.
func isOpen(route string) bool {
	_, path, _ := strings.Cut(route, " ")
	return strings.HasPrefix(path, "/health") || strings.HasPrefix(path, "/webhooks/")
}

func routeAuthorizer(s *Subject) Outcome {
	return each(s.OfType("AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Method"), "route of an API", func(r *cfn.Resource) string {
		kind := r.Text("AuthorizationType")
		if r.Type == "AWS::ApiGateway::Method" {
			route := r.Text("HttpMethod") + " " + s.restPath(r.At("ResourceId"))
			if kind == "NONE" && r.Text("HttpMethod") != "OPTIONS" && r.At("ApiKeyRequired") != true && !isOpen(route) {
				return route + " needs no authorization"
			}
			return ""
		}
		if (kind == "" || kind == "NONE") && !isOpen(r.Text("RouteKey")) && !strings.HasPrefix(r.Text("RouteKey"), "OPTIONS ") {
			return r.Text("RouteKey") + " needs no authorization"
		}
		return ""
	})
}

// restPath is the path of a resource of a REST API, put together from its parts.
func (s *Subject) restPath(id any) string {
	path := ""
	for range len(s.Resources) {
		part := first(s.Refs(id), "AWS::ApiGateway::Resource")
		if part == nil {
			break
		}
		path, id = "/"+part.Text("PathPart")+path, part.At("ParentId")
	}
	return path
}

func tokenAudienceAndScopes(s *Subject) Outcome {
	resources := slices.DeleteFunc(s.OfType("AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route"), func(r *cfn.Resource) bool {
		return r.Text("AuthorizerType") != "JWT" && r.Text("AuthorizationType") != "JWT"
	})
	return each(resources, "JWT authorizer", func(r *cfn.Resource) string {
		issuer, isText := r.At("JwtConfiguration", "Issuer").(string)
		switch {
		case r.Type == "AWS::ApiGatewayV2::Route" && s.Policy.API.Scopes && len(r.List("AuthorizationScopes")) == 0:
			return r.Text("RouteKey") + " asks for no scope"
		case r.Type == "AWS::ApiGatewayV2::Authorizer" && isText && !strings.HasPrefix(issuer, "https://"):
			return "its issuer is no https URL"
		case r.Type == "AWS::ApiGatewayV2::Authorizer" && len(r.List("JwtConfiguration", "Audience")) == 0:
			return "it takes tokens for anybody"
		default:
			return ""
		}
	})
}

func functionURL(s *Subject) Outcome {
	return each(s.OfType("AWS::Lambda::Url"), "function URL", func(r *cfn.Resource) string {
		if r.Text("AuthType") == "NONE" {
			return "it is open to the world"
		}
		return ""
	})
}

// refusesPlainText says whether a policy denies what does not come by TLS to the resource.
func (s *Subject) refusesPlainText(kind, target string, resource *cfn.Resource) bool {
	for _, policy := range s.OfType(kind) {
		if !s.RefersTo(policy.At(target), resource) {
			continue
		}
		for _, value := range policy.List("PolicyDocument", "Statement") {
			if cfn.At(value, "Effect") == "Deny" && fmt.Sprint(cfn.At(value, "Condition", "Bool", "aws:SecureTransport")) == "false" {
				return true
			}
		}
	}
	return false
}

func queuesAndTopicsEncrypted(s *Subject) Outcome {
	return each(s.OfType("AWS::SQS::Queue", "AWS::SNS::Topic"), "queue or topic", func(r *cfn.Resource) string {
		kind, target := "AWS::SQS::QueuePolicy", "Queues"
		if r.Type == "AWS::SNS::Topic" {
			kind, target = "AWS::SNS::TopicPolicy", "Topics"
		}
		switch {
		case r.At("KmsMasterKeyId") == nil && (r.Type == "AWS::SNS::Topic" || r.At("SqsManagedSseEnabled") != true):
			return "it is not encrypted"
		case !s.refusesPlainText(kind, target, r):
			return "it takes plain text"
		default:
			return ""
		}
	})
}

func bucketsPrivate(s *Subject) Outcome {
	return each(s.OfType("AWS::S3::Bucket"), "bucket", func(r *cfn.Resource) string {
		// A bucket that says nothing blocks public access: https://aws.amazon.com/about-aws/whats-new/2022/12/amazon-s3-automatically-enable-block-public-access-disable-access-control-lists-buckets-april-2023/
		for _, setting := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if r.At("PublicAccessBlockConfiguration") != nil && r.At("PublicAccessBlockConfiguration", setting) != true {
				return "it allows public access: " + setting
			}
		}
		switch {
		case r.At("BucketEncryption") == nil:
			return "it is not encrypted"
		case !s.refusesPlainText("AWS::S3::BucketPolicy", "Bucket", r):
			return "it takes plain text"
		default:
			return ""
		}
	})
}

func stageThrottled(s *Subject) Outcome {
	return each(s.OfType("AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage"), "stage of an API", func(r *cfn.Resource) string {
		if _, ok := r.Number("DefaultRouteSettings", "ThrottlingRateLimit"); ok {
			return ""
		}
		for _, setting := range r.List("MethodSettings") {
			if cfn.At(setting, "ThrottlingRateLimit") != nil {
				return ""
			}
		}
		for _, plan := range s.OfType("AWS::ApiGateway::UsagePlan") {
			if s.RefersTo(plan.At("ApiStages"), r) && plan.At("Throttle") != nil {
				return ""
			}
		}
		return "nothing limits its requests"
	})
}
