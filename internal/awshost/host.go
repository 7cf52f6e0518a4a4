package awshost

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// Config says what to run and where.
type Config struct {
	// Template is a synthesised template; its assets are beside it.
	Template string
	// Emulator is the URL of an AWS emulator that is empty.
	Emulator string
	Region   string
	// Runtime runs the functions, each in at most MaxProcesses processes.
	Runtime      *lambdahost.Runtime
	MaxProcesses int
	// Keys is the public keys of token issuers, by issuer URL and key id: what would be fetched from their JWKS.
	Keys map[string]map[string]*rsa.PublicKey
	// Secrets is the values of secrets, by the start of their logical ids.
	Secrets map[string]string
	// MaxVisibilityTimeout shortens the queues' own, which are made for deployments and not for tests.
	MaxVisibilityTimeout time.Duration
	// Logs is where functions write to.
	Logs io.Writer
	// ReplicaOf is the host of another region on the same emulator: this one has replicas of its tables, without any lag, and
	// the two hear of each other's events.
	ReplicaOf *Host
	// Parameters is the values of the template's parameters.
	Parameters map[string]string
}

// Host is a running template.
type Host struct {
	// URL is the API's.
	URL string

	config     Config
	template   *template
	emulator   *emulator
	functions  map[string]*lambdahost.Host
	secretARNs map[string]string
	gate       *gate
	bus        *bus
	pollers    []*queuePoller
	servers    []*http.Server
	stop       context.CancelFunc
	running    sync.WaitGroup
}

// Start creates what the template describes, and runs it until Close.
func Start(ctx context.Context, config Config) (*Host, error) {
	t, err := readTemplate(config)
	if err != nil {
		return nil, err
	}
	h := &Host{
		config: config, template: t, emulator: newEmulator(config),
		functions: map[string]*lambdahost.Host{}, secretARNs: map[string]string{},
	}
	for _, create := range []func(context.Context) error{h.createTables, h.createQueues, h.createSecrets} {
		if err := create(ctx); err != nil {
			return nil, err
		}
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	h.bus = newBus(h)
	if other := config.ReplicaOf; other != nil {
		h.bus.peer(other.bus)
		other.bus.peer(h.bus)
	}
	h.gate = newGate(h)
	endpoint, err := h.serve(h.gate)
	if err != nil {
		return nil, err
	}
	keys, err := h.serve(http.HandlerFunc(h.serveKeys))
	if err != nil {
		return nil, err
	}
	h.createFunctions(endpoint, keys)
	if err := h.connect(background); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Host) serve(handler http.Handler) (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	h.servers = append(h.servers, server)
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), nil
}

