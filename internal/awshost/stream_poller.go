package awshost

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// streamPoller plays the event source mapping of a table's stream: in order, with filters, bisection and a limit on
// retries, after which the position goes to the failure destination.
type streamPoller struct {
	host        *Host
	table       string
	arn         string
	function    *lambdahost.Host
	batch       int
	retries     int
	bisect      bool
	destination string
	filters     []any
}

func newStreamPoller(h *Host, mapping *resource, function *lambdahost.Host) *streamPoller {
	properties := mapping.Properties
	arn := text(properties, "EventSourceArn")
	p := &streamPoller{
		host: h, arn: arn, function: function,
		batch:   number(properties, 100, "BatchSize"),
		retries: number(properties, -1, "MaximumRetryAttempts"),
		bisect:  cfn.At(properties, "BisectBatchOnFunctionError") == true,
	}
	_, table, _ := strings.Cut(arn, ":table/")
	p.table = strings.TrimSuffix(table, "/stream")
	p.destination = text(properties, "DestinationConfig", "OnFailure", "Destination")
	for _, filter := range list(properties, "FilterCriteria", "Filters") {
		var pattern any
		if json.Unmarshal([]byte(text(filter, "Pattern")), &pattern) == nil {
			p.filters = append(p.filters, pattern)
		}
	}
	return p
}

func (p *streamPoller) run(ctx context.Context) {
	last := ""
	for ctx.Err() == nil {
		records, err := p.read(ctx, last)
		if err != nil && ctx.Err() == nil {
			fmt.Fprintf(p.host.config.Logs, "{\"level\":\"ERROR\",\"message\":\"the stream cannot be read\",\"error\":%q}\n", err)
		}
		if len(records) == 0 {
			sleep(ctx, pollPause)
			continue
		}
		last = text(records[len(records)-1], "dynamodb", "SequenceNumber")
		p.handle(ctx, p.filter(records), 0)
	}
}

// read is the next records after the one with the sequence number. It asks for a new iterator each time and holds the
// tables meanwhile: when the emulator rolls a transaction back, an iterator from before shows what was never written.
func (p *streamPoller) read(ctx context.Context, after string) ([]any, error) {
	defer p.host.emulator.lock("dynamodb")()
	iterator, err := p.iterator(ctx, after)
	if err != nil {
		return nil, err
	}
	out, err := p.host.emulator.do(ctx, "streams", "GetRecords", map[string]any{"ShardIterator": iterator, "Limit": p.batch})
	return list(out, "Records"), err
}

func (p *streamPoller) iterator(ctx context.Context, after string) (string, error) {
	table, err := p.host.emulator.do(ctx, "dynamodb", "DescribeTable", map[string]any{"TableName": p.table})
	if err != nil {
		return "", err
	}
	stream := text(table, "Table", "LatestStreamArn")
	description, err := p.host.emulator.do(ctx, "streams", "DescribeStream", map[string]any{"StreamArn": stream})
	if err != nil {
		return "", err
	}
	shards := list(description, "StreamDescription", "Shards")
	if len(shards) == 0 {
		return "", fmt.Errorf("stream %s has no shard", stream)
	}
	in := map[string]any{"StreamArn": stream, "ShardId": text(shards[0], "ShardId"), "ShardIteratorType": "TRIM_HORIZON"}
	if after != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", after
	}
	out, err := p.host.emulator.do(ctx, "streams", "GetShardIterator", in)
	return text(out, "ShardIterator"), err
}

func (p *streamPoller) filter(records []any) []any {
	return slices.DeleteFunc(records, func(record any) bool {
		return len(p.filters) > 0 && !slices.ContainsFunc(p.filters, func(f any) bool { return matchesPattern(f, record) })
	})
}

// handle runs the function over the records until they are done or given up. attempts counts what failed so far.
func (p *streamPoller) handle(ctx context.Context, records []any, attempts int) {
	for len(records) > 0 && ctx.Err() == nil {
		done := p.invoke(ctx, records)
		if done == len(records) {
			return
		}
		if done > 0 {
			records, attempts = records[done:], 0
			continue
		}
		attempts++
		switch {
		case p.retries >= 0 && attempts > p.retries:
			p.giveUp(ctx, records)
			return
		case p.bisect && len(records) > 1:
			p.handle(ctx, records[:len(records)/2], attempts)
			records = records[len(records)/2:]
		default:
			sleep(ctx, pollPause*time.Duration(attempts))
		}
	}
}

// invoke answers how many of the records are done.
func (p *streamPoller) invoke(ctx context.Context, records []any) int {
	for _, record := range records {
		record.(map[string]any)["eventSourceARN"] = p.arn
	}
	payload, _ := json.Marshal(map[string]any{"Records": records})
	result, err := p.function.Invoke(ctx, payload)
	if err != nil || result.Error != nil {
		return 0
	}
	failed := failedItems(result.Payload, true)
	for i, record := range records {
		if failed[text(record, "dynamodb", "SequenceNumber")] {
			return i
		}
	}
	return len(records)
}

func (p *streamPoller) giveUp(ctx context.Context, records []any) {
	if p.destination == "" {
		return
	}
	body, _ := json.Marshal(map[string]any{
		"requestContext": map[string]any{"condition": "RetryAttemptsExhausted"},
		"DDBStreamBatchInfo": map[string]any{
			"startSequenceNumber": text(records[0], "dynamodb", "SequenceNumber"),
			"endSequenceNumber":   text(records[len(records)-1], "dynamodb", "SequenceNumber"),
			"batchSize":           len(records), "streamArn": p.arn,
		},
	})
	_ = p.host.send(ctx, p.destination, string(body), nil)
}
