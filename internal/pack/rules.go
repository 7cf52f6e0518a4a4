package pack

import (
	"fmt"
	"regexp"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// DataRule is a rule as data: an expression that must hold for every resource of a type, in every template of a
// project.
type DataRule struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Resource is a CloudFormation type, such as AWS::Lambda::Function.
	Resource string `yaml:"resource"`
	// Assert is the expression. It can ask for properties, the resource's properties, and id, its name in the template.
	Assert string `yaml:"assert"`
	// Message says what is wrong where it does not hold, and Fix what to do.
	Message string `yaml:"message"`
	Fix     string `yaml:"fix"`
}

// RuleEnv is what the expression of a rule can ask about.
type RuleEnv struct {
	ID         string         `expr:"id"`
	Properties map[string]any `expr:"properties"`
}

var ruleID = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]{2,}$`)

func (r *DataRule) check() fault.List {
	var problems fault.List
	if !ruleID.MatchString(r.ID) {
		problems = append(problems, problem(fmt.Sprintf("a rule cannot have the id %q", r.ID),
			"expected a word in capitals, a hyphen and a number, such as ACME-01"))
	}
	if r.Title == "" || r.Resource == "" || r.Assert == "" || r.Message == "" {
		problems = append(problems, problem(fmt.Sprintf("rule %s needs title, resource, assert and message", r.ID), ""))
	}
	if _, err := r.Compile(); r.Assert != "" && err != nil {
		problems = append(problems, caused(err, "rule "+r.ID, "assert can ask for id and properties"))
	}
	return problems
}

// Compile is the program of the rule's expression.
func (r *DataRule) Compile() (*vm.Program, error) {
	program, err := compile(r.Assert, RuleEnv{})
	if err == nil && program == nil {
		return nil, fmt.Errorf("there is no expression")
	}
	return program, err
}

// Holds says whether the rule's expression holds for a resource. What it asks for and is not there is nil.
func (r *DataRule) Holds(program *vm.Program, env RuleEnv) (bool, error) {
	result, err := expr.Run(program, env)
	if err != nil {
		return false, &fault.Error{
			Code: fault.Invalid, Message: fmt.Sprintf("rule %s cannot be asked of %s", r.ID, env.ID), Err: err,
			Hint: "change the rule's expression: a?.b reads what may not be there",
		}
	}
	return result == true, nil
}
