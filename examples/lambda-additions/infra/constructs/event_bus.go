package constructs

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EventBusProps describes the service's bus.
type EventBusProps struct {
	Alarms *Alarms
	// Name is what other services know the bus by.
	Name string
	// Source is the `source` of the service's own events.
	Source string
	// Region is where this bus is, if there are Others: the ARNs of the buses in other regions, which hear of every event.
	Region string
	Others map[string]string
	// RetryHours and RetryAttempts bound how long the bus tries to reach a target.
	RetryHours, RetryAttempts float64
	// Key encrypts the events, where it is given.
	Key awskms.IKey
	// DeadLetterRetentionDays is how long events that reached no target are kept, 14 at most.
	DeadLetterRetentionDays float64
}

// EventBus carries the service's events to whoever subscribes.
type EventBus struct {
	Bus         awsevents.EventBus
	scope       constructs.Construct
	props       *EventBusProps
	deadLetters awssqs.Queue
}

// NewEventBus makes the bus, and the dead-letter queue for events that reach no target.
func NewEventBus(scope constructs.Construct, id string, props *EventBusProps) *EventBus {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	bus := &EventBus{
		scope: scope,
		Bus:   awsevents.NewEventBus(scope, jsii.String("Bus"), &awsevents.EventBusProps{EventBusName: jsii.String(props.Name), KmsKey: props.Key}),
		props: props,
		deadLetters: NewDeadLetters(scope, "Undelivered", &DeadLettersProps{
			Alarms: props.Alarms, RetentionDays: props.DeadLetterRetentionDays, Name: props.Name + "-undelivered-events", Of: "event bus " + props.Name, Key: props.Key,
		}),
	}
	bus.forward()
	return bus
}

// forward sends the events of this region to the buses of the others, and not those that have come from there.
func (b *EventBus) forward() {
	for _, region := range slices.Sorted(maps.Keys(b.props.Others)) {
		other := awsevents.EventBus_FromEventBusArn(b.scope, jsii.String("Bus-"+region), jsii.String(b.props.Others[region]))
		rule := awsevents.NewRule(b.scope, jsii.String("To-"+region), &awsevents.RuleProps{
			EventBus:     b.Bus,
			EventPattern: &awsevents.EventPattern{Source: jsii.Strings(b.props.Source), Region: jsii.Strings(b.props.Region)},
			Targets: &[]awsevents.IRuleTarget{awseventstargets.NewEventBus(other, &awseventstargets.EventBusProps{
				DeadLetterQueue: b.deadLetters,
			})},
		})
		// The target's construct has no setting for it.
		rule.Node().DefaultChild().(awsevents.CfnRule).AddPropertyOverride(jsii.String("Targets.0.RetryPolicy"), map[string]any{
			"MaximumEventAgeInSeconds": 60 * 60 * b.props.RetryHours, "MaximumRetryAttempts": b.props.RetryAttempts,
		})
	}
}

// Route sends the service's events of one type to a queue: the event itself, without the bus's envelope.
func (b *EventBus) Route(eventType string, queue awssqs.IQueue) {
	b.Subscribe(eventType, &awsevents.EventPattern{Source: jsii.Strings(b.props.Source), DetailType: jsii.Strings(eventType)}, queue)
}

// Subscribe sends all events of a pattern to a queue, without the bus's envelope. Those that have come from another region were
// handled there.
func (b *EventBus) Subscribe(id string, pattern *awsevents.EventPattern, queue awssqs.IQueue) {
	if len(b.props.Others) > 0 {
		pattern.Region = jsii.Strings(b.props.Region)
	}
	awsevents.NewRule(b.scope, jsii.String(id), &awsevents.RuleProps{
		EventBus:     b.Bus,
		EventPattern: pattern,
		Targets:      &[]awsevents.IRuleTarget{b.target(queue)},
	})
}

// SubscribeToAWS sends events of AWS's own services, which are on another bus, to a queue.
func (b *EventBus) SubscribeToAWS(id string, pattern *awsevents.EventPattern, queue awssqs.IQueue) {
	awsevents.NewRule(b.scope, jsii.String(id), &awsevents.RuleProps{EventPattern: pattern, Targets: &[]awsevents.IRuleTarget{b.target(queue)}})
}

func (b *EventBus) target(queue awssqs.IQueue) awsevents.IRuleTarget {
	return awseventstargets.NewSqsQueue(queue, &awseventstargets.SqsQueueProps{
		Message:         awsevents.RuleTargetInput_FromEventPath(jsii.String("$.detail")),
		DeadLetterQueue: b.deadLetters,
		MaxEventAge:     minutes(60 * b.props.RetryHours),
		RetryAttempts:   jsii.Number(b.props.RetryAttempts),
	})
}
