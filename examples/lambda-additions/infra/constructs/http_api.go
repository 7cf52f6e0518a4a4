package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HTTPAPIProps describes an API whose callers bring a JWT.
type HTTPAPIProps struct {
	Alarms     *Alarms
	Thresholds APIThresholds
	// Issuer is the token issuer's URL; Audience is who a token must be for.
	Issuer   string
	Audience []string
	// LogRetentionDays is how long access logs are kept.
	LogRetentionDays int
	// Throttle holds for every route that brings none of its own.
	Throttle Throttle
}

// Route is one operation of the API.
type Route struct {
	Method   awsapigatewayv2.HttpMethod
	Path     string
	Function *Function
	// Scopes are what the token must allow. A route without scopes needs no token at all.
	Scopes []string
	// Throttle replaces that of the API, where it is set.
	Throttle Throttle
}

// HTTPAPI is an API Gateway HTTP API with access logs.
type HTTPAPI struct {
	API        awsapigatewayv2.HttpApi
	stage      awsapigatewayv2.HttpStage
	authorizer awsapigatewayv2.IHttpRouteAuthorizer
	settings   map[string]any
}

// NewHTTPAPI makes the API without routes.
func NewHTTPAPI(scope constructs.Construct, id string, props *HTTPAPIProps) *HTTPAPI {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	api := awsapigatewayv2.NewHttpApi(scope, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{CreateDefaultStage: jsii.Bool(false)})
	logs := newLogGroup(scope, "AccessLogs", props.LogRetentionDays, nil)
	stage := api.AddStage(jsii.String("Stage"), &awsapigatewayv2.HttpStageOptions{
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(true),
		AccessLogSettings:      &accessLogs{awsapigatewayv2.NewLogGroupLogDestination(logs)},
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(props.Throttle.Rate),
			BurstLimit: jsii.Number(props.Throttle.Burst),
		},
	})
	watchAPI(scope, api, props.Alarms, &props.Thresholds)
	return &HTTPAPI{
		API:   api,
		stage: stage,
		authorizer: awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Jwt"), jsii.String(props.Issuer),
			&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: jsii.Strings(props.Audience...)}),
		settings: map[string]any{},
	}
}

// Add connects a route to its function's alias.
func (a *HTTPAPI) Add(route *Route) {
	options := &awsapigatewayv2.AddRoutesOptions{
		Path:    jsii.String(route.Path),
		Methods: &[]awsapigatewayv2.HttpMethod{route.Method},
		Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(route.Function.scope.Node().Id(), route.Function.Alias(),
			&awsapigatewayv2integrations.HttpLambdaIntegrationProps{}),
	}
	if len(route.Scopes) > 0 {
		options.Authorizer = a.authorizer
		options.AuthorizationScopes = jsii.Strings(route.Scopes...)
	}
	routes := a.API.AddRoutes(options)
	if route.Throttle.Rate > 0 {
		a.throttle(route, (*routes)[0])
	}
}

// throttle is set on the stage, which must then be made after the route that it names.
func (a *HTTPAPI) throttle(route *Route, resource awsapigatewayv2.HttpRoute) {
	a.settings[fmt.Sprintf("%s %s", route.Method, route.Path)] = map[string]any{
		"ThrottlingRateLimit":  route.Throttle.Rate,
		"ThrottlingBurstLimit": route.Throttle.Burst,
	}
	stage := a.stage.Node().DefaultChild().(awscdk.CfnResource)
	stage.AddPropertyOverride(jsii.String("RouteSettings"), a.settings)
	a.stage.Node().AddDependency(resource)
}

type accessLogs struct {
	destination awsapigatewayv2.IAccessLogDestination
}

func (a *accessLogs) Destination() awsapigatewayv2.IAccessLogDestination { return a.destination }

// Format says who asked for what, what came of it and where to look further, and nothing of what was sent.
func (a *accessLogs) Format() awsapigateway.AccessLogFormat {
	return awsapigateway.AccessLogFormat_Custom(jsii.String(`{"requestId":"$context.requestId","time":"$context.requestTime",` +
		`"ip":"$context.identity.sourceIp","method":"$context.httpMethod","route":"$context.routeKey","path":"$context.path",` +
		`"status":"$context.status","bytes":"$context.responseLength","latencyMs":"$context.responseLatency",` +
		`"integrationError":"$context.integrationErrorMessage","authorizerError":"$context.authorizer.error"}`))
}
