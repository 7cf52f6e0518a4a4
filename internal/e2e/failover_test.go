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
	// ordersPerSecond come in while the region is lost, for loadBefore before it and loadAfter after it. The emulator does not
	// carry many more.
	ordersPerSecond = 4
	loadBefore      = 5 * time.Second
	loadAfter       = 40 * time.Second
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

func newRouter(t *testing.T, interval time.Duration, threshold int, hosts ...*awshost.Host) *router {
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
		go one.watch(t.Context(), interval, threshold)
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
		time.Sleep(interval)
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

// TestFailover loses a region under load. Callers repeat what was not answered, with the same key, as callers do. Every order
// that was acknowledged has to be there at once in the other region, and in the end completed.
func TestFailover(t *testing.T) {
	assertLoopbackOnly(t)
	issuer, err := conformance.NewIssuer("https://issuer.example.com/", "orders")
	if err != nil {
		t.Fatal(err)
	}
	assembly := inEmulatorsAccount(t, filepath.Dir(levels[3].template(t)))
	first, second := startRegions(t, assembly, issuer)
	interval, threshold := healthCheck(t, filepath.Join(assembly, "orders-prod.template.json"))
	server := httptest.NewServer(newRouter(t, interval, threshold, first, second))
	t.Cleanup(server.Close)

	load := &orderLoad{url: server.URL, token: issuer.Token(t, "alice")}
	stop := load.start(t)
	time.Sleep(loadBefore)
	lost := time.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(loadAfter)
	stop()

	recovered := load.lastFailure().Sub(lost)
	t.Logf("health checks every %s, %d failures: recovered after %.1f s; %d orders acknowledged, %d requests refused and repeated meanwhile",
		interval, threshold, recovered.Seconds(), len(load.acknowledged), load.refused)
	if recovered > time.Minute || len(load.acknowledged) < ordersPerSecond {
		t.Errorf("recovery took %s", recovered)
	}
	missing, waiting := load.look(t, second.URL)
	t.Logf("of the acknowledged orders %d are missing in the other region, and %d wait for its reconciler", missing, len(waiting))
	if missing > 0 {
		t.Errorf("%d acknowledged orders are lost", missing)
	}
	reconcile(t, second, waiting)
	awaitCompletion(t, load, second.URL)
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

func startRegions(t *testing.T, assembly string, issuer *conformance.Issuer) (first, second *awshost.Host) {
	t.Helper()
	config := awshost.Config{
		Template: filepath.Join(assembly, "orders-prod.template.json"), Emulator: startMoto(t), Region: region,
		Runtime: testtools.NodeRuntime(t), MaxProcesses: 4, MaxVisibilityTimeout: 2 * time.Second, Logs: io.Discard,
		Keys: map[string]map[string]*rsa.PublicKey{issuer.URL: issuer.Keys()},
	}
	first, err := awshost.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
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

	mu           sync.Mutex
	acknowledged []string
	refused      int
	failed       time.Time
}

func (l *orderLoad) start(t *testing.T) (stop func()) {
	t.Helper()
	var running sync.WaitGroup
	done := make(chan struct{})
	ticker := time.NewTicker(time.Second / ordersPerSecond)
	running.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-ticker.C:
				running.Go(func() { l.place(fmt.Sprintf("failover-key-%08d", n)) })
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
		running.Wait()
	}
}

// place repeats the request until it is acknowledged, at longer and longer distances.
func (l *orderLoad) place(key string) {
	for pause := 500 * time.Millisecond; pause < time.Minute; pause = min(pause*3/2, 4*time.Second) {
		if id, ok := l.post(key); ok {
			l.mu.Lock()
			l.acknowledged = append(l.acknowledged, id)
			l.mu.Unlock()
			return
		}
		l.mu.Lock()
		l.refused++
		l.failed = time.Now()
		l.mu.Unlock()
		time.Sleep(pause/2 + rand.N(pause))
	}
}

func (l *orderLoad) post(key string) (id string, ok bool) {
	request, err := http.NewRequest(http.MethodPost, l.url+"/orders", strings.NewReader(`{"items":[{"id":"prod-1","quantity":2}]}`))
	if err != nil {
		return "", false
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := (&http.Client{Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return "", false
	}
	defer response.Body.Close()
	var order struct{ ID string }
	if response.StatusCode != http.StatusCreated || json.NewDecoder(response.Body).Decode(&order) != nil {
		return "", false
	}
	return order.ID, true
}

func (l *orderLoad) lastFailure() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// look asks a region for every acknowledged order.
func (l *orderLoad) look(t *testing.T, url string) (missing int, waiting []string) {
	t.Helper()
	for _, id := range l.acknowledged {
		switch l.status(t, url, id) {
		case "":
			missing++
		case "processing":
			waiting = append(waiting, id)
		}
	}
	return missing, waiting
}

func (l *orderLoad) status(t *testing.T, url, id string) string {
	t.Helper()
	for range 50 {
		request, err := http.NewRequest(http.MethodGet, url+"/orders/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+l.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var order struct{ Status string }
		_ = json.NewDecoder(response.Body).Decode(&order)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusTooManyRequests {
			return order.Status
		}
		time.Sleep(100 * time.Millisecond)
	}
	return ""
}

// reconcile makes the orders look old enough, and runs what runs every quarter of an hour.
func reconcile(t *testing.T, host *awshost.Host, waiting []string) {
	t.Helper()
	target := &lambdaTarget{host: host}
	for _, id := range waiting {
		if err := target.age(t.Context(), "orders-prod", id, time.Hour); err != nil {
			t.Logf("order %s was completed meanwhile", id)
		}
	}
	if err := host.RunSchedules(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func awaitCompletion(t *testing.T, load *orderLoad, url string) {
	t.Helper()
	for range 60 {
		missing, waiting := load.look(t, url)
		if missing == 0 && len(waiting) == 0 {
			t.Logf("all %d acknowledged orders are completed", len(load.acknowledged))
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	missing, waiting := load.look(t, url)
	t.Errorf("%d acknowledged orders are missing, and %d were never completed", missing, len(waiting))
}
