package main

import parts "orders/infra/constructs"

// addReportsTable makes the table reports.
func (s *service) addReportsTable() {
	table := parts.NewTable(s.stack, "ReportsTable", &parts.TableProps{
		Name:          s.name + "-reports",
		Alarms:        s.alarms,
		RecoveryDays:  recoveryDays,
		IsProtected:   s.environment.ProtectData,
		MaxReadUnits:  maxTableRequestUnits,
		MaxWriteUnits: maxTableRequestUnits,
	})
	s.added.tables["reports"] = table
	s.added.shared["reports"] = &parts.Resource{
		Variable: "REPORTS_TABLE_NAME",
		Name:     *table.TableName(),
		Arn:      *table.TableArn(),
		Actions:  []string{"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"},
	}
}
