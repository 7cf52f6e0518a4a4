package main

// addFunctions adds the functions of blueprint.yaml that are not behind the API, each from its own file.
func (s *service) addFunctions() {
	s.addAuditOrdersFunction()
	s.addHearAuditsFunction()
	s.addNotifyFunction()
	s.addOnPaymentFunction()
	s.addProjectReportsFunction()
	s.addReadImportsFunction()
	s.addResizeFunction()
	s.addSendDigestFunction()
}
