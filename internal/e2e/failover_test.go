//go:build e2e

package e2e

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/awshost"
	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/conformance"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

const (
	secondRegion = "eu-central-1"
	// callers place one order after the other, so there are never more orders under way than callers. A slow machine
	// takes longer and does no more work.
	callers = 4
	// The region is lost once ordersBefore are acknowledged. The load ends once ordersAfter more are, all of them asked
	// for after the loss.
	ordersBefore = 20
	ordersAfter  = 40
	// failoverLimit ends a drill that makes no progress. The health checks alone may take a minute.
	failoverLimit = 15 * time.Minute
	// recoveryObjective is what the level promises. The health checks have to leave time of it for everything else.
	recoveryObjective = time.Minute
	// gatewayPatience is how long API Gateway waits for a function, at most.
	gatewayPatience = 30 * time.Second
)

// regionalCopy is one region, as the router sees it.
type regionalCopy struct {
	proxy   *httputil.ReverseProxy
	url     string
	healthy atomic.Bool
}

// router plays Route 53 with the health checks of the template: it asks each region for its health and sends requests to
// the first one that is well.
type router struct{ regions []*regionalCopy }

func newRouter(
	ctx context.Context, t *testing.T, interval time.Duration, threshold int, hosts ...*awshost.Host,
) *router {
	t.Helper()
	r := &router{}
	for _, host := range hosts {
		target, err := url.Parse(host.URL)
		if err != nil {
			t.Fatal(err)
		}
		one := &regionalCopy{url: host.URL, proxy: httputil.NewSingleHostReverseProxy(target)}
		one.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
		one.healthy.Store(true)
		r.regions = append(r.regions, one)
		go one.watch(ctx, interval, threshold)
	}
	return r
}

func (c *regionalCopy) watch(ctx context.Context, interval time.Duration, threshold int) {
	client := &http.Client{Timeout: interval / 2}
	failures := 0
	for ctx.Err() == nil {
		response, err := client.Get(c.url + "/health")
		if err == nil {
			_ = response.Body.Close()
		}
		failures++
		if err == nil && response.StatusCode == http.StatusOK {
			failures = 0
		}
		c.healthy.Store(failures < threshold)
		pause(ctx, interval)
	}
}

func (r *router) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	for _, region := range r.regions {
		if region.healthy.Load() {
			region.proxy.ServeHTTP(w, request)
			return
		}
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// healthCheck is how often, and how often in a row, the template asks before a region is taken out.
func healthCheck(t *testing.T, template string) (interval time.Duration, threshold int) {
	t.Helper()
	text, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := cfn.Parse(template, text)
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range parsed.OfType("AWS::Route53::HealthCheck") {
		seconds, _ := check.Number("HealthCheckConfig", "RequestInterval")
		failures, _ := check.Number("HealthCheckConfig", "FailureThreshold")
		return time.Duration(seconds) * time.Second, int(failures)
	}
	t.Fatal("the template has no health check")
	return 0, 0
}

// TestFailover loses a region under load. Callers repeat what was not answered, with the same key, as callers do. Every
// order that was acknowledged has to be there at once in the other region, and in the end completed. How long the
// callers had to wait is a figure in the log, because it depends on the machine.
func TestFailover(t *testing.T) {
	assertLoopbackOnly(t)
	issuer, err := conformance.NewIssuer("https://issuer.example.com/", "orders")
	if err != nil {
		t.Fatal(err)
	}
	ctx := bounded(t, failoverLimit)
	assembly := inEmulatorsAccount(t, filepath.Dir(levels[3].template(t)))
	first, second := startRegions(t, assembly, issuer)
	interval, threshold := healthCheck(t, filepath.Join(assembly, "orders-prod.template.json"))
	if detection := interval * time.Duration(threshold); detection >= recoveryObjective {
		t.Errorf("the template takes %s to take a region out, and the objective is %s", detection, recoveryObjective)
	}
	router := newRouter(ctx, t, interval, threshold, first, second)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)

	load := &orderLoad{url: server.URL, token: issuer.Token(t, "alice"), refused: map[string]int{}}
	t.Logf("health checks every %s, out after %d failures, %d callers", interval, threshold, callers)
	loseRegion(ctx, t, load, first)
	if router.regions[0].healthy.Load() || !router.regions[1].healthy.Load() {
		t.Error("the health checks did not take out the lost region, and that one alone")
	}
	waiting := load.look(ctx, t, second.URL)
	t.Logf("%d acknowledged orders wait for the other region's reconciler", len(waiting))
	reconcile(ctx, t, second, waiting)
	awaitCompletion(ctx, t, load, second.URL)
}

