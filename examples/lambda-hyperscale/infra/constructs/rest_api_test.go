package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestRESTAPI(t *testing.T) {
	f := newFixture(t)
	work, authorize := NewFunction(f.stack, "Work", f.function(true)), NewFunction(f.stack, "Authorize", f.function(true))
	NewRESTAPI(f.stack, "Api", &RESTAPIProps{
		Name: "test", Alarms: f.alarms, Authorizer: authorize, LogRetentionDays: 30, Throttle: Throttle{Rate: 100, Burst: 200},
		Thresholds: APIThresholds{ErrorPercent: 0.1, MinRequests: 100, LatencyMilliseconds: 300},
		Firewall:   NewFirewall(f.stack, "Firewall", &FirewallProps{Name: "test", RequestsPerAddress: 2000, LogRetentionDays: 30}),
	}, []*RESTRoute{
		{Method: "POST", Path: "/orders", Function: work, TakesJSON: true, Throttle: Throttle{Rate: 5, Burst: 10}},
		{Method: "GET", Path: "/health", Function: work, IsOpen: true},
	})

	some := assertions.Match_AnyValue()
	f.has(t, "AWS::ApiGateway::Method", map[string]any{"HttpMethod": "POST", "AuthorizationType": "CUSTOM", "AuthorizerId": some, "RequestModels": some, "RequestValidatorId": some})
	f.has(t, "AWS::ApiGateway::Method", map[string]any{"HttpMethod": "GET", "AuthorizationType": "NONE"})
	f.has(t, "AWS::ApiGateway::Stage", map[string]any{
		"TracingEnabled": true, "AccessLogSetting": some,
		"MethodSettings": assertions.Match_ArrayWith(&[]any{
			assertions.Match_ObjectLike(&map[string]any{"ResourcePath": "/~1orders", "HttpMethod": "POST", "ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 10}),
		}),
	})
	f.has(t, "AWS::ApiGateway::GatewayResponse", map[string]any{"ResponseType": "UNAUTHORIZED", "StatusCode": "401"})
	f.has(t, "AWS::WAFv2::WebACLAssociation", map[string]any{"WebACLArn": some, "ResourceArn": some})
	f.has(t, "AWS::WAFv2::LoggingConfiguration", map[string]any{"RedactedFields": []any{map[string]any{"SingleHeader": map[string]any{"Name": "authorization"}}}})
	f.has(t, "AWS::Logs::LogGroup", map[string]any{"LogGroupName": "aws-waf-logs-test", "RetentionInDays": 30})
	if rules := assertions.Template_FromStack(f.stack, nil).FindResources(jsii.String("AWS::WAFv2::WebACL"), nil); len(*rules) != 1 {
		t.Errorf("there are %d firewalls", len(*rules))
	}
}
