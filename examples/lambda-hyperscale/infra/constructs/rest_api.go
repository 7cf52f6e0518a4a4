package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RESTAPIProps describes an API behind a firewall, whose callers bring a JWT.
type RESTAPIProps struct {
	Name       string
	Alarms     *Alarms
	Thresholds APIThresholds
	// Authorizer is the function that verifies tokens.
	Authorizer *Function
	Firewall   awswafv2.CfnWebACL
	// LogRetentionDays is how long access logs are kept.
	LogRetentionDays int
	Key              awskms.IKey
	// Throttle holds for every route that brings none of its own.
	Throttle Throttle
}

// RESTRoute is one operation of the API.
type RESTRoute struct {
	Method, Path string
	Function     *Function
	// IsOpen says that nobody needs a token.
	IsOpen bool
	// TakesJSON lets the gateway refuse a body that is no JSON.
	TakesJSON bool
	// Throttle replaces that of the API, where it is set.
	Throttle Throttle
}

// RESTAPI is an API Gateway REST API with access logs, traces and a firewall. What it refuses by itself it refuses with
// problem details, as the functions do.
type RESTAPI struct {
	API        awsapigateway.RestApi
	authorizer awsapigateway.IAuthorizer
	validator  awsapigateway.RequestValidator
	json       awsapigateway.Model
	methods    map[string]*awsapigateway.MethodDeploymentOptions
}

// NewRESTAPI makes the API with its routes, which are part of the stage's settings.
func NewRESTAPI(scope constructs.Construct, id string, props *RESTAPIProps, routes []*RESTRoute) *RESTAPI {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	logs := newLogGroup(scope, "AccessLogs", props.LogRetentionDays, props.Key)
	a := &RESTAPI{methods: map[string]*awsapigateway.MethodDeploymentOptions{}}
	for _, route := range routes {
		if route.Throttle.Rate > 0 {
			a.methods[route.Path+"/"+route.Method] = &awsapigateway.MethodDeploymentOptions{
				ThrottlingRateLimit: jsii.Number(route.Throttle.Rate), ThrottlingBurstLimit: jsii.Number(route.Throttle.Burst),
			}
		}
	}
	a.API = awsapigateway.NewRestApi(scope, jsii.String("Api"), &awsapigateway.RestApiProps{
		RestApiName:    jsii.String(props.Name),
		EndpointTypes:  &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
		CloudWatchRole: jsii.Bool(true),
		DeployOptions: &awsapigateway.StageOptions{
			StageName:            jsii.String("live"),
			TracingEnabled:       jsii.Bool(true),
			MetricsEnabled:       jsii.Bool(true),
			LoggingLevel:         awsapigateway.MethodLoggingLevel_ERROR,
			AccessLogDestination: awsapigateway.NewLogGroupLogDestination(logs),
			AccessLogFormat:      restAccessLog(),
			ThrottlingRateLimit:  jsii.Number(props.Throttle.Rate),
			ThrottlingBurstLimit: jsii.Number(props.Throttle.Burst),
			MethodOptions:        &a.methods,
		},
	})
	awswafv2.NewCfnWebACLAssociation(scope, jsii.String("Firewall"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: a.API.DeploymentStage().StageArn(), WebAclArn: props.Firewall.AttrArn(),
	})
	a.authorizer = awsapigateway.NewRequestAuthorizer(scope, jsii.String("Authorizer"), &awsapigateway.RequestAuthorizerProps{
		Handler:         props.Authorizer.Alias(),
		IdentitySources: jsii.Strings(*awsapigateway.IdentitySource_Header(jsii.String("Authorization"))),
		ResultsCacheTtl: minutes(5),
	})
	a.validator = a.API.AddRequestValidator(jsii.String("Validator"), &awsapigateway.RequestValidatorOptions{
		ValidateRequestBody: jsii.Bool(true), ValidateRequestParameters: jsii.Bool(true),
	})
	a.json = a.API.AddModel(jsii.String("Json"), &awsapigateway.ModelOptions{
		ContentType: jsii.String("application/json"),
		Schema:      &awsapigateway.JsonSchema{Schema: awsapigateway.JsonSchemaVersion_DRAFT4, Title: jsii.String("JSON; the function says what is wrong with it")},
	})
	a.addProblems()
	for _, route := range routes {
		a.add(route)
	}
	watchAPI(scope, a.API, props.Alarms, &props.Thresholds)
	return a
}

