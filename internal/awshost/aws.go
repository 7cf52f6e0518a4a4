package awshost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// emulator is the AWS emulator's endpoint, for the calls that this package makes itself.
type emulator struct {
	endpoint string
	region   string
	// tables is held during every call to DynamoDB: the emulator rolls a refused transaction back by putting all tables
	// back to what they were, together with what others have written meanwhile.
	tables *sync.Mutex
	// tableRegion is where the tables are; it is another region for a host that has replicas of another's tables.
	tableRegion string
}

func newEmulator(config Config) *emulator {
	e := &emulator{endpoint: config.Emulator, region: config.Region, tables: &sync.Mutex{}, tableRegion: config.Region}
	if config.ReplicaOf != nil {
		e.tables, e.tableRegion = config.ReplicaOf.emulator.tables, config.ReplicaOf.emulator.tableRegion
	}
	return e
}

// regionOf is where a service's resources of this host are.
func (e *emulator) regionOf(service string) string {
	if service == "dynamodb" {
		return e.tableRegion
	}
	return e.region
}

// lock holds the tables for a call to DynamoDB and its streams, and nothing for one to another service.
func (e *emulator) lock(service string) (unlock func()) {
	if service != "dynamodb" {
		return func() {}
	}
	e.tables.Lock()
	return e.tables.Unlock
}

// services says how each service's operations are named on the wire.
var services = map[string]struct{ target, version string }{
	"dynamodb":       {"DynamoDB_20120810", "1.0"},
	"streams":        {"DynamoDBStreams_20120810", "1.0"},
	"sqs":            {"AmazonSQS", "1.0"},
	"secretsmanager": {"secretsmanager", "1.1"},
}

// call carries out one operation, alone on the tables if it is one of DynamoDB's.
func (e *emulator) call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	defer e.lock(service)()
	return e.do(ctx, service, operation, in)
}

// do is call for who holds the tables already. The emulator does not check signatures, but reads the service and
// region from one.
func (e *emulator) do(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	wire := services[service]
	signed := strings.Replace(service, "streams", "dynamodb", 1)
	request.Header.Set("Content-Type", "application/x-amz-json-"+wire.version)
	request.Header.Set("X-Amz-Target", wire.target+"."+operation)
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=host/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=none", e.regionOf(signed), signed))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s: %d %s", operation, response.StatusCode, answer)
	}
	var out map[string]any
	if len(answer) > 0 {
		err = json.Unmarshal(answer, &out)
	}
	return out, err
}
