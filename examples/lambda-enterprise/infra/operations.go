package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"

	parts "orders/infra/constructs"
)

// addOperations adds what watches the service as a whole.
func (s *service) addOperations() {
	parts.NewDashboard(s.stack, "Dashboard", &parts.DashboardProps{
		Name: s.name, API: s.api, Functions: s.functions, Workers: s.workers, Table: s.table,
	})
	parts.NewBusinessDashboard(s.stack, "Business", s.name, serviceName, s.environment.Name, []parts.BusinessMetric{
		{Title: "Orders taken", Name: "OrdersCreated", Statistic: "Sum"},
		{Title: "Orders completed", Name: "OrdersCompleted", Statistic: "Sum"},
		{Title: "Milliseconds from taken to completed, p99", Name: "ProcessingLatency", Statistic: "p99"},
		{Title: "Requests that were repeated", Name: "IdempotentReplay", Statistic: "Sum"},
		{Title: "Requests that were not valid", Name: "ValidationFailed", Statistic: "Sum"},
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
	parts.NewObjectives(s.stack, "Objectives", &parts.ObjectivesProps{
		Name: s.name, Alarms: s.alarms, API: s.api, APIName: s.name,
		AvailabilityPercent: 99.95,
		LatencyMilliseconds: 300,
	})
	parts.NewBackup(s.stack, "Backup", &parts.BackupProps{
		Name: s.name, Tables: []awsdynamodb.ITableV2{s.table}, DailyDays: 35, MonthlyDays: 365, IsProtected: s.environment.ProtectData, Key: s.key,
	})
}
