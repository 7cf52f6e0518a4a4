package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// addAPI makes one function a route.
func (s *service) addAPI() {
	place := s.newAPIFunction("PlaceOrder", "place-order", "Takes an order", nil)
	s.allowTable(place, "dynamodb:PutItem")
	get := s.newAPIFunction("GetOrder", "get-order", "Shows an order to its owner", nil)
	s.allowTable(get, "dynamodb:GetItem")
	health := s.newAPIFunction("Health", "health", "Answers that the service is up", nil)
	webhook := s.newWebhookFunction()

	api := parts.NewHTTPAPI(s.stack, "Api", &parts.HTTPAPIProps{
		Alarms:           s.alarms,
		Thresholds:       apiThresholds,
		Issuer:           s.environment.Issuer,
		Audience:         s.environment.Audience,
		LogRetentionDays: logRetentionDays,
		Throttle:         apiThrottle,
	})
	read, write := awsapigatewayv2.HttpMethod_GET, awsapigatewayv2.HttpMethod_POST
	api.Add(&parts.Route{Method: write, Path: "/orders", Function: place, Scopes: []string{"orders:write"}, Throttle: writeThrottle})
	api.Add(&parts.Route{Method: read, Path: "/orders/{id}", Function: get, Scopes: []string{"orders:read"}, Throttle: apiThrottle})
	api.Add(&parts.Route{Method: write, Path: "/webhooks/{provider}", Function: webhook, Throttle: writeThrottle})
	api.Add(&parts.Route{Method: read, Path: "/health", Function: health, Throttle: apiThrottle})
	api.Add(&parts.Route{
		Method: awsapigatewayv2.HttpMethod_PUT, Path: "/reports/{id}", Function: s.addChangeReportFunction(),
		Scopes: []string{"orders:write"}, Throttle: writeThrottle,
	})
	api.Add(&parts.Route{
		Method: awsapigatewayv2.HttpMethod_GET, Path: "/reports", Function: s.addListReportsFunction(),
		Scopes: []string{"orders:read"}, Throttle: apiThrottle,
	})
	s.api = api.API
	awscdk.NewCfnOutput(s.stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: api.API.ApiEndpoint()})
}
