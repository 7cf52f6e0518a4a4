package constructs

import (
	"testing"
)

var thresholds = FunctionThresholds{
	ErrorPercent: 0.1, ThrottlePercent: 0.01, MinInvocations: 100, TimeoutPercent: 80, MemoryPercent: 80,
	WarmMilliseconds: 100, ColdStartMilliseconds: 500,
}

func TestAFunctionThatNobodyWaitsForMayBeSlowToStart(t *testing.T) {
	for synchronous, want := range map[bool]int{true: 6, false: 4} {
		f := newFixture(t)
		f.defaults.Watch = thresholds.Watch
		NewFunction(f.stack, "Work", f.function(synchronous))

		f.count(t, "AWS::CloudWatch::Alarm", want)
	}
}
