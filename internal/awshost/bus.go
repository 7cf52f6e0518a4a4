package awshost

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// Event is an entry as it was put on a bus.
type Event struct {
	Bus, Source, DetailType string
	Detail                  json.RawMessage
}

// bus plays EventBridge: rules with patterns, targets that are queues, the path of an input, dead-letter queues.
type bus struct {
	host *Host

	mu     sync.Mutex
	events []Event
	// underWay counts the events that have not reached all their targets.
	underWay int
	// others is the buses of other regions.
	others []*bus
}

func (b *bus) peer(other *bus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.others = append(b.others, other)
}

func newBus(h *Host) *bus { return &bus{host: h} }

func (b *bus) all() []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

func (b *bus) settled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.underWay == 0
}

func (b *bus) servePut(w http.ResponseWriter, r *http.Request, in map[string]any) {
	entries := list(in, "Entries")
	results := make([]map[string]any, len(entries))
	for i, entry := range entries {
		event := Event{
			Bus: text(entry, "EventBusName"), Source: text(entry, "Source"), DetailType: text(entry, "DetailType"),
			Detail: json.RawMessage(text(entry, "Detail")),
		}
		b.mu.Lock()
		b.events = append(b.events, event)
		b.underWay++
		id := fmt.Sprintf("%08d-0000-0000-0000-000000000000", len(b.events))
		b.mu.Unlock()
		b.deliver(r.Context(), id, event)
		b.mu.Lock()
		b.underWay--
		b.mu.Unlock()
		results[i] = map[string]any{"EventId": id}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(map[string]any{"FailedEntryCount": 0, "Entries": results})
}

// deliver sends the event to the targets of every rule that matches it.
func (b *bus) deliver(ctx context.Context, id string, event Event) {
	var detail any
	_ = json.Unmarshal(event.Detail, &detail)
	b.route(ctx, event.Bus, map[string]any{
		"version": "0", "id": id, "detail-type": event.DetailType, "source": event.Source, "account": account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": b.host.config.Region, "resources": []any{}, "detail": detail,
	})
}

// route hands an event of this or another region to the rules of a bus.
func (b *bus) route(ctx context.Context, name string, envelope map[string]any) {
	for _, rule := range b.host.template.ofType("AWS::Events::Rule") {
		if text(rule.Properties, "EventBusName") != name || !matchesPattern(cfn.At(rule.Properties, "EventPattern"), envelope) {
			continue
		}
		for _, target := range list(rule.Properties, "Targets") {
			b.send(ctx, target, envelope)
		}
	}
}

func (b *bus) send(ctx context.Context, target any, envelope map[string]any) {
	if _, name, ok := strings.Cut(text(target, "Arn"), ":event-bus/"); ok {
		b.forward(ctx, text(target, "Arn"), name, envelope)
		return
	}
	var input any = envelope
	if path := text(target, "InputPath"); path != "" {
		input = cfn.At(envelope, strings.Split(strings.TrimPrefix(path, "$."), ".")...)
	}
	body, _ := json.Marshal(input)
	if err := b.host.send(ctx, text(target, "Arn"), string(body), nil); err != nil {
		cause := map[string]string{"ERROR_MESSAGE": err.Error(), "TARGET_ARN": text(target, "Arn")}
		_ = b.host.send(ctx, text(target, "DeadLetterConfig", "Arn"), string(body), cause)
	}
}

// forward hands an event to the bus of another region, if that region is there.
func (b *bus) forward(ctx context.Context, arn, name string, envelope map[string]any) {
	b.mu.Lock()
	others := slices.Clone(b.others)
	b.mu.Unlock()
	for _, other := range others {
		if strings.Contains(arn, ":events:"+other.host.config.Region+":") {
			other.route(ctx, name, envelope)
		}
	}
}

// send puts a message into the queue with the ARN.
func (h *Host) send(ctx context.Context, arn, body string, attributes map[string]string) error {
	encoded := map[string]any{}
	for name, value := range attributes {
		encoded[name] = map[string]any{"DataType": "String", "StringValue": value}
	}
	_, err := h.emulator.call(ctx, "sqs", "SendMessage", map[string]any{
		"QueueUrl": queueURL(arn), "MessageBody": body, "MessageAttributes": encoded,
	})
	return err
}

// queueURL is the URL of the queue with the ARN. The emulator looks at the path alone.
func queueURL(arn string) string {
	return fmt.Sprintf("http://queue/%s/%s", account, arn[strings.LastIndex(arn, ":")+1:])
}

// matchesPattern plays event patterns with values, prefixes, exists and anything-but. Every key of the pattern has to match.
func matchesPattern(pattern, value any) bool {
	switch pattern := pattern.(type) {
	case map[string]any:
		for key, member := range pattern {
			if !matchesPattern(member, cfn.At(value, key)) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(pattern, func(alternative any) bool { return matchesValue(alternative, value) })
	default:
		return false
	}
}

func matchesValue(pattern, value any) bool {
	matcher, ok := pattern.(map[string]any)
	if !ok {
		return pattern == value
	}
	if prefix, ok := matcher["prefix"].(string); ok {
		found, isText := value.(string)
		return isText && strings.HasPrefix(found, prefix)
	}
	if exists, ok := matcher["exists"].(bool); ok {
		return exists == (value != nil)
	}
	if others, ok := matcher["anything-but"].([]any); ok {
		return value != nil && !slices.Contains(others, value)
	}
	panic(fmt.Sprintf("awshost does not play the matcher %v", matcher))
}
