package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
)

// addHearAuditsFunction handles the events audited of orders.
func (s *service) addHearAuditsFunction() {
	worker := s.newWorker("HearAudits", "hear-audits", "Handles audited of orders", nil)
	s.added.buses["audit"].Subscribe("HearAudits", &awsevents.EventPattern{
		Source:     jsii.Strings("orders"),
		DetailType: jsii.Strings("audited"),
	}, worker.Queue.Queue)
}
