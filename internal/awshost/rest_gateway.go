package awshost

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// restGateway plays a REST API: routes, a request authorizer whose answers are cached, models, throttling, gateway responses,
// and events of payload format 1.0.
type restGateway struct {
	router
	authorizer *lambdahost.Host
	lifetime   time.Duration
	// takesJSON is the routes, by their keys, whose body has to be JSON.
	takesJSON map[string]bool
	// protected is the routes that ask the authorizer.
	protected map[string]bool
	refusals  map[string]*resource

	mu     sync.Mutex
	cached map[string]decision
}

// decision is what the authorizer has said of a token.
type decision struct {
	context map[string]any
	until   time.Time
}

func newRESTGateway(h *Host) (*restGateway, error) {
	g := &restGateway{takesJSON: map[string]bool{}, protected: map[string]bool{}, refusals: map[string]*resource{}, cached: map[string]decision{}}
	for _, a := range h.template.ofType("AWS::ApiGateway::Authorizer") {
		function, err := h.function(a, "AuthorizerUri")
		if err != nil {
			return nil, err
		}
		g.authorizer, g.lifetime = function, time.Duration(number(a.Properties, 300, "AuthorizerResultTtlInSeconds"))*time.Second
	}
	for _, r := range h.template.ofType("AWS::ApiGateway::GatewayResponse") {
		g.refusals[text(r.Properties, "ResponseType")] = r
	}
	for _, m := range h.template.ofType("AWS::ApiGateway::Method") {
		function, ok := h.template.function(text(m.Properties, "Integration", "Uri"))
		if !ok {
			return nil, fmt.Errorf("method %s has no function", m.id)
		}
		method, path := text(m.Properties, "HttpMethod"), h.template.restPath(text(m.Properties, "ResourceId"))
		key := method + " " + path
		g.takesJSON[key] = cfn.At(m.Properties, "RequestModels", "application/json") != nil
		g.protected[key] = text(m.Properties, "AuthorizationType") == "CUSTOM"
		g.routes = append(g.routes, &route{
			key: key, method: method, segments: strings.Split(strings.Trim(path, "/"), "/"),
			function: h.functions[function.id], limiter: h.template.restLimiter(method, path),
		})
	}
	return g, nil
}

// restPath is the path of a resource of the API, from its parts.
func (t *template) restPath(id string) string {
	r, ok := t.Resources[id]
	if !ok {
		return ""
	}
	return t.restPath(text(r.Properties, "ParentId")) + "/" + text(r.Properties, "PathPart")
}

// restLimiter is the token bucket of a method: its own settings, or those of the stage.
func (t *template) restLimiter(method, path string) *rate.Limiter {
	found := rate.NewLimiter(rate.Inf, 0)
	for _, stage := range t.ofType("AWS::ApiGateway::Stage") {
		for _, settings := range list(stage.Properties, "MethodSettings") {
			name := strings.ReplaceAll(strings.TrimPrefix(text(settings, "ResourcePath"), "/"), "~1", "/")
			isOwn := text(settings, "HttpMethod") == method && name == path
			isForAll := text(settings, "HttpMethod") == "*" && found.Limit() == rate.Inf
			if limit := number(settings, 0, "ThrottlingRateLimit"); limit > 0 && (isOwn || isForAll) {
				found = rate.NewLimiter(rate.Limit(limit), number(settings, limit, "ThrottlingBurstLimit"))
			}
		}
	}
	return found
}

