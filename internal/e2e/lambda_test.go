//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/awshost"
	"github.com/serverless-scaffold/scaffold/internal/conformance"
	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

// webhookSecrets is what the service's secret holds; the first of two is the older one.
const webhookSecrets = `{"github":["old","gh-secret"],"stripe":["whsec_stripe"],"slack":["slack-secret"],"custom":["whsec_Y29uZm9ybWFuY2Utc2VjcmV0IQ=="]}`

const region = "eu-west-1"

// TestConformance runs the contract against the templates of the projects that TestProject has left in PROJECTS.
func TestConformance(t *testing.T) {
	assertLoopbackOnly(t)
	for _, level := range levels {
		t.Run(level.name, func(t *testing.T) { conform(t, level) })
	}
}

func conform(t *testing.T, level level) {
	t.Helper()
	issuer, err := conformance.NewIssuer("https://issuer.example.com/", "orders")
	if err != nil {
		t.Fatal(err)
	}
	logs := &lockedBuffer{}
	host, err := awshost.Start(t.Context(), awshost.Config{
		Template:             level.template(t),
		Emulator:             startMoto(t),
		Region:               region,
		Runtime:              testtools.NodeRuntime(t),
		MaxProcesses:         4,
		Keys:                 map[string]map[string]*rsa.PublicKey{issuer.URL: issuer.Keys()},
		Secrets:              map[string]string{"WebhookSecrets": webhookSecrets},
		MaxVisibilityTimeout: 2 * time.Second,
		Logs:                 logs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			saveLogs(t, logs.Bytes())
		}
	})
	conformance.Run(t, &lambdaTarget{host: host, issuer: issuer, logs: logs})
	for _, denied := range host.Denied() {
		t.Errorf("a permission is missing: %s", denied)
	}
}

// defects are changes to the service that its contract forbids, and the group of the suite that has to notice.
var defects = []struct{ name, group, old, new string }{
	{"the claim on an idempotency key is not conditional", "02", `"attribute_not_exists(pk) OR expiresAt < :now"`, `"attribute_not_exists(pk) OR expiresAt <> :now"`},
	{"the owner is not checked", "05", `order?.owner !== caller`, `order === undefined`},
	{"the partial batch answer is empty", "06", `return { batchItemFailures }`, `return { batchItemFailures: [] }`},
	{"the signature is not compared", "08", `timingSafeEqual(left, right)`, `(timingSafeEqual(left, right), true)`},
}

// defectLimit is short beside what the suite is patient for: a broken service may never do what a test waits for.
const defectLimit = 4 * time.Minute

// TestConformanceNoticesDefects breaks the deployed bundles, one defect at a time, and wants the suite to fail.
func TestConformanceNoticesDefects(t *testing.T) {
	const name = "production"
	for _, defect := range defects {
		t.Run(defect.name, func(t *testing.T) {
			projects := t.TempDir()
			broken := filepath.Join(projects, name, "orders")
			if err := os.CopyFS(filepath.Join(broken, "infra", "cdk.out"), os.DirFS(filepath.Join(os.Getenv("PROJECTS"), name, "orders", "infra", "cdk.out"))); err != nil {
				t.Fatal(err)
			}
			replaceInBundles(t, broken, defect.old, defect.new)
			var output bytes.Buffer
			err := proc.Run(t.Context(), proc.Command{
				Argv: []string{
					os.Args[0], "-test.timeout", defectLimit.String(),
					"-test.run", "^TestConformance$/^" + name + "$/" + defect.group,
				},
				Env: append(os.Environ(), "PROJECTS="+projects), Stdout: &output, Stderr: &output, Tied: true,
			})
			if err == nil || !strings.Contains(output.String(), "--- FAIL: TestConformance/"+name+"/"+defect.group) {
				t.Errorf("the suite did not notice: %v\n%s", err, output.String())
			}
		})
	}
}

