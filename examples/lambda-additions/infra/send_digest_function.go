package main

import parts "orders/infra/constructs"

// addSendDigestFunction runs by the clock: cron(0 7 * * ? *).
func (s *service) addSendDigestFunction() {
	job := parts.NewScheduledJob(s.stack, "SendDigest", &parts.ScheduledJobProps{
		Function:        s.backgroundFunction("send-digest", "Runs by the clock: cron(0 7 * * ? *)", nil),
		DeadLettersName: s.name + "-send-digest-dead-letters",
		Expression:      "cron(0 7 * * ? *)",
		EveryMinutes:    1440,
		RetryAttempts:   asyncRetryAttempts,
		MaxAgeMinutes:   asyncMaxAgeMinutes,
	})
	job.Use(s.added.shared["imports"])
	s.functions = append(s.functions, job)
}
