package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scheme is how a provider signs a body at a time, as its documentation says; id is what it calls the delivery.
type scheme struct {
	timestamped bool
	sign        func(secret, id, body string, at time.Time) []string
	body        func(id string) string
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

var schemes = map[string]scheme{
	"github": {
		body: func(string) string { return `{"action":"opened"}` },
		sign: func(secret, id, body string, _ time.Time) []string {
			return []string{"X-GitHub-Delivery", id, "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac([]byte(secret), body))}
		},
	},
	"stripe": {
		timestamped: true,
		body:        func(id string) string { return fmt.Sprintf(`{"id":%q,"type":"charge.succeeded"}`, id) },
		sign: func(secret, _, body string, at time.Time) []string {
			stamp := strconv.FormatInt(at.Unix(), 10)
			return []string{"Stripe-Signature", "t=" + stamp + ",v1=" + hex.EncodeToString(mac([]byte(secret), stamp+"."+body))}
		},
	},
	"slack": {
		timestamped: true,
		body:        func(id string) string { return fmt.Sprintf(`{"event_id":%q,"type":"event_callback"}`, id) },
		sign: func(secret, _, body string, at time.Time) []string {
			stamp := strconv.FormatInt(at.Unix(), 10)
			return []string{
				"X-Slack-Request-Timestamp", stamp,
				"X-Slack-Signature", "v0=" + hex.EncodeToString(mac([]byte(secret), "v0:"+stamp+":"+body)),
			}
		},
	},
	"custom": {
		timestamped: true,
		body:        func(string) string { return `{"type":"invoice.paid"}` },
		sign: func(secret, id, body string, at time.Time) []string {
			stamp := strconv.FormatInt(at.Unix(), 10)
			key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
			signature := base64.StdEncoding.EncodeToString(mac(key, id+"."+stamp+"."+body))
			return []string{"Webhook-Id", id, "Webhook-Timestamp", stamp, "Webhook-Signature", "v1," + signature}
		},
	},
}

func (s *suite) testWebhooks(t *testing.T) {
	for provider, scheme := range schemes {
		t.Run(provider, func(t *testing.T) { s.testProvider(t, provider, scheme) })
	}
	t.Run("unknown provider", func(t *testing.T) {
		s.expect(t, s.send(t, http.MethodPost, "/webhooks/unknown", "{}"), 404, "not_found")
	})
	t.Run("too large", func(t *testing.T) {
		s.expect(t, s.send(t, http.MethodPost, "/webhooks/github", strings.Repeat(" ", 256<<10+1)), 413, "payload_too_large")
	})
}

func (s *suite) testProvider(t *testing.T, provider string, scheme scheme) {
	id := fmt.Sprintf("%s-%d", provider, time.Now().UnixNano())
	body, secret, now := scheme.body(id), s.WebhookSecret(provider), time.Now()
	deliver := func(body string, header []string) response {
		t.Helper()
		return s.send(t, http.MethodPost, "/webhooks/"+provider, body, append(header, "Content-Type", "application/json")...)
	}
	s.expect(t, deliver(body, nil), 401, "unauthorized")
	s.expect(t, deliver(body+" ", scheme.sign(secret, id, body, now)), 401, "unauthorized")
	s.expect(t, deliver(body, scheme.sign("c29tZWJvZHkgZWxzZQ==", id, body, now)), 401, "unauthorized")
	if scheme.timestamped {
		s.expect(t, deliver(body, scheme.sign(secret, id, body, now.Add(-10*time.Minute))), 401, "unauthorized")
		s.expect(t, deliver(body, scheme.sign(secret, id, body, now.Add(10*time.Minute))), 401, "unauthorized")
	}
	for range 2 {
		if r := deliver(body, scheme.sign(secret, id, body, now)); r.status != http.StatusAccepted {
			t.Errorf("a good delivery is answered %d %s", r.status, r.body)
		}
	}
	s.checkDelivered(t, provider, id)
}

// checkDelivered wants one event of the delivery, although it came twice.
func (s *suite) checkDelivered(t *testing.T, provider, id string) {
	t.Helper()
	of := func() []CloudEvent {
		all, err := s.Events(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(e CloudEvent) bool { return e.Type != "webhook.received" || !strings.Contains(string(e.Data), id) })
	}
	eventually(t, "the event of the webhook of "+provider, func() bool { return len(of()) > 0 })
	// The event of an order that comes after the webhook's repeat comes after the repeat's event too, if there is one.
	after := s.create(t).ID
	s.awaitEvents(t, after)
	if events := of(); len(events) != 1 {
		t.Errorf("%d events tell of one delivery", len(events))
	}
}
