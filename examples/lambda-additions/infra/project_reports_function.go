package main

import parts "orders/infra/constructs"

// addProjectReportsFunction reads the stream of the table reports.
func (s *service) addProjectReportsFunction() {
	consumer := parts.NewStreamConsumer(s.stack, "ProjectReports", &parts.StreamConsumerProps{
		Function:        s.backgroundFunction("project-reports", "Reads the stream of the table reports", nil),
		Table:           s.added.tables["reports"],
		Filter:          map[string]any{"eventName": []string{"INSERT", "MODIFY", "REMOVE"}},
		DeadLettersName: s.name + "-project-reports-dead-letters",
		MaxLag:          maxStreamLagSeconds,
		RetryAttempts:   streamRetryAttempts,
		MaxAgeMinutes:   asyncMaxAgeMinutes,
	})
	s.functions = append(s.functions, consumer)
}
