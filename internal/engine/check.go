package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/quality/rules"
)

// CheckRequest says what to judge, and by which measure.
type CheckRequest struct {
	// Project is the project's folder, or one that holds a synthesised template.
	Project fs.FS
	// Level is the level to judge by; empty for that of the project's blueprint.
	Level string
	// Dir is the same folder, for the commands that Run starts there.
	Dir string
	// Run runs the project's own linters and tests and starts its functions, in the environment Env, and judges what comes of it.
	Run bool
	Env []string
	// Only and Skip are ids of controls; with both empty all of them are judged.
	Only, Skip []string
	// Today is the date by which waivers and runtimes end, Soon the one in half a year, as 2006-01-02.
	Today, Soon string
	// Progress hears what takes long, before it begins; nil for nobody.
	Progress func(what string)
}

// Status is what came of a control in a template.
type Status string

// The statuses. Nothing is passed over in silence: what was not judged is skipped, with a reason.
const (
	Passed  Status = "pass"
	Failed  Status = "fail"
	Skipped Status = "skipped"
)

// Finding is one violation.
type Finding struct {
	Place    fault.Place `json:"place"`
	Resource string      `json:"resource,omitempty"`
	Message  string      `json:"message"`
	// Waiver is the reason why it does not count, if there is one.
	Waiver *blueprint.Waiver `json:"waiver,omitempty"`
}

// Verdict is a control's answer for one template.
type Verdict struct {
	Control  quality.Control  `json:"control"`
	Severity quality.Severity `json:"severity"`
	File     string           `json:"file"`
	Status   Status           `json:"status"`
	// Reason says why it was skipped.
	Reason string `json:"reason,omitempty"`
	// Checked is how many resources were judged.
	Checked  int       `json:"checked"`
	Findings []Finding `json:"findings,omitempty"`
}

// CheckReport is all verdicts, and the level that they were made by.
type CheckReport struct {
	Level    string    `json:"level"`
	Verdicts []Verdict `json:"verdicts"`
}

// Errors is how many violations count as errors and are not waived.
func (r *CheckReport) Errors() int {
	count := 0
	for _, verdict := range r.Verdicts {
		if verdict.Severity != quality.SeverityError {
			continue
		}
		for _, finding := range verdict.Findings {
			if finding.Waiver == nil {
				count++
			}
		}
	}
	return count
}

// Check judges the templates of a project.
func (e *Engine) Check(ctx context.Context, request CheckRequest) (*CheckReport, error) {
	if err := project.Interrupted(ctx, e.place(request.Dir)); err != nil {
		return nil, err
	}
	wish, err := readBlueprint(request.Project)
	if err != nil {
		return nil, err
	}
	catalogue, err := quality.Load()
	if err != nil {
		return nil, err
	}
	level := levelOf(request.Level, wish)
	demands, err := readOrganisation(request.Project)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(catalogue.Levels, func(l quality.Level) bool { return l.Name == level }) {
		return nil, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("there is no level %q", level), Hint: "scaffold levels"}
	}
	policy, err := catalogue.PolicyWith(level, demands.Policy)
	if err != nil {
		return nil, err
	}
	controls, err := chooseControls(request, demands.controls(catalogue))
	if err != nil {
		return nil, err
	}
	templates, err := findTemplates(request.Project)
	if err != nil {
		return nil, err
	}
	judge := &judge{request: request, catalogue: catalogue, controls: controls, level: level, policy: policy, waivers: wish.Waivers}
	judge.templates(templates)
	if err := judge.demands(templates, demands); err != nil {
		return nil, err
	}
	around, err := e.projectOf(ctx, request, templates, policy)
	if err != nil {
		return nil, err
	}
	if around.IsProject() {
		judge.project(around)
	}
	return &CheckReport{Level: level, Verdicts: judge.verdicts}, nil
}

