package blueprint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Kind is the shape of an input's value.
type Kind int

// The kinds of input.
const (
	// Text is one string.
	Text Kind = iota
	// Choice is one of the allowed strings.
	Choice
	// Strings is a list of strings.
	Strings
)

// Option is one allowed value of a Choice.
type Option struct {
	Value string
	Help  string
}

// Input is one thing that a user may say about a service.
type Input struct {
	// Key is the path in blueprint.yaml, such as auth.issuer; it is also what --set takes.
	Key string
	// Flag is the name of the command line flag, without dashes. Empty for the name, which is an argument.
	Flag string
	// Question is what the wizard asks, Help explains the input in one line.
	Question, Help string
	Kind           Kind
	Options        []Option
	// Default is the value of an input that nobody gave; several strings are joined by commas. An input without one is needed.
	Default func(*Blueprint) string
	// Pattern is what each string must look like, Like describes it in words.
	Pattern *regexp.Regexp
	Like    string

	// problem returns what else is wrong with a string of the right form, and how to put it right; nil for nothing.
	problem func(value string) (message, hint string)
	field   func(*Blueprint) any
}

// Inputs returns the declaration of all inputs, in the order of the wizard and of the file.
func Inputs() []Input { return slices.Clone(inputs) }

//nolint:gochecknoglobals // immutable table
var inputs = []Input{
	{
		Key: "platform", Flag: "platform", Question: "Where shall it run?", Kind: Choice,
		Help:    "where the service runs",
		Options: []Option{{"lambda", "AWS Lambda behind API Gateway, with DynamoDB, EventBridge and SQS"}},
		field:   func(b *Blueprint) any { return &b.Platform },
	},
	{
		Key: "name", Question: "What is it called?", Kind: Text,
		Help:    "the service's name, in its directory, its resources and its logs",
		Default: func(b *Blueprint) string { return b.Platform },
		Pattern: word, Like: "lower-case words joined by hyphens, such as order-service", problem: nameProblem,
		field: func(b *Blueprint) any { return &b.Name },
	},
	{
		Key: "level", Flag: "level", Question: "How good must it be?", Kind: Choice,
		Help: "the quality level, a contract that the project keeps",
		Options: []Option{
			{"mvp", "small and honest: one person reads all of it in ten minutes"},
			{"production", "on-call engineers accept it: alarms, runbooks, canary deployments, dead letters"},
			{"enterprise", "auditors accept it: firewall, own keys, backups, boundaries, objectives, a compliance map"},
			{"hyperscale", "a region may fail and nobody notices: two regions at once, an edge, a global table, failover"},
		},
		Default: constant("production"),
		field:   func(b *Blueprint) any { return &b.Level },
	},
	{
		Key: "runtime", Flag: "runtime", Question: "Which runtime?", Kind: Choice,
		Help:    "the language runtime of the functions",
		Options: []Option{{"nodejs", "TypeScript on Node.js 24"}},
		Default: constant("nodejs"),
		field:   func(b *Blueprint) any { return &b.Runtime },
	},
	{
		Key: "iac", Flag: "iac", Question: "Which infrastructure as code?", Kind: Choice,
		Help:    "how the infrastructure is written",
		Options: []Option{{"cdk-go", "AWS CDK in Go"}},
		Default: constant("cdk-go"),
		field:   func(b *Blueprint) any { return &b.IaC },
	},
	{
		Key: "auth.type", Flag: "auth", Question: "How do callers prove who they are?", Kind: Choice,
		Help:    "how callers are authenticated",
		Options: []Option{{"jwt", "a bearer token of your OpenID Connect provider"}},
		Default: constant("jwt"),
		field:   func(b *Blueprint) any { return &b.Auth.Type },
	},
	{
		Key: "auth.issuer", Flag: "issuer", Question: "Which URL issues the tokens?", Kind: Text,
		Help:    "URL of the token issuer, without /.well-known",
		Default: constant("https://issuer.example.com/"),
		Pattern: regexp.MustCompile(`^https://[^\s"\\/]+(/[^\s"\\]*)?$`), Like: "an https URL", problem: issuerProblem,
		field: func(b *Blueprint) any { return &b.Auth.Issuer },
	},
	{
		Key: "auth.audience", Flag: "audience", Question: "Who must the tokens be for?", Kind: Strings,
		Help:    "audiences of the tokens",
		Default: func(b *Blueprint) string { return b.Name },
		Pattern: regexp.MustCompile(`^[^\s",\\]+$`), Like: "text without spaces, quotes and commas", problem: audienceProblem,
		field: func(b *Blueprint) any { return &b.Auth.Audience },
	},
	{
		Key: "ci", Flag: "ci", Question: "Which CI?", Kind: Choice,
		Help: "the CI that lints, tests and deploys",
		Options: []Option{
			{"github", "GitHub Actions, deploying by OIDC"},
			{"none", "no pipeline"},
		},
		Default: constant("github"),
		field:   func(b *Blueprint) any { return &b.CI },
	},
	{
		Key: "updates", Flag: "updates", Question: "Who brings updates?", Kind: Choice,
		Help: "how updates of the templates come to the project",
		Options: []Option{
			{"manual", "you run scaffold update"},
			{"pull-request", "a workflow looks each week, and opens a pull request"},
		},
		Default: constant("manual"),
		field:   func(b *Blueprint) any { return &b.Updates },
	},
	{
		Key: "observability", Flag: "observability", Question: "Who watches it?", Kind: Choice,
		Help:    "where logs, metrics and alarms go",
		Options: []Option{{"cloudwatch", "Amazon CloudWatch and X-Ray"}},
		Default: constant("cloudwatch"),
		field:   func(b *Blueprint) any { return &b.Observability },
	},
	{
		Key: "regions", Flag: "region", Question: "In which region?", Kind: Strings,
		Help: "regions that it is deployed to; below hyperscale the first one counts",
		Default: func(b *Blueprint) string {
			if b.Level == "hyperscale" {
				return "eu-west-1,eu-central-1"
			}
			return "eu-west-1"
		},
		problem: regionProblem,
		field:   func(b *Blueprint) any { return &b.Regions },
	},
}

