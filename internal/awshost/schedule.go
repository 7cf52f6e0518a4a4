package awshost

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// RunSchedules runs every schedule of the template once, as if its time had come. A run that goes on failing after
// the retries that the function allows ends at its failure destination, and is an error here too.
func (h *Host) RunSchedules(ctx context.Context) error {
	for _, schedule := range h.template.ofType("AWS::Scheduler::Schedule") {
		f, ok := h.template.function(text(schedule.Properties, "Target", "Arn"))
		if !ok {
			return fmt.Errorf("schedule %s has no function", schedule.id)
		}
		if err := h.invokeAsync(ctx, f, []byte(`{"version":"0","detail-type":"Scheduled Event","source":"aws.scheduler","detail":"{}"}`)); err != nil {
			return fmt.Errorf("schedule %s: %w", schedule.id, err)
		}
	}
	return nil
}

func (h *Host) invokeAsync(ctx context.Context, f *resource, payload []byte) error {
	config := h.asyncConfig(f)
	var result *lambdahost.Result
	for range 1 + number(config, 2, "MaximumRetryAttempts") {
		var err error
		if result, err = h.functions[f.id].Invoke(ctx, payload); err != nil {
			return err
		}
		if result.Error == nil {
			return nil
		}
	}
	if destination := text(config, "DestinationConfig", "OnFailure", "Destination"); destination != "" {
		body, _ := json.Marshal(map[string]any{"requestPayload": json.RawMessage(payload), "responsePayload": result.Error})
		if err := h.send(ctx, destination, string(body), nil); err != nil {
			return err
		}
	}
	return result.Error
}

func (h *Host) asyncConfig(f *resource) map[string]any {
	for _, config := range h.template.ofType("AWS::Lambda::EventInvokeConfig") {
		if strings.HasSuffix(f.arn(), ":"+text(config.Properties, "FunctionName")) {
			return config.Properties
		}
	}
	return nil
}
