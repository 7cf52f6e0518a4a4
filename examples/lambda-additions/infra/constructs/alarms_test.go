package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestAlarms(t *testing.T) {
	f := newFixture(t)
	f.table()

	f.has(t, "AWS::CloudWatch::Alarm", map[string]any{
		"AlarmDescription": "The table throttles requests. Runbook: https://runbooks.example.com/table-throttles.md",
		"AlarmActions":     assertions.Match_AnyValue(), "OKActions": assertions.Match_AnyValue(), "TreatMissingData": "notBreaching",
	})
	f.has(t, "AWS::SNS::Subscription", map[string]any{"Protocol": "email", "Endpoint": "ops@example.com"})
	f.has(t, "AWS::KMS::Key", map[string]any{"EnableKeyRotation": true})
}