// loseRegion places orders, closes the region under way, and goes on until enough orders are acknowledged without it.
func loseRegion(ctx context.Context, t *testing.T, load *orderLoad, region *awshost.Host) {
	t.Helper()
	stop := load.start(ctx)
	defer stop()
	if !await(ctx, func() bool { return len(load.ids()) >= ordersBefore }) {
		t.Fatalf("the region did not get as far as to be lost: %s", load)
	}
	began := time.Now()
	if err := region.Close(); err != nil {
		t.Fatal(err)
	}
	load.lost.Store(true)
	t.Logf("the region was lost within %.1f s: %s", time.Since(began).Seconds(), load)
	since := func(orders int) time.Duration {
		if !await(ctx, func() bool { return load.acknowledgedSince() >= orders }) {
			t.Fatalf("%d orders had to be acknowledged since the loss: %s", orders, load)
		}
		return time.Since(began)
	}
	t.Logf("the first order since was acknowledged %.1f s after the loss began", since(1).Seconds())
	t.Logf("%d orders since were acknowledged %.1f s after the loss began", ordersAfter, since(ordersAfter).Seconds())
	stop()
	t.Logf("the load has ended: %s", load)
}

// inEmulatorsAccount is a copy of the assembly for the account that the host has.
func inEmulatorsAccount(t *testing.T, assembly string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(assembly)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"orders-prod", "orders-prod-" + secondRegion} {
		file := filepath.Join(dir, name+".template.json")
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "333333333333", "123456789012")), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// visibility is long enough for a function that starts on a busy machine. A message that comes back too early counts as
// failed, and after a few times it is a dead letter.
const visibility = 10 * time.Second

func startRegions(t *testing.T, assembly string, issuer *conformance.Issuer) (first, second *awshost.Host) {
	t.Helper()
	config := awshost.Config{
		Template: filepath.Join(assembly, "orders-prod.template.json"), Emulator: startMoto(t), Region: region,
		Runtime: testtools.NodeRuntime(t), MaxProcesses: 4, MaxVisibilityTimeout: visibility, Logs: io.Discard,
		Keys: map[string]map[string]*rsa.PublicKey{issuer.URL: issuer.Keys()},
	}
	first, err := awshost.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = first.Close() })
	config.Template, config.Region, config.ReplicaOf = filepath.Join(assembly, "orders-prod-"+secondRegion+".template.json"), secondRegion, first
	config.Parameters = map[string]string{"StreamArn": "arn:aws:dynamodb:" + region + ":123456789012:table/orders-prod/stream"}
	if second, err = awshost.Start(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, denied := range second.Denied() {
			t.Errorf("a permission is missing: %s", denied)
		}
		_ = second.Close()
	})
	return first, second
}

// orderLoad is callers who place orders, and remember what they were told.
type orderLoad struct {
	url, token string
	lost       atomic.Bool

	mu           sync.Mutex
	acknowledged []string
	// since counts the acknowledged orders whose request began after the loss.
	since int
	// refused counts the answers that were no acknowledgements.
	refused map[string]int
}

// start lets the callers begin. The function that it returns lets each of them finish its order, and waits for that.
func (l *orderLoad) start(ctx context.Context) (stop func()) {
	var running sync.WaitGroup
	var stopping atomic.Bool
	for caller := range callers {
		running.Go(func() {
			for n := 0; !stopping.Load() && ctx.Err() == nil; n++ {
				l.place(ctx, fmt.Sprintf("failover-key-%02d-%06d", caller, n))
			}
		})
	}
	return func() {
		stopping.Store(true)
		running.Wait()
	}
}

