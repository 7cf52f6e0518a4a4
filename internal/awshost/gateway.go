package awshost

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// maxPayload is API Gateway's own limit, https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
const maxPayload = 10 << 20

// gateway plays an HTTP API: routes, the JWT authorizer, throttling, and events of payload format 2.0.
type gateway struct {
	router
}

// router finds the route of a request.
type router struct {
	routes []*route
}

type route struct {
	key        string
	method     string
	segments   []string
	function   *lambdahost.Host
	authorizer *authorizer
	scopes     []string
	limiter    *rate.Limiter
}

func newGateway(h *Host) (*gateway, error) {
	g := &gateway{}
	t := h.template
	for _, r := range t.ofType("AWS::ApiGatewayV2::Route") {
		key := text(r.Properties, "RouteKey")
		method, path, _ := strings.Cut(key, " ")
		rt := &route{key: key, method: method, segments: strings.Split(strings.Trim(path, "/"), "/"), limiter: t.limiter(key)}
		integration := t.named("AWS::ApiGatewayV2::Integration", strings.TrimPrefix(text(r.Properties, "Target"), "integrations/"))
		if integration == nil {
			return nil, fmt.Errorf("route %s has no integration", key)
		}
		var err error
		if rt.function, err = h.function(integration, "IntegrationUri"); err != nil {
			return nil, err
		}
		if a := t.named("AWS::ApiGatewayV2::Authorizer", text(r.Properties, "AuthorizerId")); a != nil {
			rt.authorizer = newAuthorizer(a, h.config.Keys)
		}
		for _, scope := range list(r.Properties, "AuthorizationScopes") {
			rt.scopes = append(rt.scopes, scope.(string))
		}
		g.routes = append(g.routes, rt)
	}
	return g, nil
}

// limiter is the token bucket of a route: its own settings, or those of the stage.
func (t *template) limiter(key string) *rate.Limiter {
	for _, stage := range t.ofType("AWS::ApiGatewayV2::Stage") {
		for _, settings := range []any{cfn.At(stage.Properties, "RouteSettings", key), cfn.At(stage.Properties, "DefaultRouteSettings")} {
			if limit := number(settings, 0, "ThrottlingRateLimit"); limit > 0 {
				return rate.NewLimiter(rate.Limit(limit), number(settings, limit, "ThrottlingBurstLimit"))
			}
		}
	}
	return rate.NewLimiter(rate.Inf, 0)
}

// ServeHTTP is a client's request. What the gateway itself refuses it refuses in its own words.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt, parameters := g.find(r)
	if rt == nil {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	if !rt.limiter.Allow() {
		message(w, http.StatusTooManyRequests, "Too Many Requests")
		return
	}
	claims, status := rt.authorize(r)
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
		message(w, status, "Unauthorized")
		return
	case http.StatusForbidden:
		message(w, status, "Forbidden")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	payload, _ := json.Marshal(rt.event(r, body, parameters, claims))
	result, err := rt.function.Invoke(r.Context(), payload)
	if err != nil || result.Error != nil {
		message(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	respond(w, result.Payload)
}

func (g *router) find(r *http.Request) (*route, map[string]string) {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for _, rt := range g.routes {
		if rt.method != r.Method && rt.method != "ANY" {
			continue
		}
		if parameters, ok := rt.match(segments); ok {
			return rt, parameters
		}
	}
	return nil, nil
}

func (rt *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(rt.segments) {
		return nil, false
	}
	parameters := map[string]string{}
	for i, segment := range rt.segments {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			parameters[strings.TrimSuffix(name, "}")] = segments[i]
		} else if segment != segments[i] {
			return nil, false
		}
	}
	return parameters, true
}

func (rt *route) authorize(r *http.Request) (claims map[string]any, status int) {
	if rt.authorizer == nil {
		return nil, http.StatusOK
	}
	claims, ok := rt.authorizer.verify(r)
	if !ok {
		return nil, http.StatusUnauthorized
	}
	if len(rt.scopes) > 0 && !hasScope(claims, rt.scopes) {
		return nil, http.StatusForbidden
	}
	return claims, http.StatusOK
}

func (rt *route) event(r *http.Request, body []byte, parameters map[string]string, claims map[string]any) map[string]any {
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	now := time.Now().UTC()
	requestContext := map[string]any{
		"accountId": account, "apiId": "local", "domainName": r.Host, "domainPrefix": "local", "requestId": requestID(), "routeKey": rt.key,
		"stage": "$default", "time": now.Format("02/Jan/2006:15:04:05 +0000"), "timeEpoch": now.UnixMilli(),
		"http": map[string]string{
			"method": r.Method, "path": r.URL.Path, "protocol": r.Proto, "sourceIp": ip, "userAgent": r.UserAgent(),
		},
	}
	if claims != nil {
		requestContext["authorizer"] = map[string]any{"jwt": map[string]any{"claims": flatten(claims), "scopes": rt.scopes}}
	}
	event := map[string]any{
		"version": "2.0", "routeKey": rt.key, "rawPath": r.URL.Path, "rawQueryString": r.URL.RawQuery, "headers": headers,
		"requestContext": requestContext, "isBase64Encoded": false,
	}
	if len(parameters) > 0 {
		event["pathParameters"] = maps.Clone(parameters)
	}
	if len(body) > 0 {
		event["body"] = string(body)
		if !isText(headers["content-type"]) {
			event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString(body), true
		}
	}
	return event
}

// requestID has the form of API Gateway's extended request ids.
func requestID() string {
	var id [8]byte
	_, _ = rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// isText says for which bodies the gateway writes text into the event, and not base64.
func isText(contentType string) bool {
	for _, kind := range []string{"text/", "application/json", "application/xml", "application/javascript"} {
		if strings.HasPrefix(contentType, kind) {
			return true
		}
	}
	return false
}

func respond(w http.ResponseWriter, payload []byte) {
	var answer struct {
		StatusCode int               `json:"statusCode"`
		Headers    map[string]string `json:"headers"`
		Body       string            `json:"body"`
		IsBase64   bool              `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode == 0 {
		message(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	body := []byte(answer.Body)
	if answer.IsBase64 {
		body, _ = base64.StdEncoding.DecodeString(answer.Body)
	}
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
}

func message(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": text})
}
