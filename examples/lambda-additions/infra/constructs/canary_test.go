package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

func TestCanary(t *testing.T) {
	f := newFixture(t)
	f.defaults.Watch = thresholds.Watch
	f.defaults.Deployment = NewCanary(f.stack, "Canary", &CanaryProps{Percent: 10, Minutes: 5})
	NewFunction(f.stack, "Work", f.function(true))

	f.has(t, "AWS::CodeDeploy::DeploymentConfig", map[string]any{"TrafficRoutingConfig": map[string]any{
		"Type": "TimeBasedCanary", "TimeBasedCanary": map[string]any{"CanaryInterval": 5, "CanaryPercentage": 10},
	}})
	f.has(t, "AWS::CodeDeploy::DeploymentGroup", map[string]any{
		"AutoRollbackConfiguration": map[string]any{"Enabled": true, "Events": assertions.Match_ArrayWith(&[]any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"})},
		"AlarmConfiguration":        map[string]any{"Enabled": true},
	})
}
