package awshost

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// createTables makes the tables, with their indexes, time to live and streams.
func (h *Host) createTables(ctx context.Context) error {
	for _, kind := range []string{"AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"} {
		for _, r := range h.template.ofType(kind) {
			in := map[string]any{
				"TableName": r.name(), "BillingMode": "PAY_PER_REQUEST",
				"AttributeDefinitions": r.Properties["AttributeDefinitions"], "KeySchema": r.Properties["KeySchema"],
			}
			if indexes := indexesOf(r); len(indexes) > 0 {
				in["GlobalSecondaryIndexes"] = indexes
			}
			if view := text(r.Properties, "StreamSpecification", "StreamViewType"); view != "" {
				in["StreamSpecification"] = map[string]any{"StreamEnabled": true, "StreamViewType": view}
			}
			if _, err := h.emulator.call(ctx, "dynamodb", "CreateTable", in); err != nil {
				return fmt.Errorf("creating table %s: %w", r.id, err)
			}
		}
	}
	return nil
}

func indexesOf(r *resource) []any {
	var indexes []any
	for _, index := range list(r.Properties, "GlobalSecondaryIndexes") {
		indexes = append(indexes, map[string]any{
			"IndexName": cfn.At(index, "IndexName"), "KeySchema": cfn.At(index, "KeySchema"), "Projection": cfn.At(index, "Projection"),
		})
	}
	return indexes
}

// createQueues makes the dead-letter queues first, because the others refer to them.
func (h *Host) createQueues(ctx context.Context) error {
	for _, withRedrive := range []bool{false, true} {
		for _, r := range h.template.ofType("AWS::SQS::Queue") {
			if (r.Properties["RedrivePolicy"] != nil) != withRedrive {
				continue
			}
			if _, err := h.emulator.call(ctx, "sqs", "CreateQueue", map[string]any{
				"QueueName": r.name(), "Attributes": h.queueAttributes(r),
			}); err != nil {
				return fmt.Errorf("creating queue %s: %w", r.id, err)
			}
		}
	}
	return nil
}

func (h *Host) queueAttributes(r *resource) map[string]string {
	visibility := time.Duration(number(r.Properties, 30, "VisibilityTimeout")) * time.Second
	attributes := map[string]string{
		"VisibilityTimeout":      strconv.Itoa(int(min(visibility, h.config.MaxVisibilityTimeout).Seconds())),
		"MessageRetentionPeriod": strconv.Itoa(number(r.Properties, 345600, "MessageRetentionPeriod")),
	}
	if policy, ok := r.Properties["RedrivePolicy"]; ok {
		encoded, _ := json.Marshal(policy)
		attributes["RedrivePolicy"] = string(encoded)
	}
	return attributes
}

// createSecrets makes the secrets with the values of the configuration, by logical id without CDK's hash.
func (h *Host) createSecrets(ctx context.Context) error {
	for _, r := range h.template.ofType("AWS::SecretsManager::Secret") {
		value := "{}"
		for prefix, configured := range h.config.Secrets {
			if len(r.id) >= len(prefix) && r.id[:len(prefix)] == prefix {
				value = configured
			}
		}
		out, err := h.emulator.call(ctx, "secretsmanager", "CreateSecret", map[string]any{
			"Name": r.name(), "SecretString": value, "ClientRequestToken": "00000000-0000-0000-0000-000000000000",
		})
		if err != nil {
			return fmt.Errorf("creating secret %s: %w", r.id, err)
		}
		h.secretARNs[r.arn()] = text(out, "ARN")
	}
	return nil
}
