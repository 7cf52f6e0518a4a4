// Package conformance is the contract of the reference service as a test: what it does over HTTP, and what becomes of an
// order behind it, on any platform.
//
// The suite is a black box. All that it knows of a platform is a Target, which says where the service is and lets things
// go wrong that a test cannot wait for.
package conformance

import (
	"context"
	"encoding/json"
	"time"
)

// Target is a running service of one platform.
type Target interface {
	// URL is the service's, without a slash at its end.
	URL() string
	// Issuer is whose tokens the service accepts.
	Issuer() *Issuer
	// WebhookSecret is the secret that the service shares with the provider.
	WebhookSecret(provider string) string
	// GatewayAnswers are the statuses that the platform answers by itself, in words of its own.
	GatewayAnswers() []int

	// Hold keeps messages from being processed until release is called.
	Hold() (release func())
	// Break lets the processing of the order fail until mend is called.
	Break(orderID string) (mend func())
	// CrashWhileProcessing kills the processor in the middle of the order's next message. The channel is closed when
	// that has happened.
	CrashWhileProcessing(orderID string) <-chan struct{}
	// DropMessages loses all messages that wait to be processed.
	DropMessages(ctx context.Context) error
	// Age makes the order look as if its last change was longer ago.
	Age(ctx context.Context, orderID string, by time.Duration) error
	// RunScheduledJobs runs what runs by the clock, now.
	RunScheduledJobs(ctx context.Context) error
	// DeadLetters is the messages that have been given up.
	DeadLetters(ctx context.Context) ([]DeadLetter, error)
	// Redrive sends the dead letters back to where they came from.
	Redrive(ctx context.Context) error
	// Events is everything that was published so far.
	Events(ctx context.Context) ([]CloudEvent, error)
	// Logs is what the service has logged so far.
	Logs() []byte
}

// DeadLetter is a message that was given up, with its cause.
type DeadLetter struct {
	Body  string
	Cause map[string]string
}

// CloudEvent is the envelope of CloudEvents 1.0.
type CloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject"`
	Time            time.Time       `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

// order is the contract's order.
type order struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	Items     []item    `json:"items"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

type item struct {
	ID       string `json:"id"`
	Quantity int    `json:"quantity"`
}

// problem is RFC 9457 with the contract's own members.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Error     string `json:"error"`
	RequestID string `json:"requestId"`
	Errors    []struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	} `json:"errors"`
}