// judge collects verdicts by the measure of a level.
type judge struct {
	request   CheckRequest
	catalogue *quality.Catalogue
	controls  []quality.Control
	level     string
	policy    *quality.Policy
	waivers   []blueprint.Waiver
	verdicts  []Verdict
}

func (j *judge) templates(templates []*cfn.Template) {
	all := rules.All()
	for _, template := range templates {
		for _, control := range j.controls {
			if rule, ok := all[control.ID]; ok {
				j.add(control, template.File, func() rules.Outcome {
					return rule(&rules.Subject{Template: template, Policy: j.policy, Today: j.request.Today, Soon: j.request.Soon})
				})
			}
		}
	}
}

func (j *judge) project(around *rules.Project) {
	all := rules.Projects()
	for _, control := range j.controls {
		if rule, ok := all[control.ID]; ok {
			j.add(control, "", func() rules.Outcome { return rule(around) })
		}
	}
}

// demands judges by the rules that the project's pack brings.
func (j *judge) demands(templates []*cfn.Template, demands *organisation) error {
	for _, template := range templates {
		for _, control := range j.controls {
			n := slices.IndexFunc(demands.Rules, func(r pack.DataRule) bool { return r.ID == control.ID })
			if n < 0 {
				continue
			}
			outcome, err := judgeByData(&demands.Rules[n], template)
			if err != nil {
				return err
			}
			j.add(control, template.File, func() rules.Outcome { return outcome })
		}
	}
	return nil
}

// judgeByData asks a rule of every resource of its type.
func judgeByData(rule *pack.DataRule, template *cfn.Template) (rules.Outcome, error) {
	program, err := rule.Compile()
	if err != nil {
		return rules.Outcome{}, &fault.Error{Code: fault.Invalid, Place: fault.Place{File: project.OrganisationName}, Message: fmt.Sprintf("rule %s cannot be read", rule.ID), Err: err, Hint: "scaffold update"}
	}
	resources := template.OfType(rule.Resource)
	outcome := rules.Outcome{Checked: len(resources)}
	if len(resources) == 0 {
		outcome.Skip = "the template has no " + rule.Resource
	}
	for _, resource := range resources {
		holds, err := rule.Holds(program, pack.RuleEnv{ID: resource.ID, Properties: resource.Properties})
		if err != nil {
			return outcome, err
		}
		if !holds {
			outcome.Failures = append(outcome.Failures, rules.Failure{Resource: resource, Message: rule.Message})
		}
	}
	return outcome, nil
}

// controls is the rules of a pack as controls of every level.
func (o *organisation) controls(catalogue *quality.Catalogue) []quality.Control {
	var controls []quality.Control
	for _, rule := range o.Rules {
		controls = append(controls, quality.Control{ID: rule.ID, Title: rule.Title, Why: "The pack " + o.Pack + " demands it.", Fix: rule.Fix, Error: catalogue.Levels[0].Name})
	}
	return controls
}

// add judges by a control, unless the level does not care about it.
func (j *judge) add(control quality.Control, file string, outcome func() rules.Outcome) {
	severity := j.catalogue.Severity(control, j.level)
	if severity == quality.SeverityNone {
		return
	}
	verdict := verdictOf(control, severity, file, outcome())
	waive(&verdict, j.waivers, j.request.Today)
	j.verdicts = append(j.verdicts, verdict)
}

// readBlueprint is the project's blueprint, or an empty one: projects of others have none.
func readBlueprint(project fs.FS) (*blueprint.Blueprint, error) {
	text, err := fs.ReadFile(project, blueprint.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return &blueprint.Blueprint{}, nil
	}
	if err != nil {
		return nil, unreadable(blueprint.FileName, err)
	}
	return blueprint.Parse(blueprint.FileName, text)
}

func unreadable(file string, err error) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: file}, Message: "the file cannot be read", Err: err,
		Hint: "check its permissions; a link out of the project is not followed",
	}
}

