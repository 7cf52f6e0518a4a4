package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
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
	authorize := s.newAPIFunction("Authorize", "authorize", "Verifies the callers' tokens", map[string]string{
		"TOKEN_ISSUER":   s.environment.Issuer,
		"TOKEN_AUDIENCE": strings.Join(s.environment.Audience, ","),
		"JWKS_URI":       s.environment.JWKSURI,
	})

	api := parts.NewRESTAPI(s.stack, "Api", &parts.RESTAPIProps{
		Name:       s.name,
		Alarms:     s.alarms,
		Thresholds: apiThresholds,
		Authorizer: authorize,
		Firewall: parts.NewFirewall(s.stack, "Firewall", &parts.FirewallProps{
			Name: s.name, RequestsPerAddress: maxRequestsPerAddress, LogRetentionDays: logRetentionDays, Key: s.key,
		}),
		LogRetentionDays: logRetentionDays,
		Key:              s.key,
		Throttle:         apiThrottle,
	}, []*parts.RESTRoute{
		{Method: "POST", Path: "/orders", Function: place, TakesJSON: true, Throttle: writeThrottle},
		{Method: "GET", Path: "/orders/{id}", Function: get, Throttle: apiThrottle},
		{Method: "POST", Path: "/webhooks/{provider}", Function: webhook, IsOpen: true, Throttle: writeThrottle},
		{Method: "GET", Path: "/health", Function: health, IsOpen: true, Throttle: apiThrottle},
	})
	s.api = api.API
	s.addDomain(api.API)
	awscdk.NewCfnOutput(s.stack, jsii.String("ApiUrl"), &awscdk.CfnOutputProps{Value: api.API.Url()})
}
