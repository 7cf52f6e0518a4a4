// Package awshost runs a synthesised CloudFormation template on this machine, to test what would be deployed and not
// what somebody remembers of it.
//
// The template is the truth: tables, queues and secrets are created in an AWS emulator as it says; functions run in
// their real runtime processes (package lambdahost) with the environment that it gives them; and this package plays
// what lies between: API Gateway with its JWT authorizer and throttling, the event bus, the pollers of queues and
// streams, and the scheduler. Every call of a function to AWS passes a gate that allows what the function's role allows.
//
// It knows nothing of any service. Resource types and properties that it does not play are no error: a template has
// alarms and dashboards too.
package awshost
