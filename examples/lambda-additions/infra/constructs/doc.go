// Package constructs is the infrastructure of an event-driven service on AWS, in parts that are ready for
// production: each brings its own least privilege, encryption, dead-letter queue and alarms.
//
// Nothing in here knows what the service does, which region it runs in or how strict it has to be:
// all of that is in the props. The stack beside this package puts the parts together.
package constructs
