package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"

	parts "orders/infra/constructs"
)

// additions is what blueprint.yaml adds to the service's own table, queues, bus and secret. A function that uses one of them
// finds its name in its environment.
type additions struct {
	shared map[string]*parts.Resource
	tables map[string]awsdynamodb.ITableV2
	queues map[string]*parts.Queue
	buses  map[string]*parts.EventBus
}

// addResources makes each of them from its own file.
func (s *service) addResources() {
	s.added = additions{
		shared: map[string]*parts.Resource{},
		tables: map[string]awsdynamodb.ITableV2{},
		queues: map[string]*parts.Queue{},
		buses:  map[string]*parts.EventBus{},
	}
	s.addReportsTable()
	s.addImportsQueue()
	s.addAuditBus()
	s.addPartnerKeySecret()
}
