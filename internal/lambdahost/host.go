package lambdahost

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Host runs one function, in as many processes at once as there are invocations, up to a limit.
type Host struct {
	function *Function
	runtime  *Runtime
	logs     *lockedWriter
	// slots has a place for each process that may exist.
	slots chan struct{}

	mu     sync.Mutex
	idle   []*environment
	all    map[*environment]bool
	closed bool
}

// NewHost runs the function in at most maxProcesses processes; what they print goes to logs, in whole lines.
func NewHost(r *Runtime, f *Function, maxProcesses int, logs io.Writer) *Host {
	return &Host{function: f, runtime: r, logs: &lockedWriter{out: logs}, slots: make(chan struct{}, maxProcesses), all: map[*environment]bool{}}
}

// Invoke runs the function once. The error in the result is the function's; an error beside it is this machine's.
func (h *Host) Invoke(ctx context.Context, payload []byte) (*Result, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	in := &invocation{id: newRequestID(), arn: h.function.ARN, payload: payload, result: make(chan *Result, 1)}
	e, err := h.take(ctx)
	if initError, ok := errors.AsType[*FunctionError](err); ok {
		return &Result{RequestID: in.id, Error: initError}, nil
	}
	if err != nil {
		return nil, err
	}
	result, usable := e.invoke(ctx, in, h.function.Timeout)
	h.release(e, usable)
	return result, nil
}

// take is an idle process, or a new one.
func (h *Host) take(ctx context.Context) (*environment, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, errors.New("the host is closed")
	}
	if last := len(h.idle) - 1; last >= 0 {
		e := h.idle[last]
		h.idle = h.idle[:last]
		h.mu.Unlock()
		return e, nil
	}
	h.mu.Unlock()
	e, err := startEnvironment(ctx, h.runtime, h.function, h.logs)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.all[e] = true
	h.mu.Unlock()
	return e, nil
}

func (h *Host) release(e *environment, usable bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if usable && !h.closed {
		h.idle = append(h.idle, e)
		return
	}
	delete(h.all, e)
	e.stop()
}

// Crash kills all processes of the function, in the middle of whatever they do.
func (h *Host) Crash() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for e := range h.all {
		e.process.Kill()
	}
	for _, e := range h.idle {
		e.stop()
		delete(h.all, e)
	}
	h.idle = nil
}

// Close ends all processes.
func (h *Host) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.Crash()
}

// newRequestID is a random UUID, which is what Lambda's request ids look like.
func newRequestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
