package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
)

// addAuditOrdersFunction handles the events order.completed of orders.
func (s *service) addAuditOrdersFunction() {
	worker := s.newWorker("AuditOrders", "audit-orders", "Handles order.completed of orders", nil)
	s.bus.Subscribe("AuditOrders", &awsevents.EventPattern{
		Source:     jsii.Strings("orders"),
		DetailType: jsii.Strings("order.completed"),
	}, worker.Queue.Queue)
	worker.Use(s.added.shared["partner-key"])
}
