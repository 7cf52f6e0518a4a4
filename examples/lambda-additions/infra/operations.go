package main

import parts "orders/infra/constructs"

// addOperations adds what watches the service as a whole.
func (s *service) addOperations() {
	parts.NewDashboard(s.stack, "Dashboard", &parts.DashboardProps{
		Name: s.name, API: s.api, Functions: s.functions, Workers: s.workers, Table: s.table,
	})
	parts.NewQueries(s.stack, "Queries", s.name, s.functions)
	parts.NewBudget(s.stack, "Budget", &parts.BudgetProps{
		Alarms:          s.alarms,
		Service:         s.name,
		MonthlyUSD:      s.environment.MonthlyBudgetUSD,
		ActualPercent:   80,
		ForecastPercent: 100,
		AnomalyUSD:      s.environment.MonthlyBudgetUSD / 10,
	})
}
