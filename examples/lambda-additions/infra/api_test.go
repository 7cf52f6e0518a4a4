package main

import (
	"slices"
	"testing"
)

func TestEveryRouteButTwoNeedsAToken(t *testing.T) {
	open := []string{"GET /health", "POST /webhooks/{provider}"}
	for id, route := range resources(t, strictest, "AWS::ApiGatewayV2::Route") {
		key := properties(route)["RouteKey"].(string)
		if isOpen := properties(route)["AuthorizerId"] == nil; isOpen != slices.Contains(open, key) {
			t.Errorf("route %s (%s): needs no token: %v", id, key, isOpen)
		}
		if properties(route)["AuthorizerId"] != nil && properties(route)["AuthorizationScopes"] == nil {
			t.Errorf("route %s (%s) asks for no scope", id, key)
		}
	}
}
