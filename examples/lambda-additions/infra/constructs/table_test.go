package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestTable(t *testing.T) {
	f := newFixture(t)
	f.table()

	f.has(t, "AWS::DynamoDB::GlobalTable", map[string]any{
		"BillingMode": "PAY_PER_REQUEST", "StreamSpecification": map[string]any{"StreamViewType": "NEW_IMAGE"},
		"TimeToLiveSpecification": map[string]any{"AttributeName": "expiresAt", "Enabled": true},
		"Replicas": []any{assertions.Match_ObjectLike(&map[string]any{
			"DeletionProtectionEnabled":        true,
			"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35},
		})},
	})
}