func levelOf(asked string, wish *blueprint.Blueprint) string {
	switch {
	case asked != "":
		return asked
	case wish.Level != "":
		return wish.Level
	default:
		return "production"
	}
}

func chooseControls(request CheckRequest, more []quality.Control) ([]quality.Control, error) {
	all, err := quality.Controls()
	if err != nil {
		return nil, err
	}
	all = append(all, more...)
	var problems fault.List
	for _, id := range slices.Concat(request.Only, request.Skip) {
		if !slices.ContainsFunc(all, func(c quality.Control) bool { return c.ID == id }) {
			problems = append(problems, &fault.Error{Code: fault.Invalid, Message: fmt.Sprintf("there is no control %q", id), Hint: "scaffold check prints their ids"})
		}
	}
	chosen := slices.DeleteFunc(all, func(c quality.Control) bool {
		return slices.Contains(request.Skip, c.ID) || len(request.Only) > 0 && !slices.Contains(request.Only, c.ID)
	})
	return chosen, problems.OrNil()
}

// findTemplates is the templates that CDK has left in the project, or those that lie in its folder.
func findTemplates(tree fs.FS) ([]*cfn.Template, error) {
	for _, patterns := range [][]string{
		{"infra/cdk.out/*.template.json"},
		{"cdk.out/*.template.json"},
		{"*.template.json", "*.template.y*ml", "template.json", "template.y*ml"},
	} {
		var files []string
		for _, pattern := range patterns {
			found, err := fs.Glob(tree, pattern)
			if err != nil {
				return nil, fault.Wrap(err, "looking for templates")
			}
			files = append(files, found...)
		}
		if len(files) > 0 {
			return parseTemplates(tree, files)
		}
	}
	return nil, &fault.Error{Code: fault.Invalid, Message: "there is no synthesised template to check", Hint: "npm run synth"}
}

func parseTemplates(project fs.FS, files []string) ([]*cfn.Template, error) {
	var templates []*cfn.Template
	var problems fault.List
	for _, file := range files {
		text, err := fs.ReadFile(project, file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		template, err := cfn.Parse(path.Clean(file), text)
		if err != nil {
			problems = append(problems, fault.All(err)...)
			continue
		}
		templates = append(templates, template)
	}
	return templates, problems.OrNil()
}

func verdictOf(control quality.Control, severity quality.Severity, file string, outcome rules.Outcome) Verdict {
	verdict := Verdict{Control: control, Severity: severity, File: file, Status: Passed, Checked: outcome.Checked}
	if outcome.Skip != "" {
		verdict.Status, verdict.Reason = Skipped, outcome.Skip
	}
	for _, failure := range outcome.Failures {
		finding := Finding{Place: fault.Place{File: cmp.Or(failure.File, file), Line: failure.Line}, Message: failure.Message}
		if failure.Line > 0 {
			finding.Place.Column = 1
		}
		if failure.Resource != nil {
			finding.Resource, finding.Place.Line, finding.Place.Column = failure.Resource.ID, failure.Resource.Line, 1
		}
		verdict.Status = Failed
		verdict.Findings = append(verdict.Findings, finding)
	}
	return verdict
}

// waive marks the findings that a waiver covers. A waiver that has expired covers nothing.
func waive(verdict *Verdict, waivers []blueprint.Waiver, today string) {
	open := 0
	for n := range verdict.Findings {
		for w := range waivers {
			if waivers[w].Covers(verdict.Control.ID, verdict.Findings[n].Place.File) && (waivers[w].Expires == "" || waivers[w].Expires >= today) {
				verdict.Findings[n].Waiver = &waivers[w]
			}
		}
		if verdict.Findings[n].Waiver == nil {
			open++
		}
	}
	if verdict.Status == Failed && open == 0 {
		verdict.Status, verdict.Reason = Skipped, "waived: "+verdict.Findings[0].Waiver.Reason
	}
}
