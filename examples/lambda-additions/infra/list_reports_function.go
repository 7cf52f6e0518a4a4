package main

import parts "orders/infra/constructs"

// addListReportsFunction answers GET /reports.
func (s *service) addListReportsFunction() *parts.Function {
	function := s.newAPIFunction("ListReports", "list-reports", "Answers GET /reports", nil)
	function.Use(s.added.shared["reports"])
	return function
}
