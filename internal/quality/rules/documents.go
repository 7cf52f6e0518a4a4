package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

// required is the documents of the level: each is one of several names.
func (p *Project) required() [][]string {
	docs := p.Policy.Docs
	names := [][]string{{"README.md"}}
	if docs.Architecture {
		names = append(names, []string{"docs/architecture.md", "ARCHITECTURE.md"}, []string{"docs/openapi.yaml", "docs/openapi.json", "openapi.yaml"}, []string{"CHANGELOG.md"})
	}
	if docs.ThreatModel {
		names = append(names, []string{"docs/threat-model.md"}, []string{"docs/compliance.md"}, []string{"docs/disaster-recovery.md"}, []string{"docs/on-call.md"})
	}
	if docs.CapacityPlan {
		names = append(names, []string{"docs/capacity-plan.md"}, []string{"docs/game-days.md"}, []string{"docs/runbooks/region-evacuation.md"})
	}
	return names
}

var stub = regexp.MustCompile(`\b(TODO|TBD|FIXME)\b|(?i)lorem ipsum`)

// minDocument is how many bytes a document has that says anything.
const minDocument = 200

func documents(p *Project) Outcome {
	outcome := Outcome{}
	for _, names := range p.required() {
		outcome.Checked++
		found := slices.IndexFunc(names, p.has)
		if found < 0 {
			outcome.Failures = append(outcome.Failures, at(names[0], 1, "the document is missing"))
			continue
		}
		text := p.read(names[found])
		if len(text) < minDocument {
			outcome.Failures = append(outcome.Failures, at(names[found], 1, "the document says nothing"))
		}
		for number, line := range lines(text) {
			if stub.MatchString(line) {
				outcome.Failures = append(outcome.Failures, at(names[found], number, "the document is not finished"))
			}
		}
	}
	if have := len(p.glob("docs/adr/*.md")); have < p.Policy.Docs.Decisions {
		outcome.Failures = append(outcome.Failures, at("docs/adr", 1, fmt.Sprintf("%d decisions are recorded, and the level asks for %d", have, p.Policy.Docs.Decisions)))
	}
	return outcome
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)

func linksResolve(p *Project) Outcome {
	files := append(p.below("docs", ".md"), p.glob("*.md")...)
	outcome := Outcome{Checked: len(files)}
	if len(files) == 0 {
		outcome.Skip = "the project has no documents"
	}
	for _, name := range files {
		for number, line := range lines(p.read(name)) {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target := path.Join(path.Dir(name), match[1])
				if !strings.Contains(match[1], ":") && !p.has(target) {
					outcome.Failures = append(outcome.Failures, at(name, number, match[1]+" is not there"))
				}
			}
		}
	}
	return outcome
}

var aboutAlarms = regexp.MustCompile(`(?m)^Alarm: `)

func alarmsAndRunbooks(p *Project) Outcome {
	if !p.Policy.Docs.Runbooks {
		return Outcome{Skip: "the level asks for no runbooks"}
	}
	unused := map[string]bool{}
	for _, name := range p.glob("docs/runbooks/*.md") {
		if aboutAlarms.Match(p.read(name)) {
			unused[name] = true
		}
	}
	outcome := Outcome{Checked: len(unused)}
	alarms := 0
	for _, template := range p.Templates {
		for _, alarm := range template.OfType("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm") {
			alarms++
			outcome.Failures = append(outcome.Failures, p.runbookOf(template, alarm, unused)...)
		}
	}
	if alarms == 0 {
		return Outcome{Skip: "no template has an alarm"}
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		outcome.Failures = append(outcome.Failures, at(name, 1, "no alarm leads to this runbook"))
	}
	outcome.Checked += alarms
	return outcome
}

// runbookOf is what is wrong with where an alarm leads to; the runbook that it leads to is not unused.
func (p *Project) runbookOf(template *cfn.Template, alarm *cfn.Resource, unused map[string]bool) []Failure {
	_, url, leads := strings.Cut(alarm.Text("AlarmDescription"), "Runbook: ")
	file := path.Join("docs/runbooks", path.Base(url))
	switch {
	case !leads:
		return []Failure{{Resource: alarm, File: template.File, Message: "its description names no runbook"}}
	case !p.has(file):
		return []Failure{{Resource: alarm, File: template.File, Message: "it leads to " + file + ", which is not there"}}
	default:
		delete(unused, file)
		return nil
	}
}

func managedUntouched(p *Project) Outcome {
	if len(p.Managed) == 0 {
		return Outcome{Skip: "no file of the project is managed by scaffold"}
	}
	outcome := Outcome{Checked: len(p.Managed)}
	for name, want := range p.Managed {
		text := p.read(name)
		sum := sha256.Sum256(text)
		switch {
		case text == nil:
			outcome.Failures = append(outcome.Failures, at(name, 1, "it was deleted"))
		case hex.EncodeToString(sum[:]) != want:
			outcome.Failures = append(outcome.Failures, at(name, 1, "it was edited; an update will merge it, and may not be able to"))
		}
	}
	slices.SortFunc(outcome.Failures, func(a, b Failure) int { return strings.Compare(a.File, b.File) })
	return outcome
}

var (
	action     = regexp.MustCompile(`uses:\s*([^\s#]+)`)
	pinnedTo   = regexp.MustCompile(`@[0-9a-f]{40}$`)
	staticKeys = regexp.MustCompile(`(?i)aws[_-]access[_-]key[_-]id\s*:`)
	topLevel   = regexp.MustCompile(`(?m)^permissions:`)
)

func workflowsSafe(p *Project) Outcome {
	files := p.glob(".github/workflows/*.yml", ".github/workflows/*.yaml")
	outcome := Outcome{Checked: len(files)}
	if len(files) == 0 {
		outcome.Skip = "the project has no GitHub workflow"
	}
	for _, name := range files {
		text := p.read(name)
		if !topLevel.Match(text) {
			outcome.Failures = append(outcome.Failures, at(name, 1, "the token may do whatever the repository's default is: permissions is missing"))
		}
		for number, line := range lines(text) {
			match := action.FindStringSubmatch(line)
			switch {
			case isComment(line):
			case match != nil && !strings.HasPrefix(match[1], "./") && !pinnedTo.MatchString(match[1]):
				outcome.Failures = append(outcome.Failures, at(name, number, match[1]+" can be changed by somebody else: pin it to a commit"))
			case staticKeys.MatchString(line):
				outcome.Failures = append(outcome.Failures, at(name, number, "a key that does not expire; let the workflow assume a role by OIDC"))
			}
		}
	}
	return outcome
}
