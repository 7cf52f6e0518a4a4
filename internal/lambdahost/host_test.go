package lambdahost_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

const handlers = `
export const echo = async (event, context) => ({ event, id: context.awsRequestId, left: context.getRemainingTimeInMillis() });
export const fail = async () => { throw new RangeError('out of range'); };
export const hang = () => new Promise(() => { setInterval(() => undefined, 1000); });
export const exit = async () => process.exit(3);
export const callback = (event, context, done) => done(null, {});
export const stream = awslambda.streamifyResponse(async (event, out) => {
  out = awslambda.HttpResponseStream.from(out, { statusCode: 200, headers: { 'content-type': 'text/plain' } });
  out.write('one '); out.write('two'); out.end();
});
`

func host(t *testing.T, handler string) *lambdahost.Host {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.mjs"), []byte(handlers), 0o600); err != nil {
		t.Fatal(err)
	}
	timeout := time.Minute
	if handler == "hang" {
		timeout = time.Second
	}
	h := lambdahost.NewHost(testtools.NodeRuntime(t), &lambdahost.Function{
		Name: "test", ARN: "arn:aws:lambda:eu-west-1:123456789012:function:test:live", Dir: dir, Handler: "index." + handler,
		Region: "eu-west-1", MemoryMB: 128, Timeout: timeout,
	}, 4, &bytes.Buffer{})
	t.Cleanup(h.Close)
	return h
}

func TestInvoke(t *testing.T) {
	h := host(t, "echo")
	for range 3 {
		result, err := h.Invoke(t.Context(), []byte(`{"a":1}`))
		if err != nil || result.Error != nil {
			t.Fatal(err, result)
		}
		if got := string(result.Payload); !strings.Contains(got, `"event":{"a":1}`) || !strings.Contains(got, result.RequestID) {
			t.Errorf("the answer is %s", got)
		}
	}
}

func TestConcurrentInvocations(t *testing.T) {
	h := host(t, "echo")
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if result, err := h.Invoke(t.Context(), []byte(`{}`)); err != nil || result.Error != nil {
				t.Error(err, result)
			}
		})
	}
	group.Wait()
}

func TestFailures(t *testing.T) {
	for handler, want := range map[string]string{
		"fail":     "RangeError",
		"hang":     "Sandbox.Timedout",
		"exit":     "Runtime.ExitError",
		"missing":  "Runtime.HandlerNotFound",
		"callback": "Runtime.CallbackHandlerDeprecated",
	} {
		t.Run(handler, func(t *testing.T) {
			result, err := host(t, handler).Invoke(t.Context(), []byte(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			if result.Error == nil || result.Error.Type != want {
				t.Errorf("the error is %v, want %s", result.Error, want)
			}
		})
	}
}

func TestAnInvocationAfterACrashGetsANewProcess(t *testing.T) {
	h := host(t, "echo")
	for range 2 {
		if result, err := h.Invoke(t.Context(), []byte(`{}`)); err != nil || result.Error != nil {
			t.Fatal(err, result)
		}
		h.Crash()
	}
}

func TestStreamedResponse(t *testing.T) {
	result, err := host(t, "stream").Invoke(t.Context(), []byte(`{}`))
	if err != nil || result.Error != nil {
		t.Fatal(err, result)
	}
	prelude, body, ok := bytes.Cut(result.Payload, make([]byte, 8))
	if !result.Streamed || !ok || !strings.Contains(string(prelude), `"statusCode":200`) || string(body) != "one two" {
		t.Errorf("streamed %v: %q", result.Streamed, result.Payload)
	}
}

func TestMeasureStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.mjs"), []byte(handlers), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &lambdahost.Function{
		Name: "test", Dir: dir, Handler: "index.echo", Region: "eu-west-1", MemoryMB: 128, Timeout: time.Minute,
	}
	start, err := lambdahost.MeasureStart(t.Context(), testtools.NodeRuntime(t), f)
	if err != nil {
		t.Fatal(err)
	}
	if start.CPU <= 0 || start.Wall <= 0 {
		t.Errorf("the start took %+v", start)
	}
}
