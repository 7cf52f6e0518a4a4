package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
)

// addOnPaymentFunction handles the deliveries of stripe. The function receive-webhook has verified them and sent
// them as events.
func (s *service) addOnPaymentFunction() {
	worker := s.newWorker("OnPayment", "on-payment", "Handles the deliveries of stripe", nil)
	s.bus.Subscribe("OnPayment", &awsevents.EventPattern{
		Source:     jsii.Strings(serviceName),
		DetailType: jsii.Strings("webhook.received"),
		Detail:     &map[string]any{"data": map[string]any{"provider": []string{"stripe"}}},
	}, worker.Queue.Queue)
}
