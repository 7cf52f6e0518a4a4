package main

// addFunctions adds the functions of blueprint.yaml that are not behind the API, each from its own file.
func (s *service) addFunctions() {
	s.addReadImportsFunction()
	s.addAuditOrdersFunction()
	s.addHearAuditsFunction()
	s.addSendDigestFunction()
	s.addNotifyFunction()
	s.addResizeFunction()
	s.addProjectReportsFunction()
	s.addOnPaymentFunction()
}
