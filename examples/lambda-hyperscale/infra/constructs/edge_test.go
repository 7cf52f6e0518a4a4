package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"
)

func (f *fixture) zone() awsroute53.IHostedZone {
	return awsroute53.HostedZone_FromHostedZoneAttributes(f.stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z0"), ZoneName: jsii.String("example.com"),
	})
}

func TestRegionalDomain(t *testing.T) {
	f := newFixture(t)
	api := awsapigateway.NewRestApi(f.stack, jsii.String("Api"), nil)
	api.Root().AddMethod(jsii.String("GET"), nil, nil)
	NewRegionalDomain(f.stack, "Regional", &RegionalDomainProps{API: api, Domain: "api.example.com", Zone: f.zone(), Region: "eu-west-1", HealthPath: "/live/health"})

	f.has(t, "AWS::Route53::HealthCheck", map[string]any{"HealthCheckConfig": assertions.Match_ObjectLike(&map[string]any{"RequestInterval": 10, "FailureThreshold": 2})})
	f.has(t, "AWS::Route53::RecordSet", map[string]any{
		"Name": "api.example.com", "Region": "eu-west-1", "SetIdentifier": "eu-west-1", "HealthCheckId": assertions.Match_AnyValue(),
	})
	f.has(t, "AWS::ApiGateway::DomainName", map[string]any{"SecurityPolicy": "TLS_1_2"})
}

func TestEdge(t *testing.T) {
	f := newFixture(t)
	NewEdge(f.stack, "Edge", &EdgeProps{
		Domain: "orders.example.com", Origin: "api.example.com", Zone: f.zone(), RefuseBadTokens: "function handler(event) { return event.request; }", LogRetentionDays: 90,
		Firewall: NewFirewall(f.stack, "Firewall", &FirewallProps{Name: "test", IsGlobal: true, RequestsPerAddress: 2000, LogRetentionDays: 90}),
	})

	f.has(t, "AWS::CloudFront::Distribution", map[string]any{"DistributionConfig": assertions.Match_ObjectLike(&map[string]any{
		"WebACLId":          assertions.Match_AnyValue(),
		"ViewerCertificate": assertions.Match_ObjectLike(&map[string]any{"MinimumProtocolVersion": "TLSv1.2_2021"}),
		"DefaultCacheBehavior": assertions.Match_ObjectLike(&map[string]any{
			"FunctionAssociations": []any{map[string]any{"EventType": "viewer-request", "FunctionARN": assertions.Match_AnyValue()}},
		}),
	})})
	f.has(t, "AWS::WAFv2::WebACL", map[string]any{"Scope": "CLOUDFRONT"})
}

func TestWorkerWithPollers(t *testing.T) {
	f := newFixture(t)
	NewWorker(f.stack, "Work", &WorkerProps{Function: f.function(false), QueueName: "q", MaxReceiveCount: 5, Pollers: 2, MaxAge: 300})

	f.has(t, "AWS::Lambda::EventSourceMapping", map[string]any{
		"ProvisionedPollerConfig": map[string]any{"MinimumPollers": 2, "MaximumPollers": 20}, "ScalingConfig": assertions.Match_Absent(),
	})
}

func TestRegionsHearOfEachOther(t *testing.T) {
	f := newFixture(t)
	const other = "arn:aws:events:eu-central-1:111111111111:event-bus/other"
	bus := NewEventBus(f.stack, "Events", &EventBusProps{
		Alarms: f.alarms, Name: "test", Source: "orders", Region: "eu-west-1", Others: map[string]string{"eu-central-1": other},
		RetryHours: 24, RetryAttempts: 185, DeadLetterRetentionDays: 14,
	})
	bus.Route("order.created", NewDeadLetters(f.stack, "Target", &DeadLettersProps{Alarms: f.alarms, RetentionDays: 14, Name: "target", Of: "a test"}))

	f.has(t, "AWS::Events::Rule", map[string]any{
		"EventPattern": map[string]any{"source": []any{"orders"}, "detail-type": []any{"order.created"}, "region": []any{"eu-west-1"}},
	})
	f.has(t, "AWS::Events::Rule", map[string]any{
		"EventPattern": map[string]any{"source": []any{"orders"}, "region": []any{"eu-west-1"}},
		"Targets":      []any{assertions.Match_ObjectLike(&map[string]any{"Arn": other, "DeadLetterConfig": assertions.Match_AnyValue()})},
	})
}

func TestTableInTwoRegions(t *testing.T) {
	f := newFixture(t)
	NewTable(f.stack, "Table", &TableProps{
		Alarms: f.alarms, Name: "test", MaxReadUnits: 10, MaxWriteUnits: 20, RecoveryDays: 35, IsProtected: true,
		Key: NewKey(f.stack, "Key", &KeyProps{Alias: "test"}), Regions: map[string]string{"eu-central-1": "arn:aws:kms:eu-central-1:111111111111:alias/test"},
	})

	f.has(t, "AWS::DynamoDB::GlobalTable", map[string]any{"Replicas": assertions.Match_ArrayWith(&[]any{
		assertions.Match_ObjectLike(&map[string]any{
			"Region": "eu-central-1", "DeletionProtectionEnabled": true,
			"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35},
			"SSESpecification":                 map[string]any{"KMSMasterKeyId": "arn:aws:kms:eu-central-1:111111111111:alias/test"},
		}),
	})})
}
