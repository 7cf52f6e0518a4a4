package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// serviceName is in the names of the bus and the queues, the tags, the log lines and the metrics.
const serviceName = "orders"

// service is one environment's copy of the service while it is being put together.
type service struct {
	stack       awscdk.Stack
	name        string
	environment *Environment
	defaults    *parts.FunctionDefaults
	alarms      *parts.Alarms
	table       awsdynamodb.ITableV2
	bus         *parts.EventBus
	api         parts.API
	functions   []*parts.Function
	workers     []*parts.Worker
	added       additions
}

// newServiceStack reads from the outside to the inside: requests come in by the API, leave as events through the
// outbox and the bus, wait in queues, and are finished by the workers and the reconciler.
func newServiceStack(scope constructs.Construct, environment *Environment, assets string) awscdk.Stack {
	s := newService(scope, environment, assets)
	s.addResources()
	s.addAPI()
	s.addOutbox()
	s.addWorkers()
	s.addReconciler()
	s.addFunctions()
	s.addOperations()
	return s.stack
}

// newService makes what all functions share.
func newService(scope constructs.Construct, environment *Environment, assets string) *service {
	name := fmt.Sprintf("%s-%s", serviceName, environment.Name)
	stack := awscdk.NewStack(scope, jsii.String(name), &awscdk.StackProps{
		Description: jsii.String(fmt.Sprintf("%s, %s", serviceName, environment.Name)),
		Env:         &awscdk.Environment{Account: jsii.String(environment.Account), Region: jsii.String(environment.Region)},
	})
	tag(stack, name, environment)
	alarms := parts.NewAlarms(stack, "Alarms", &parts.AlarmsProps{Email: environment.AlarmEmail, Runbooks: environment.Runbooks})
	table := newTable(stack, alarms, environment)
	return &service{
		stack:       stack,
		name:        name,
		environment: environment,
		alarms:      alarms,
		table:       table,
		bus: parts.NewEventBus(stack, "Events", &parts.EventBusProps{
			Alarms: alarms, Name: name, Source: serviceName, RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: deadLetterDays,
		}),
		defaults: &parts.FunctionDefaults{
			Assets:                  assets,
			Alarms:                  alarms,
			Watch:                   functionThresholds.Watch,
			Deployment:              parts.NewCanary(stack, "Canary", &canary),
			Memory:                  memoryMB,
			LogRetentionDays:        logRetentionDays,
			DeadLetterRetentionDays: deadLetterDays,
			Environment: map[string]string{
				"ENVIRONMENT":                   environment.Name,
				"POWERTOOLS_SERVICE_NAME":       serviceName,
				"POWERTOOLS_LOG_LEVEL":          "INFO",
				"POWERTOOLS_LOGGER_SAMPLE_RATE": debugSampleRate,
				"TABLE_NAME":                    *table.TableName(),
			},
		},
	}
}

func tag(stack awscdk.Stack, name string, environment *Environment) {
	tags := awscdk.Tags_Of(stack)
	tags.Add(jsii.String("service"), jsii.String(name), nil)
	tags.Add(jsii.String("env"), jsii.String(environment.Name), nil)
	tags.Add(jsii.String("owner"), jsii.String(environment.Owner), nil)
	tags.Add(jsii.String("cost-center"), jsii.String(environment.CostCenter), nil)
	tags.Add(jsii.String("level"), jsii.String("production"), nil)
}

func (s *service) newAPIFunction(id, folder, description string, environment map[string]string) *parts.Function {
	function := parts.NewFunction(s.stack, id, &parts.FunctionProps{
		FunctionDefaults: s.defaults,
		Description:      description,
		Folder:           folder,
		Timeout:          apiTimeoutSeconds,
		Environment:      environment,
		IsSynchronous:    true,
	})
	s.functions = append(s.functions, function)
	return function
}

