// Package blueprint is what a user wants: the one value that every command starts from.
//
// The flags, the questions of the wizard and the keys of blueprint.yaml are all derived from Inputs, so that they
// cannot disagree. A blueprint is either valid or an error that lists everything wrong with it.
package blueprint

// APIVersion is the version of the file format.
const APIVersion = "scaffold/v1"

// FileName is where a project keeps its blueprint.
const FileName = "blueprint.yaml"

// Blueprint is a complete and valid wish for a service.
type Blueprint struct {
	Name          string
	Platform      string
	Level         string
	Runtime       string
	IaC           string
	Auth          Auth
	CI            string
	Updates       string
	Observability string
	Regions       []string
	// Functions and the resources are what the service has besides the pack's own.
	Functions []Function
	Tables    []Resource
	Queues    []Resource
	Buses     []Resource
	Secrets   []Resource
	// Waivers is what need not hold, with the reasons.
	Waivers []Waiver
}

// Auth says whose tokens the service accepts.
type Auth struct {
	Type     string
	Issuer   string
	Audience []string
}
