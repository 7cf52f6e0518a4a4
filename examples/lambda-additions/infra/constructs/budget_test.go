package constructs

import (
	"testing"
)

func TestBudget(t *testing.T) {
	f := newFixture(t)
	NewBudget(f.stack, "Budget", &BudgetProps{Alarms: f.alarms, Service: "test", MonthlyUSD: 50, ActualPercent: 80, ForecastPercent: 100, AnomalyUSD: 5})

	f.has(t, "AWS::Budgets::Budget", map[string]any{"Budget": map[string]any{
		"BudgetLimit": map[string]any{"Amount": 50, "Unit": "USD"}, "CostFilters": map[string]any{"TagKeyValue": []any{"user:service$test"}},
	}})
	f.has(t, "AWS::CE::AnomalySubscription", map[string]any{"Frequency": "IMMEDIATE"})
}
