package quality_test

import (
	"fmt"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/quality"
)

func load(t *testing.T) *quality.Catalogue {
	t.Helper()
	catalogue, err := quality.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

func TestEveryLevelHasAPolicy(t *testing.T) {
	catalogue := load(t)
	if len(catalogue.Levels) != 4 {
		t.Errorf("there are %d levels", len(catalogue.Levels))
	}
	for _, level := range catalogue.Levels {
		policy, err := catalogue.Policy(level.Name)
		if err != nil {
			t.Fatal(err)
		}
		if policy.Coverage.Lines == 0 || policy.Logs.RetentionDays == 0 {
			t.Errorf("the policy of %s is empty", level.Name)
		}
	}
	if _, err := catalogue.Policy("unknown"); err == nil {
		t.Error("there is a policy for an unknown level")
	}
}

// A level is at least as strict as the one below, in every setting that has a direction.
func TestNoLevelIsLooserThanTheOneBelow(t *testing.T) {
	for _, setting := range load(t).Settings {
		if setting.Title == "" || setting.Source == "" || setting.Row == 0 {
			t.Errorf("%s has no title, source or row", setting.Key)
		}
		for n := 1; n < len(setting.Values); n++ {
			if isLooser(t, setting.Stricter, setting.Values[n-1], setting.Values[n]) {
				t.Errorf("%s is looser at level %d: %v after %v", setting.Key, n, setting.Values[n], setting.Values[n-1])
			}
		}
	}
}

func isLooser(t *testing.T, stricter quality.Direction, below, here any) bool {
	t.Helper()
	switch stricter {
	case quality.More:
		return float(t, here) < float(t, below)
	case quality.Less:
		return float(t, here) > float(t, below)
	case quality.On:
		return below == true && here == false
	case quality.Free:
		return false
	default:
		t.Errorf("there is no direction %q", stricter)
		return false
	}
}

func float(t *testing.T, value any) float64 {
	t.Helper()
	var number float64
	if _, err := fmt.Sscan(fmt.Sprint(value), &number); err != nil {
		t.Errorf("%v is no number", value)
	}
	return number
}

// The figures that the contract of production is known for.
func TestProduction(t *testing.T) {
	policy, err := load(t).Policy("production")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(policy.Coverage.Lines > 80, policy.Coverage.Branches, policy.Code.FunctionLines, policy.Code.Complexity,
		policy.Function.ColdStartMilliseconds, policy.Queue.DeadLetterRetentionDays, policy.Logs.RetentionDays, policy.Alarms.ErrorPercent,
		policy.Deploy.CanaryPercent, policy.Deploy.CanaryMinutes, policy.Data.RecoveryDays, policy.SLO.AvailabilityPercent)
	if want := "true 75 99 5 500 14 30 0.1 10 5 35 99.9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The settings that controls name are those of the levels.
func TestControlsNameSettings(t *testing.T) {
	controls, err := quality.Controls()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, setting := range load(t).Settings {
		known[setting.Key] = true
	}
	for _, control := range controls {
		for _, key := range control.Settings {
			if !known[key] {
				t.Errorf("%s names the setting %s, which is not there", control.ID, key)
			}
		}
	}
}
