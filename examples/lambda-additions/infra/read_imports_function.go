package main

// addReadImportsFunction handles the messages of the queue imports.
func (s *service) addReadImportsFunction() {
	worker := s.newWorker("ReadImports", "read-imports", "Handles the messages of the queue imports", s.added.queues["imports"])
	worker.Use(s.added.shared["reports"])
}
