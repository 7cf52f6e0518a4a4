package main

import parts "orders/infra/constructs"

// addAuditBus makes the bus audit.
func (s *service) addAuditBus() {
	bus := parts.NewEventBus(s.stack, "AuditBus", &parts.EventBusProps{
		Alarms: s.alarms, Name: s.name + "-audit", Source: serviceName, RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: deadLetterDays,
	})
	s.added.buses["audit"] = bus
	s.added.shared["audit"] = &parts.Resource{
		Variable: "AUDIT_BUS_NAME",
		Name:     *bus.Bus.EventBusName(),
		Arn:      *bus.Bus.EventBusArn(),
		Actions:  []string{"events:PutEvents"},
	}
}