// place repeats the request until it is acknowledged, with exponential backoff and full jitter.
func (l *orderLoad) place(ctx context.Context, key string) {
	for longest := 200 * time.Millisecond; ; longest = min(2*longest, 4*time.Second) {
		afterLoss := l.lost.Load()
		id, refusal := l.post(ctx, key)
		if refusal == "" {
			l.acknowledge(id, afterLoss)
			return
		}
		l.mu.Lock()
		l.refused[refusal]++
		l.mu.Unlock()
		if !pause(ctx, rand.N(longest)) {
			return
		}
	}
}

func (l *orderLoad) acknowledge(id string, afterLoss bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged = append(l.acknowledged, id)
	if afterLoss {
		l.since++
	}
}

// post returns the id of the order, or how it was refused.
func (l *orderLoad) post(ctx context.Context, key string) (id, refusal string) {
	const body = `{"items":[{"id":"prod-1","quantity":2}]}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/orders", strings.NewReader(body))
	if err != nil {
		return "", err.Error()
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := (&http.Client{Timeout: gatewayPatience}).Do(request)
	if err != nil {
		return "", "no answer"
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return "", response.Status
	}
	var order struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&order); err != nil || order.ID == "" {
		return "", "half an answer"
	}
	return order.ID, ""
}

func (l *orderLoad) ids() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.acknowledged)
}

func (l *orderLoad) acknowledgedSince() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since
}

func (l *orderLoad) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d orders acknowledged, %d of them asked for after the loss; refused and repeated: %v",
		len(l.acknowledged), l.since, l.refused)
}

// look asks a region for every acknowledged order, and returns those that are still processed.
func (l *orderLoad) look(ctx context.Context, t *testing.T, url string) (waiting []string) {
	t.Helper()
	missing := 0
	for _, id := range l.ids() {
		switch l.status(ctx, t, url, id) {
		case unanswered:
			t.Fatalf("whether order %s is there was never said: %s", id, l)
		case "":
			missing++
		case "processing":
			waiting = append(waiting, id)
		}
	}
	if missing > 0 {
		t.Fatalf("%d of %d acknowledged orders are missing in the other region", missing, len(l.ids()))
	}
	return waiting
}

// unanswered is the status of an order that nobody told before the context ended.
const unanswered = "unanswered"

// status returns the order's status, or nothing if there is no such order. A refusal says neither, so it asks again.
func (l *orderLoad) status(ctx context.Context, t *testing.T, url, id string) string {
	t.Helper()
	var order struct{ Status string }
	answered := await(ctx, func() bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/orders/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+l.token)
		response, err := (&http.Client{Timeout: gatewayPatience}).Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return json.NewDecoder(response.Body).Decode(&order) == nil
		}
		return response.StatusCode == http.StatusNotFound
	})
	if !answered {
		return unanswered
	}
	return order.Status
}

// reconcile makes the orders look old enough, and runs what runs every quarter of an hour. A run may fail on a busy
// machine, as it may anywhere; the next one is there for that.
func reconcile(ctx context.Context, t *testing.T, host *awshost.Host, waiting []string) {
	t.Helper()
	target := &lambdaTarget{host: host}
	for _, id := range waiting {
		if err := target.age(ctx, "orders-prod", id, time.Hour); err != nil {
			t.Fatalf("order %s cannot be made older: %v", id, err)
		}
	}
	var err error
	for range 3 {
		if err = host.RunSchedules(ctx); err == nil {
			return
		}
		t.Logf("a scheduled run failed: %v", err)
	}
	t.Fatal(err)
}

func awaitCompletion(ctx context.Context, t *testing.T, load *orderLoad, url string) {
	t.Helper()
	open := load.ids()
	completed := await(ctx, func() bool {
		open = slices.DeleteFunc(open, func(id string) bool {
			status := load.status(ctx, t, url, id)
			if status == "failed" {
				t.Fatalf("order %s was given up", id)
			}
			return status == "completed"
		})
		// Questions take time from the processing that they ask about.
		return len(open) == 0 || !pause(ctx, time.Second)
	})
	if !completed || len(open) > 0 {
		t.Fatalf("%d of %d acknowledged orders were never completed: %v", len(open), len(load.ids()), open)
	}
	t.Logf("all %d acknowledged orders are completed", len(load.ids()))
}
