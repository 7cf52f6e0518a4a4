package awshost

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// pollPause is how long a poller sleeps when there was nothing to do.
const pollPause = 50 * time.Millisecond

// queuePoller plays the event source mapping of a queue.
type queuePoller struct {
	host     *Host
	arn      string
	function *lambdahost.Host
	batch    int
	partial  bool
	workers  int
	// gate is locked while messages are to be left alone.
	gate sync.RWMutex
}

func newQueuePoller(h *Host, mapping *resource, function *lambdahost.Host) *queuePoller {
	return &queuePoller{
		host: h, arn: text(mapping.Properties, "EventSourceArn"), function: function,
		batch:   number(mapping.Properties, 10, "BatchSize"),
		partial: slices.Contains(list(mapping.Properties, "FunctionResponseTypes"), any("ReportBatchItemFailures")),
		workers: min(number(mapping.Properties, 2, "ScalingConfig", "MaximumConcurrency"), h.config.MaxProcesses),
	}
}

func (p *queuePoller) run(ctx context.Context) {
	var group sync.WaitGroup
	for range p.workers {
		group.Go(func() {
			for ctx.Err() == nil {
				if !p.poll(ctx) {
					sleep(ctx, pollPause)
				}
			}
		})
	}
	group.Wait()
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// poll handles one batch, and answers whether there was one. Messages of which the function does not say that they
// failed are deleted; the others come back when their visibility timeout is over.
func (p *queuePoller) poll(ctx context.Context) bool {
	p.gate.RLock()
	messages := p.receive(ctx)
	p.gate.RUnlock()
	if len(messages) == 0 {
		return false
	}
	payload, _ := json.Marshal(map[string]any{"Records": p.records(messages)})
	result, err := p.function.Invoke(ctx, payload)
	if err != nil || result.Error != nil {
		return true
	}
	failed := failedItems(result.Payload, p.partial)
	for _, message := range messages {
		if !failed[text(message, "MessageId")] {
			_, _ = p.host.emulator.call(ctx, "sqs", "DeleteMessage", map[string]any{
				"QueueUrl": queueURL(p.arn), "ReceiptHandle": text(message, "ReceiptHandle"),
			})
		}
	}
	return true
}

func (p *queuePoller) receive(ctx context.Context) []any {
	out, err := p.host.emulator.call(ctx, "sqs", "ReceiveMessage", map[string]any{
		"QueueUrl": queueURL(p.arn), "MaxNumberOfMessages": min(p.batch, 10),
		"AttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"},
	})
	if err != nil {
		return nil
	}
	return list(out, "Messages")
}

func (p *queuePoller) records(messages []any) []any {
	records := make([]any, len(messages))
	for i, message := range messages {
		attributes := map[string]any{}
		named, _ := cfn.At(message, "MessageAttributes").(map[string]any)
		for name, attribute := range named {
			attributes[name] = map[string]any{"stringValue": cfn.At(attribute, "StringValue"), "dataType": cfn.At(attribute, "DataType")}
		}
		records[i] = map[string]any{
			"messageId": text(message, "MessageId"), "receiptHandle": text(message, "ReceiptHandle"), "body": text(message, "Body"),
			"attributes": cfn.At(message, "Attributes"), "messageAttributes": attributes, "md5OfBody": text(message, "MD5OfBody"),
			"eventSource": "aws:sqs", "eventSourceARN": p.arn, "awsRegion": p.host.config.Region,
		}
	}
	return records
}

// failedItems is the identifiers in a partial batch response. Without such responses, an answer means success.
func failedItems(payload []byte, partial bool) map[string]bool {
	failed := map[string]bool{}
	if !partial {
		return failed
	}
	var response struct {
		Failures []struct {
			Item string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	_ = json.Unmarshal(payload, &response)
	for _, failure := range response.Failures {
		failed[failure.Item] = true
	}
	return failed
}
