package main

import parts "orders/infra/constructs"

// addChangeReportFunction answers PUT /reports/{id}.
func (s *service) addChangeReportFunction() *parts.Function {
	function := s.newAPIFunction("ChangeReport", "change-report", "Answers PUT /reports/{id}", nil)
	function.Use(s.added.shared["reports"], s.added.shared["audit"])
	return function
}
