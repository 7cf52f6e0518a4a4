package constructs

import "github.com/aws/jsii-runtime-go"

// Resource is something that functions can be allowed to use.
type Resource struct {
	// Variable is the environment variable in which a function finds its Name.
	Variable, Name string
	// Arn and Actions are what a function may do.
	Arn     string
	Actions []string
}

// Use lets the function use resources, and tells it their names.
func (f *Function) Use(resources ...*Resource) {
	for _, resource := range resources {
		f.fn.AddEnvironment(jsii.String(resource.Variable), jsii.String(resource.Name), nil)
		f.Allow([]string{resource.Arn}, resource.Actions...)
	}
}
