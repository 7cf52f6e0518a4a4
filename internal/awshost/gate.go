package awshost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// Fault is calls that go wrong: those of the function whose logical id starts with Function, for which Operation and
// Body are empty or occur in the operation's name and the request's body.
type Fault struct {
	Function  string
	Operation string
	Body      string
	// Hang, if set, is called instead of answering, with a channel that is closed when the caller has gone.
	Hang func(gone <-chan struct{})
}

// gate stands between the functions and the emulator. It allows what a function's role allows, plays the event bus,
// and makes calls fail that are to fail.
type gate struct {
	host  *Host
	proxy *httputil.ReverseProxy

	// done is the tokens of transactions that were carried out. It is held together with the tables.
	done map[string]bool

	mu     sync.Mutex
	faults []*Fault
	denied []string
}

func newGate(h *Host) *gate {
	target, _ := url.Parse(h.config.Emulator)
	return &gate{host: h, proxy: httputil.NewSingleHostReverseProxy(target), done: map[string]bool{}}
}

func (g *gate) add(f *Fault) (remove func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, f)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.faults = slices.DeleteFunc(g.faults, func(other *Fault) bool { return other == f })
	}
}

func (g *gate) refusals() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.denied)
}

var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/`)

// ServeHTTP takes a function's call to an AWS service.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	signed := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	if err != nil || signed == nil {
		refuse(w, http.StatusBadRequest, "IncompleteSignature", "the request is not signed")
		return
	}
	function, service := signed[1], signed[2]
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	if f := g.fault(function, operation, string(body)); f != nil {
		fail(w, r, f)
		return
	}
	if denied := g.check(function, service, operation, in); denied != "" {
		g.mu.Lock()
		g.denied = append(g.denied, denied)
		g.mu.Unlock()
		refuse(w, http.StatusBadRequest, "AccessDeniedException", denied)
		return
	}
	if operation == "PutEvents" {
		g.host.bus.servePut(w, r, in)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(g.rewrite(body)))
	r.ContentLength = -1
	signature := r.Header.Get("Authorization")
	r.Header.Set("Authorization", strings.Replace(signature, "/"+g.host.config.Region+"/"+service+"/", "/"+g.host.emulator.regionOf(service)+"/"+service+"/", 1))
	g.forward(w, r, service, text(in, "ClientRequestToken"))
}

// forward hands the call to the emulator. A caller that loses patience does not take its call back: it is either not
// begun, or carried out to its end. A transaction whose token has been carried out before is not repeated.
func (g *gate) forward(w http.ResponseWriter, r *http.Request, service, token string) {
	defer g.host.emulator.lock(service)()
	if r.Context().Err() != nil {
		return
	}
	if token != "" && g.done[token] {
		_, _ = w.Write([]byte("{}"))
		return
	}
	recorder := &statusRecorder{ResponseWriter: w}
	g.proxy.ServeHTTP(recorder, r.WithContext(context.WithoutCancel(r.Context())))
	if token != "" && recorder.status == http.StatusOK {
		g.done[token] = true
	}
}

// statusRecorder remembers the status that was answered.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// rewrite puts the emulator's own ARNs of secrets, which end in random letters, in the place of the template's.
func (g *gate) rewrite(body []byte) []byte {
	for ours, theirs := range g.host.secretARNs {
		body = bytes.ReplaceAll(body, []byte(ours), []byte(theirs))
	}
	return body
}

func (g *gate) fault(function, operation, body string) *Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.faults {
		if strings.HasPrefix(function, f.Function) && strings.Contains(operation, f.Operation) && strings.Contains(body, f.Body) {
			return f
		}
	}
	return nil
}

func fail(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.Hang != nil {
		f.Hang(r.Context().Done())
		return
	}
	refuse(w, http.StatusBadRequest, "ServiceFault", "this call was made to fail")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
}

// need is one permission that a call takes.
type need struct{ action, resource string }

// check answers why the function's role does not allow the call; nothing if it does.
func (g *gate) check(function, service, operation string, in map[string]any) string {
	for _, n := range g.needs(service, operation, in) {
		if !g.allowed(function, n) {
			return fmt.Sprintf("%s may not %s on %s", function, n.action, n.resource)
		}
	}
	return ""
}

// needs is the permissions that a call takes; a transaction takes those of its parts.
func (g *gate) needs(service, operation string, in map[string]any) []need {
	if operation == "TransactWriteItems" {
		var needs []need
		for _, item := range list(in, "TransactItems") {
			for part, body := range item.(map[string]any) {
				action := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}[part]
				needs = append(needs, need{"dynamodb:" + action, g.resourceOf("dynamodb", body)})
			}
		}
		return needs
	}
	if operation == "PutEvents" {
		var needs []need
		for _, entry := range list(in, "Entries") {
			needs = append(needs, need{"events:PutEvents", fmt.Sprintf("arn:aws:events:%s:%s:event-bus/%s", g.host.config.Region, account, text(entry, "EventBusName"))})
		}
		return needs
	}
	return []need{{service + ":" + operation, g.resourceOf(service, in)}}
}

func (g *gate) resourceOf(service string, in any) string {
	region := g.host.config.Region
	switch service {
	case "dynamodb":
		arn := fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", region, account, text(in, "TableName"))
		if index := text(in, "IndexName"); index != "" {
			arn += "/index/" + index
		}
		return arn
	case "sqs":
		return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", region, account, path.Base(text(in, "QueueUrl")))
	case "secretsmanager":
		return text(in, "SecretId")
	default:
		return "*"
	}
}

// allowed looks through the policies of the function's role.
func (g *gate) allowed(function string, n need) bool {
	f, ok := g.host.template.Resources[function]
	if !ok {
		return false
	}
	for _, policy := range g.host.template.ofType("AWS::IAM::Policy") {
		if !attached(policy, text(f.Properties, "Role")) {
			continue
		}
		for _, statement := range list(policy.Properties, "PolicyDocument", "Statement") {
			if text(statement, "Effect") == "Allow" && matchesAny(cfn.At(statement, "Action"), n.action) && matchesAny(cfn.At(statement, "Resource"), n.resource) {
				return true
			}
		}
	}
	return false
}

func attached(policy *resource, roleARN string) bool {
	for _, role := range list(policy.Properties, "Roles") {
		if strings.HasSuffix(roleARN, ":"+role.(string)) {
			return true
		}
	}
	return false
}

func matchesAny(patterns any, value string) bool {
	switch patterns := patterns.(type) {
	case string:
		ok, _ := path.Match(strings.ReplaceAll(patterns, "/", "\x00"), strings.ReplaceAll(value, "/", "\x00"))
		return ok
	case []any:
		return slices.ContainsFunc(patterns, func(pattern any) bool { return matchesAny(pattern, value) })
	default:
		return false
	}
}