// serveKeys publishes the keys of all token issuers, as their own servers would.
func (h *Host) serveKeys(w http.ResponseWriter, _ *http.Request) {
	var keys []map[string]string
	for _, issuer := range h.config.Keys {
		for id, key := range issuer {
			keys = append(keys, map[string]string{
				"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
				"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
				"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
			})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

// createFunctions prepares a process pool for each function. The access key that a function gets is its own logical id,
// by which the gate knows who is calling.
func (h *Host) createFunctions(endpoint, keys string) {
	for _, r := range h.template.ofType("AWS::Lambda::Function") {
		environment := map[string]string{
			"AWS_ENDPOINT_URL":      endpoint,
			"AWS_ACCESS_KEY_ID":     r.id,
			"AWS_SECRET_ACCESS_KEY": "local",
			"AWS_SESSION_TOKEN":     "local",
		}
		variables, _ := cfn.At(r.Properties, "Environment", "Variables").(map[string]any)
		for name, value := range variables {
			environment[name] = fmt.Sprint(value)
		}
		if _, ok := environment["JWKS_URI"]; ok {
			environment["JWKS_URI"] = keys
		}
		h.functions[r.id] = lambdahost.NewHost(h.config.Runtime, &lambdahost.Function{
			Name: r.name(), ARN: r.arn() + ":live", Dir: h.template.asset(r), Handler: text(r.Properties, "Handler"),
			Environment: environment, Region: h.config.Region, MemoryMB: number(r.Properties, 128, "MemorySize"),
			Timeout:  time.Duration(number(r.Properties, 3, "Timeout")) * time.Second,
			LogLevel: text(r.Properties, "LoggingConfig", "ApplicationLogLevel"),
		}, h.config.MaxProcesses, h.config.Logs)
	}
}

// asset is the folder from which the function's package is made.
func (t *template) asset(r *resource) string {
	key := strings.TrimSuffix(text(r.Properties, "Code", "S3Key"), ".zip")
	return filepath.Join(t.dir, "asset."+key)
}

// connect puts the gateway and the pollers in front of the functions.
func (h *Host) connect(ctx context.Context) error {
	gateway, err := h.newAPI()
	if err != nil {
		return err
	}
	if h.URL, err = h.serve(gateway); err != nil {
		return err
	}
	return h.startPollers(ctx)
}

// newAPI is the template's API, of either kind.
func (h *Host) newAPI() (http.Handler, error) {
	if len(h.template.ofType("AWS::ApiGateway::RestApi")) > 0 {
		return newRESTGateway(h)
	}
	return newGateway(h)
}

// function is the process pool of the function that a property of the resource names.
func (h *Host) function(r *resource, property string) (*lambdahost.Host, error) {
	name := text(r.Properties, property)
	f, ok := h.template.function(name)
	if !ok {
		return nil, fmt.Errorf("%s names the function %q, which is not in the template", r.id, name)
	}
	return h.functions[f.id], nil
}

func (h *Host) startPollers(ctx context.Context) error {
	for _, mapping := range h.template.ofType("AWS::Lambda::EventSourceMapping") {
		arn := text(mapping.Properties, "EventSourceArn")
		function, err := h.function(mapping, "FunctionName")
		if err != nil {
			return err
		}
		run := newStreamPoller(h, mapping, function).run
		if strings.Contains(arn, ":sqs:") {
			poller := newQueuePoller(h, mapping, function)
			h.pollers = append(h.pollers, poller)
			run = poller.run
		}
		h.running.Go(func() { run(ctx) })
	}
	return nil
}

// Crash kills the processes of the function whose logical id starts with the given text.
func (h *Host) Crash(id string) {
	for full, function := range h.functions {
		if strings.HasPrefix(full, id) {
			function.Crash()
		}
	}
}

// Hold stops the pollers of all queues from taking new messages, until the function that it answers is called.
func (h *Host) Hold() (release func()) {
	for _, poller := range h.pollers {
		poller.gate.Lock()
	}
	return sync.OnceFunc(func() {
		for _, poller := range h.pollers {
			poller.gate.Unlock()
		}
	})
}

// Call carries out an operation of an AWS service on the host's own account, past all permissions.
func (h *Host) Call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	return h.emulator.call(ctx, service, operation, in)
}

// Physical is the physical name of the resource of a type whose logical id starts with the given text.
func (h *Host) Physical(kind, id string) (string, error) {
	for _, r := range h.template.ofType(kind) {
		if strings.HasPrefix(r.id, id) {
			return r.name(), nil
		}
	}
	return "", fmt.Errorf("there is no %s %s", kind, id)
}

// Events is everything that was put on the event bus so far, in order.
func (h *Host) Events() []Event { return h.bus.all() }

// Settled reports whether every event that Events has shown has reached its targets.
func (h *Host) Settled() bool { return h.bus.settled() }

// Denied is every call to AWS that a function's role did not allow.
func (h *Host) Denied() []string { return h.gate.refusals() }

// Fault makes calls of functions to AWS go wrong; see Fault. It answers how to end it.
func (h *Host) Fault(f Fault) (end func()) { return h.gate.add(&f) }

// Close ends everything.
func (h *Host) Close() error {
	h.stop()
	for _, function := range h.functions {
		function.Close()
	}
	h.running.Wait()
	var errs []error
	for _, server := range h.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}
