package lambdahost

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/proc"
)

const apiPrefix = "/2018-06-01/runtime/"

// initTimeout is how long Lambda waits for a runtime to ask for its first invocation.
const initTimeout = 10 * time.Second

// FunctionError is the error that a function, or its runtime, has reported.
type FunctionError struct {
	Type    string   `json:"errorType"`
	Message string   `json:"errorMessage"`
	Trace   []string `json:"trace,omitempty"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Result is what came of an invocation.
type Result struct {
	RequestID string
	// Payload is the answer; of a streamed answer all that was streamed, with its prelude.
	Payload []byte
	// Streamed says that the function chose to stream.
	Streamed bool
	// Error is set when the function failed.
	Error *FunctionError
}

type invocation struct {
	id       string
	arn      string
	payload  []byte
	deadline time.Time
	result   chan *Result
}

// environment is one process with a Runtime API of its own. It handles one invocation at a time.
type environment struct {
	process  *proc.Process
	server   *http.Server
	next     chan *invocation
	ready    chan struct{}
	initOnce sync.Once
	failed   chan *FunctionError

	mu      sync.Mutex
	current *invocation
}

// startEnvironment starts the process and waits until it asks for an invocation.
func startEnvironment(ctx context.Context, r *Runtime, f *Function, logs *lockedWriter) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(err, "listening for the runtime")
	}
	e := &environment{next: make(chan *invocation), ready: make(chan struct{}), failed: make(chan *FunctionError, 1)}
	e.server = &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	go func() { _ = e.server.Serve(listener) }()
	e.process, err = proc.Start(proc.Command{
		Argv: r.command(f), Dir: f.Dir, Env: f.environ(listener.Addr().String()),
		Stdout: &lines{out: logs}, Stderr: &lines{out: logs}, Tied: true,
	})
	if err != nil {
		_ = e.server.Close()
		return nil, err
	}
	if err := e.awaitInit(ctx); err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

func (e *environment) awaitInit(ctx context.Context) error {
	select {
	case <-e.ready:
		return nil
	case failure := <-e.failed:
		return failure
	case <-e.process.Done():
		return &FunctionError{Type: "Runtime.ExitError", Message: "the runtime exited before it was ready"}
	case <-time.After(initTimeout):
		return &FunctionError{Type: "Sandbox.Timedout", Message: "the runtime was not ready in time"}
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), "waiting for the runtime")
	}
}

// invoke hands the payload to the process and waits for its answer, until the function's timeout. An environment
// whose process ended or was too slow is of no more use.
func (e *environment) invoke(ctx context.Context, in *invocation, timeout time.Duration) (result *Result, usable bool) {
	in.deadline = time.Now().Add(timeout)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case e.next <- in:
	case <-e.process.Done():
		return exited(in), false
	case <-ctx.Done():
		return exited(in), false
	}
	select {
	case result := <-in.result:
		return result, true
	case <-e.process.Done():
		return exited(in), false
	case <-ctx.Done():
		return exited(in), false
	case <-timer.C:
		return &Result{RequestID: in.id, Error: &FunctionError{
			Type: "Sandbox.Timedout", Message: fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds()),
		}}, false
	}
}

func exited(in *invocation) *Result {
	return &Result{RequestID: in.id, Error: &FunctionError{Type: "Runtime.ExitError", Message: "the runtime exited without an answer"}}
}

func (e *environment) stop() {
	e.process.Kill()
	_ = e.server.Close()
}

// ServeHTTP is the Runtime API.
func (e *environment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, apiPrefix)
	switch {
	case ok && r.Method == http.MethodGet && path == "invocation/next":
		e.serveNext(w, r)
	case ok && r.Method == http.MethodPost && path == "init/error":
		e.failed <- readError(r)
		w.WriteHeader(http.StatusAccepted)
	case ok && r.Method == http.MethodPost && strings.HasPrefix(path, "invocation/"):
		e.serveResult(w, r, strings.TrimPrefix(path, "invocation/"))
	default:
		http.NotFound(w, r)
	}
}

func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	e.initOnce.Do(func() { close(e.ready) })
	select {
	case <-r.Context().Done():
	case in := <-e.next:
		e.mu.Lock()
		e.current = in
		e.mu.Unlock()
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", in.id)
		header.Set("Lambda-Runtime-Invoked-Function-Arn", in.arn)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Trace-Id", traceID(in.id))
		_, _ = w.Write(in.payload)
	}
}

// traceID is an X-Ray trace that was not sampled, made of the request's id.
func traceID(requestID string) string {
	digits := strings.ReplaceAll(requestID, "-", "")
	return fmt.Sprintf("Root=1-%s-%s;Parent=%s;Sampled=0", digits[:8], digits[8:32], digits[16:32])
}

// serveResult takes invocation/{id}/response and invocation/{id}/error.
func (e *environment) serveResult(w http.ResponseWriter, r *http.Request, path string) {
	id, kind, _ := strings.Cut(path, "/")
	e.mu.Lock()
	in := e.current
	if in == nil || in.id != id {
		e.mu.Unlock()
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	e.current = nil
	e.mu.Unlock()
	result := &Result{RequestID: id}
	switch kind {
	case "response":
		result.Streamed = r.Header.Get("Lambda-Runtime-Function-Response-Mode") == "streaming"
		payload, err := io.ReadAll(r.Body)
		result.Payload = payload
		if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); err != nil || kind != "" {
			result.Error = &FunctionError{Type: kind, Message: "the stream broke off"}
		}
	case "error":
		result.Error = readError(r)
	default:
		http.NotFound(w, r)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	in.result <- result
}

func readError(r *http.Request) *FunctionError {
	failure := &FunctionError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")}
	_ = json.NewDecoder(r.Body).Decode(failure)
	return failure
}