func (s *service) newWebhookFunction() *parts.Function {
	secret := s.newWebhookSecrets()
	webhook := s.newAPIFunction("ReceiveWebhook", "receive-webhook", "Takes what other services report",
		map[string]string{"WEBHOOK_SECRETS_ARN": *secret.SecretArn()})
	s.allowTable(webhook, "dynamodb:PutItem")
	webhook.Allow([]string{*secret.SecretArn()}, "secretsmanager:GetSecretValue")
	return webhook
}

// addOutbox publishes the events that are stored beside every change.
func (s *service) addOutbox() {
	publisher := parts.NewStreamConsumer(s.stack, "PublishEvents", &parts.StreamConsumerProps{
		Function: s.backgroundFunction("publish-events", "Publishes the events that the table's stream brings",
			map[string]string{"EVENT_BUS_NAME": *s.bus.Bus.EventBusName()}),
		Table: s.table,
		Filter: map[string]any{
			"eventName": []string{"INSERT"},
			"dynamodb":  map[string]any{"NewImage": map[string]any{"kind": map[string]any{"S": []string{"event"}}}},
		},
		DeadLettersName: s.name + "-unpublished-events",
		MaxLag:          maxStreamLagSeconds,
		RetryAttempts:   streamRetryAttempts,
		MaxAgeMinutes:   asyncMaxAgeMinutes,
	})
	publisher.Allow([]string{*s.bus.Bus.EventBusArn()}, "events:PutEvents")
	s.functions = append(s.functions, publisher)
}

func (s *service) addWorkers() {
	orders := s.newWorker("ProcessOrder", "process-order", "Finishes orders", nil)
	s.bus.Route("order.created", orders.Queue.Queue)
	s.allowTable(orders.Function, "dynamodb:GetItem", "dynamodb:PutItem")
	webhooks := s.newWorker("ProcessWebhook", "process-webhook", "Acts on what other services report", nil)
	s.bus.Route("webhook.received", webhooks.Queue.Queue)
	s.allowTable(webhooks.Function, "dynamodb:UpdateItem")
}

// newWorker makes a function for the messages of the source, or of a queue of its own.
func (s *service) newWorker(id, folder, description string, source *parts.Queue) *parts.Worker {
	worker := parts.NewWorker(s.stack, id, &parts.WorkerProps{
		Function:        s.backgroundFunction(folder, description, nil),
		Source:          source,
		QueueName:       fmt.Sprintf("%s-%s", s.name, folder),
		MaxReceiveCount: maxReceiveCount,
		MaxConcurrency:  maxWorkerConcurrency,
		MaxAge:          maxQueueAgeSeconds,
	})
	s.functions = append(s.functions, worker.Function)
	s.workers = append(s.workers, worker)
	return worker
}

func (s *service) addReconciler() {
	reconciler := parts.NewScheduledJob(s.stack, "ReconcileOrders", &parts.ScheduledJobProps{
		Function:        s.backgroundFunction("reconcile-orders", "Puts orders that are stuck back on their way", nil),
		DeadLettersName: s.name + "-failed-reconciliations",
		EveryMinutes:    reconcileEveryMinutes,
		RetryAttempts:   asyncRetryAttempts,
		MaxAgeMinutes:   asyncMaxAgeMinutes,
	})
	s.allowTable(reconciler, "dynamodb:PutItem")
	reconciler.Allow([]string{*s.table.TableArn() + "/index/" + staleOrders}, "dynamodb:Query")
	s.functions = append(s.functions, reconciler)
}

func (s *service) backgroundFunction(folder, description string, environment map[string]string) *parts.FunctionProps {
	return &parts.FunctionProps{
		FunctionDefaults: s.defaults,
		Description:      description,
		Folder:           folder,
		Timeout:          workerTimeoutSeconds,
		Environment:      environment,
	}
}

func (s *service) allowTable(function *parts.Function, actions ...string) {
	function.Allow([]string{*s.table.TableArn()}, actions...)
}