func replaceInBundles(t *testing.T, project, old, replacement string) {
	t.Helper()
	bundles, err := filepath.Glob(filepath.Join(project, "infra", "cdk.out", "asset.*", "index.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, bundle := range bundles {
		text, err := os.ReadFile(bundle)
		if err != nil {
			t.Fatal(err)
		}
		found += strings.Count(string(text), old)
		if err := os.WriteFile(bundle, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Fatalf("no bundle has %s", old)
	}
}

// assertLoopbackOnly makes sure that nothing here can reach, or be reached from, anywhere else.
func assertLoopbackOnly(t *testing.T) {
	t.Helper()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range interfaces {
		if one.Flags&net.FlagLoopback == 0 && one.Flags&net.FlagUp != 0 {
			t.Fatalf("there is a network interface %s; run `make conformance`, which gives the test a network of its own", one.Name)
		}
	}
}

func saveLogs(t *testing.T, logs []byte) {
	t.Helper()
	file := filepath.Join(os.TempDir(), "conformance.log")
	if err := os.WriteFile(file, logs, 0o600); err != nil {
		t.Error(err)
	}
	t.Logf("what the service logged is in %s", file)
}

// startMoto starts an empty AWS.
func startMoto(t *testing.T) string {
	t.Helper()
	return startMotoBy(t, testtools.Path(t, "python", "bin", "moto_server"))
}

// oneTransactionAtATime starts moto for tests of transactions: DynamoDB's are atomic, and moto's are not when its threads run into
// each other, which they do on a busy machine. Single writes wait too, because moto undoes a refused transaction by putting back
// what all tables were before it. The suites that measure do without it, because it makes moto several times slower.
const oneTransactionAtATime = `
import sys, threading
from moto import server
from moto.moto_server import werkzeug_app
lock, answer = threading.Lock(), werkzeug_app.DomainDispatcherApplication.__call__
def alone(self, environ, start_response):
    if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
        return answer(self, environ, start_response)
    with lock:
        return answer(self, environ, start_response)
werkzeug_app.DomainDispatcherApplication.__call__ = alone
server.main(sys.argv[1:])
`

// startMotoBy starts moto by a command that takes moto's arguments.
func startMotoBy(t *testing.T, argv ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	output := &lockedBuffer{}
	process, err := proc.Start(proc.Command{
		Argv: append(argv, "-H", "127.0.0.1", "-p", port), Dir: t.TempDir(),
		Env:    []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")},
		Stdout: output, Stderr: output, Tied: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Kill)
	url := "http://127.0.0.1:" + port
	poll(t, "the emulator answers", func() bool {
		select {
		case <-process.Done():
			t.Fatalf("the emulator ended:\n%s", output.Bytes())
		default:
		}
		response, err := http.Get(url + "/moto-api/")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil
	})
	return url
}

// lockedBuffer collects what several processes write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

// lambdaTarget is the Lambda service on this machine.
type lambdaTarget struct {
	host   *awshost.Host
	issuer *conformance.Issuer
	logs   *lockedBuffer
}

func (l *lambdaTarget) URL() string                 { return l.host.URL }
func (l *lambdaTarget) Issuer() *conformance.Issuer { return l.issuer }
func (l *lambdaTarget) Logs() []byte                { return l.logs.Bytes() }
func (l *lambdaTarget) Hold() (release func())      { return l.host.Hold() }

// GatewayAnswers is what the JWT authorizer and the throttle of an HTTP API answer; the words cannot be changed there. A
// REST API answers in the service's.
func (l *lambdaTarget) GatewayAnswers() []int {
	if _, err := l.host.Physical("AWS::ApiGateway::RestApi", ""); err == nil {
		return nil
	}
	return []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests}
}

func (l *lambdaTarget) WebhookSecret(provider string) string {
	secrets := map[string][]string{}
	_ = json.Unmarshal([]byte(webhookSecrets), &secrets)
	return secrets[provider][len(secrets[provider])-1]
}

func (l *lambdaTarget) Break(orderID string) (mend func()) {
	return l.host.Fault(awshost.Fault{Function: "ProcessOrder", Operation: "TransactWriteItems", Body: orderID})
}

func (l *lambdaTarget) CrashWhileProcessing(orderID string) <-chan struct{} {
	crashed := make(chan struct{})
	var once sync.Once
	var end func()
	end = l.host.Fault(awshost.Fault{
		Function: "ProcessOrder", Operation: "TransactWriteItems", Body: orderID,
		Hang: func(gone <-chan struct{}) {
			once.Do(func() {
				end()
				l.host.Crash("ProcessOrder")
				close(crashed)
			})
			<-gone
		},
	})
	return crashed
}

func (l *lambdaTarget) queue(kind string) string {
	name, err := l.host.Physical("AWS::SQS::Queue", "ProcessOrder"+kind)
	if err != nil {
		return ""
	}
	return "http://queue/123456789012/" + name
}

func (l *lambdaTarget) DropMessages(ctx context.Context) error {
	if !await(ctx, l.host.Settled) {
		return ctx.Err()
	}
	_, err := l.host.Call(ctx, "sqs", "PurgeQueue", map[string]any{"QueueUrl": l.queue("Queue")})
	return err
}

func (l *lambdaTarget) Age(ctx context.Context, orderID string, by time.Duration) error {
	table, err := l.host.Physical("AWS::DynamoDB::GlobalTable", "Table")
	if err != nil {
		return err
	}
	return l.age(ctx, table, orderID, by)
}

func (l *lambdaTarget) age(ctx context.Context, table, orderID string, by time.Duration) error {
	_, err := l.host.Call(ctx, "dynamodb", "UpdateItem", map[string]any{
		"TableName": table, "Key": map[string]any{"pk": map[string]string{"S": "ORDER#" + orderID}},
		"UpdateExpression": "SET updatedAt = :then", "ConditionExpression": "attribute_exists(pk)",
		"ExpressionAttributeValues": map[string]any{":then": map[string]string{"S": time.Now().Add(-by).UTC().Format("2006-01-02T15:04:05.000Z")}},
	})
	return err
}

func (l *lambdaTarget) RunScheduledJobs(ctx context.Context) error { return l.host.RunSchedules(ctx) }

func (l *lambdaTarget) receive(ctx context.Context) ([]any, error) {
	out, err := l.host.Call(ctx, "sqs", "ReceiveMessage", map[string]any{
		"QueueUrl": l.queue("DeadLetters"), "MaxNumberOfMessages": 10, "MessageAttributeNames": []string{"All"}, "VisibilityTimeout": 0,
	})
	messages, _ := out["Messages"].([]any)
	return messages, err
}

func (l *lambdaTarget) DeadLetters(ctx context.Context) ([]conformance.DeadLetter, error) {
	messages, err := l.receive(ctx)
	letters := make([]conformance.DeadLetter, len(messages))
	for i, message := range messages {
		encoded, _ := json.Marshal(message)
		var decoded struct {
			Body              string
			MessageAttributes map[string]struct{ StringValue string }
		}
		_ = json.Unmarshal(encoded, &decoded)
		letters[i] = conformance.DeadLetter{Body: decoded.Body, Cause: map[string]string{}}
		for name, attribute := range decoded.MessageAttributes {
			letters[i].Cause[name] = attribute.StringValue
		}
	}
	return letters, err
}

// Redrive does what StartMessageMoveTask does, which the emulator does not have.
func (l *lambdaTarget) Redrive(ctx context.Context) error {
	messages, err := l.receive(ctx)
	for _, message := range messages {
		fields := message.(map[string]any)
		if _, err := l.host.Call(ctx, "sqs", "SendMessage", map[string]any{"QueueUrl": l.queue("Queue"), "MessageBody": fields["Body"]}); err != nil {
			return err
		}
		if _, err := l.host.Call(ctx, "sqs", "DeleteMessage", map[string]any{"QueueUrl": l.queue("DeadLetters"), "ReceiptHandle": fields["ReceiptHandle"]}); err != nil {
			return err
		}
	}
	return err
}

func (l *lambdaTarget) Events(context.Context) ([]conformance.CloudEvent, error) {
	var events []conformance.CloudEvent
	for _, put := range l.host.Events() {
		var event conformance.CloudEvent
		if err := json.Unmarshal(put.Detail, &event); err != nil {
			return nil, err
		}
		if event.Type != put.DetailType || !strings.Contains(put.Bus, "orders") {
			return nil, fmt.Errorf("bus %s has %s as %s", put.Bus, event.Type, put.DetailType)
		}
		events = append(events, event)
	}
	return events, nil
}
