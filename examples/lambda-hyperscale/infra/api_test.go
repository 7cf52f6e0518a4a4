package main

import (
	"slices"
	"testing"
)

func TestEveryRouteButTwoNeedsAToken(t *testing.T) {
	open := []string{"GET health", "POST {provider}"}
	paths := map[string]string{}
	for id, resource := range resources(t, strictest, "AWS::ApiGateway::Resource") {
		paths[id] = properties(resource)["PathPart"].(string)
	}
	for id, method := range resources(t, strictest, "AWS::ApiGateway::Method") {
		p := properties(method)
		reference := p["ResourceId"].(map[string]any)["Ref"].(string)
		route := p["HttpMethod"].(string) + " " + paths[reference]
		if isOpen := p["AuthorizationType"] != "CUSTOM"; isOpen != slices.Contains(open, route) {
			t.Errorf("route %s (%s): needs no token: %v", id, route, isOpen)
		}
	}
}

func TestTheFirewallStandsBeforeTheAPI(t *testing.T) {
	resources(t, strictest, "AWS::WAFv2::WebACLAssociation")
}