func (a *RESTAPI) add(route *RESTRoute) {
	options := &awsapigateway.MethodOptions{
		AuthorizationType: awsapigateway.AuthorizationType_NONE,
		RequestValidator:  a.validator,
	}
	if !route.IsOpen {
		options.AuthorizationType, options.Authorizer = awsapigateway.AuthorizationType_CUSTOM, a.authorizer
	}
	if route.TakesJSON {
		options.RequestModels = &map[string]awsapigateway.IModel{"application/json": a.json}
	}
	a.API.Root().ResourceForPath(jsii.String(route.Path)).AddMethod(jsii.String(route.Method),
		awsapigateway.NewLambdaIntegration(route.Function.Alias(), &awsapigateway.LambdaIntegrationOptions{AllowTestInvoke: jsii.Bool(false)}), options)
}

// addProblems gives the gateway's own refusals the form of the functions'.
func (a *RESTAPI) addProblems() {
	for _, problem := range []struct {
		kind                awsapigateway.ResponseType
		status              int
		title, detail, code string
	}{
		{awsapigateway.ResponseType_UNAUTHORIZED(), 401, "Unauthorized", "A valid bearer token is required.", "unauthorized"},
		{awsapigateway.ResponseType_ACCESS_DENIED(), 403, "Forbidden", "This is not allowed to you.", "forbidden"},
		{awsapigateway.ResponseType_MISSING_AUTHENTICATION_TOKEN(), 404, "Not Found", "There is no such route.", "not_found"},
		{awsapigateway.ResponseType_BAD_REQUEST_BODY(), 400, "Bad Request", "The body is not JSON.", "invalid_json"},
		{awsapigateway.ResponseType_REQUEST_TOO_LARGE(), 413, "Content Too Large", "The body is too large.", "payload_too_large"},
		{awsapigateway.ResponseType_THROTTLED(), 429, "Too Many Requests", "Try again later.", "too_many_requests"},
		{awsapigateway.ResponseType_WAF_FILTERED(), 403, "Forbidden", "The request was blocked.", "forbidden"},
		{awsapigateway.ResponseType_DEFAULT_5XX(), 500, "Internal Server Error", "Try again later.", "internal_error"},
	} {
		headers := map[string]*string{"Content-Type": jsii.String("'application/problem+json'")}
		if problem.status == 401 {
			headers["WWW-Authenticate"] = jsii.String("'Bearer'")
		}
		if problem.status == 429 {
			headers["Retry-After"] = jsii.String("'1'")
		}
		a.API.AddGatewayResponse(jsii.String(strings.ReplaceAll(*problem.kind.ResponseType(), "_", "")), &awsapigateway.GatewayResponseOptions{
			Type:            problem.kind,
			StatusCode:      jsii.String(fmt.Sprint(problem.status)),
			ResponseHeaders: &headers,
			Templates: &map[string]*string{"application/json": jsii.String(fmt.Sprintf(
				`{"type":"about:blank","title":%q,"status":%d,"detail":%q,"error":%q,"requestId":"$context.requestId"}`,
				problem.title, problem.status, problem.detail, problem.code))},
		})
	}
}

// restAccessLog says who asked for what, what came of it and where to look further, and nothing of what was sent.
func restAccessLog() awsapigateway.AccessLogFormat {
	return awsapigateway.AccessLogFormat_Custom(jsii.String(`{"requestId":"$context.requestId","time":"$context.requestTime",` +
		`"ip":"$context.identity.sourceIp","method":"$context.httpMethod","route":"$context.resourcePath","path":"$context.path",` +
		`"status":"$context.status","bytes":"$context.responseLength","latencyMs":"$context.responseLatency",` +
		`"integrationError":"$context.integration.error","authorizerError":"$context.authorizer.error","waf":"$context.waf.error"}`))
}
