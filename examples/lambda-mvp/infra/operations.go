package main

import parts "orders/infra/constructs"

// addOperations adds what watches the service as a whole.
func (s *service) addOperations() {
	parts.NewBudget(s.stack, "Budget", &parts.BudgetProps{
		Alarms:          s.alarms,
		Service:         s.name,
		MonthlyUSD:      s.environment.MonthlyBudgetUSD,
		ActualPercent:   80,
		ForecastPercent: 100,
	})
}