// ServeHTTP is a client's request. What the gateway refuses it refuses as the template's gateway responses say.
func (g *restGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt, parameters := g.find(r)
	if rt == nil {
		g.refuse(w, "MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden)
		return
	}
	if !rt.limiter.Allow() {
		g.refuse(w, "THROTTLED", http.StatusTooManyRequests)
		return
	}
	id := requestID()
	claims, ok := g.authorize(r, rt, id)
	if !ok {
		g.refuse(w, "UNAUTHORIZED", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		g.refuse(w, "REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge)
		return
	}
	if g.takesJSON[rt.key] && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && !json.Valid(body) {
		g.refuse(w, "BAD_REQUEST_BODY", http.StatusBadRequest)
		return
	}
	payload, _ := json.Marshal(rt.restEvent(r, id, body, parameters, claims))
	result, err := rt.function.Invoke(r.Context(), payload)
	if err != nil || result.Error != nil {
		g.refuse(w, "DEFAULT_5XX", http.StatusInternalServerError)
		return
	}
	respond(w, result.Payload)
}

// authorize asks the authorizer who calls, or remembers what it has said.
func (g *restGateway) authorize(r *http.Request, rt *route, id string) (map[string]any, bool) {
	token := r.Header.Get("Authorization")
	if !g.protected[rt.key] {
		return nil, true
	}
	if token == "" {
		return nil, false // The identity source is missing: the authorizer is not asked.
	}
	g.mu.Lock()
	known, ok := g.cached[token]
	g.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.context, true
	}
	event := rt.restEvent(r, id, nil, nil, nil)
	event["type"] = "REQUEST"
	event["methodArn"] = fmt.Sprintf("arn:aws:execute-api:local:%s:api/live/%s%s", account, r.Method, r.URL.Path)
	payload, _ := json.Marshal(event)
	result, err := g.authorizer.Invoke(r.Context(), payload)
	var answer struct {
		Context        map[string]any `json:"context"`
		PolicyDocument struct {
			Statement []struct{ Effect, Resource string }
		} `json:"policyDocument"`
	}
	if err != nil || result.Error != nil || json.Unmarshal(result.Payload, &answer) != nil || len(answer.PolicyDocument.Statement) != 1 ||
		answer.PolicyDocument.Statement[0].Effect != "Allow" {
		return nil, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cached[token] = decision{answer.Context, time.Now().Add(g.lifetime)}
	return answer.Context, true
}

// refuse writes the gateway response of a kind, or the gateway's own words where the template has none.
func (g *restGateway) refuse(w http.ResponseWriter, kind string, status int) {
	r, ok := g.refusals[kind]
	if !ok {
		message(w, status, http.StatusText(status))
		return
	}
	parameters, _ := r.Properties["ResponseParameters"].(map[string]any)
	for name, value := range parameters {
		header := strings.TrimPrefix(name, "gatewayresponse.header.")
		w.Header().Set(header, strings.Trim(fmt.Sprint(value), "'"))
	}
	if own, err := strconv.Atoi(text(r.Properties, "StatusCode")); err == nil {
		status = own
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, strings.ReplaceAll(text(r.Properties, "ResponseTemplates", "application/json"), "$context.requestId", requestID()))
}

func (rt *route) restEvent(r *http.Request, id string, body []byte, parameters map[string]string, claims map[string]any) map[string]any {
	headers := map[string]string{"Host": r.Host}
	for name, values := range r.Header {
		headers[name] = strings.Join(values, ",")
	}
	_, path, _ := strings.Cut(rt.key, " ")
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	requestContext := map[string]any{
		"accountId": account, "apiId": "local", "domainName": r.Host, "requestId": id, "resourcePath": path, "stage": "live",
		"httpMethod": r.Method, "path": "/live" + r.URL.Path, "identity": map[string]string{"sourceIp": ip, "userAgent": r.UserAgent()},
	}
	if claims != nil {
		requestContext["authorizer"] = claims
	}
	event := map[string]any{
		"resource": path, "path": r.URL.Path, "httpMethod": r.Method, "headers": headers, "requestContext": requestContext,
		"pathParameters": nil, "body": nil, "isBase64Encoded": false,
	}
	if len(parameters) > 0 {
		event["pathParameters"] = maps.Clone(parameters)
	}
	if len(body) > 0 {
		event["body"] = string(body)
	}
	return event
}