func constant(value string) func(*Blueprint) string { return func(*Blueprint) string { return value } }

// Get is the input's value in the blueprint; lists are joined by commas.
func (i *Input) Get(b *Blueprint) string {
	return strings.Join(i.values(b), ",")
}

func (i *Input) values(b *Blueprint) []string {
	field := i.field(b)
	if list, ok := field.(*[]string); ok {
		return *list
	}
	return []string{*field.(*string)}
}

// written returns values of the input as YAML.
func (i *Input) written(values []string) string {
	if i.Kind == Strings {
		return yamlList(values)
	}
	return yamlScalar(values[0])
}

// Set gives the blueprint the value.
func (i *Input) Set(b *Blueprint, values []string) {
	switch field := i.field(b).(type) {
	case *string:
		*field = values[0]
	case *[]string:
		*field = values
	}
}

// Allowed is the values of a Choice.
func (i *Input) Allowed() []string {
	values := make([]string, len(i.Options))
	for n, option := range i.Options {
		values[n] = option.Value
	}
	return values
}

// Problem says what is wrong with a value, and how to put it right; both are empty if nothing is.
func (i *Input) Problem(value string) (message, hint string) {
	switch {
	case i.Kind == Choice && !slices.Contains(i.Allowed(), value):
		return fmt.Sprintf("%s cannot be %q", i.Key, value), oneOf(value, i.Allowed())
	case i.Pattern != nil && !i.Pattern.MatchString(value):
		return fmt.Sprintf("%s cannot be %q", i.Key, value), "expected " + i.Like
	case i.problem != nil:
		return i.problem(value)
	default:
		return "", ""
	}
}

// Split is the text of a flag as the input's values.
func (i *Input) Split(text string) []string {
	if i.Kind == Strings {
		return strings.Split(text, ",")
	}
	return []string{text}
}
