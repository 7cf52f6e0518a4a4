package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
)

func TestHTTPAPI(t *testing.T) {
	f := newFixture(t)
	api := NewHTTPAPI(f.stack, "Api", &HTTPAPIProps{
		Alarms: f.alarms, Issuer: "https://issuer.example.com/", Audience: []string{"orders"}, LogRetentionDays: 30,
		Throttle: Throttle{Rate: 100, Burst: 200}, Thresholds: APIThresholds{ErrorPercent: 0.1, MinRequests: 100, LatencyMilliseconds: 300},
	})
	work := NewFunction(f.stack, "Work", f.function(true))
	api.Add(&Route{Method: awsapigatewayv2.HttpMethod_POST, Path: "/orders", Function: work, Scopes: []string{"orders:write"}, Throttle: Throttle{Rate: 5, Burst: 10}})
	api.Add(&Route{Method: awsapigatewayv2.HttpMethod_GET, Path: "/health", Function: work})

	f.has(t, "AWS::ApiGatewayV2::Authorizer", map[string]any{
		"AuthorizerType": "JWT", "JwtConfiguration": map[string]any{"Issuer": "https://issuer.example.com/", "Audience": []any{"orders"}},
	})
	f.has(t, "AWS::ApiGatewayV2::Route", map[string]any{"RouteKey": "POST /orders", "AuthorizationType": "JWT", "AuthorizationScopes": []any{"orders:write"}})
	f.has(t, "AWS::ApiGatewayV2::Route", map[string]any{"RouteKey": "GET /health", "AuthorizationType": "NONE"})
	f.has(t, "AWS::ApiGatewayV2::Stage", map[string]any{
		"DefaultRouteSettings": map[string]any{"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200},
		"RouteSettings":        map[string]any{"POST /orders": map[string]any{"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 10}},
		"AccessLogSettings":    assertions.Match_AnyValue(),
	})
}
