package main

import parts "orders/infra/constructs"

// addImportsQueue makes the queue imports.
func (s *service) addImportsQueue() {
	queue := parts.NewQueue(s.stack, "ImportsQueue", &parts.QueueProps{
		Name:                    s.name + "-imports",
		Alarms:                  s.alarms,
		ConsumerTimeout:         workerTimeoutSeconds,
		MaxReceiveCount:         maxReceiveCount,
		MaxAge:                  maxQueueAgeSeconds,
		DeadLetterRetentionDays: deadLetterDays,
	})
	s.added.queues["imports"] = queue
	s.added.shared["imports"] = &parts.Resource{
		Variable: "IMPORTS_QUEUE_URL",
		Name:     *queue.Queue.QueueUrl(),
		Arn:      *queue.Queue.QueueArn(),
		Actions:  []string{"sqs:SendMessage"},
	}
}
