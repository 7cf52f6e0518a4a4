package rules

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// Project is the folder around the templates: sources, packages, documents and workflows.
type Project struct {
	Files     fs.FS
	Policy    *quality.Policy
	Templates []*cfn.Template
	// Managed is the hashes of the files that scaffold has rendered and owns, by path.
	Managed map[string]string
	// Lint is what the project's own linters have said; nil if they were not asked.
	Lint *string
	// Starts is what the functions' starts take in processor time, as a multiple of an empty handler's; nil if that was
	// not measured.
	Starts map[string]float64

	// code is the sources, once they have been read.
	code map[string][]byte
}

// ProjectRule judges a project.
type ProjectRule func(*Project) Outcome

// Projects is the rules about projects, by the control's id.
func Projects() map[string]ProjectRule {
	return map[string]ProjectRule{
		"SR-01": codeLimits, "SR-02": endedAPIs, "SR-03": clientsOutsideHandlers, "SR-05": noConsole, "SR-06": linted,
		"FH-10": partialFailuresRead, "FH-11": batchAnswered,
		"SE-09": noSecrets, "SE-17": signaturesCompared, "SE-18": errorsStayInside,
		"RT-09": packageSizes, "RT-18": startsInBudget,
		"CI-01": workflowsSafe, "CI-02": coverageGate, "CV-01": coverageReached,
		"DO-01": documents, "DO-02": linksResolve, "DO-03": alarmsAndRunbooks, "DO-04": managedUntouched,
	}
}

// at is a failure at a line of a file.
func at(file string, line int, message string) Failure {
	return Failure{File: file, Line: line, Message: message}
}

// IsProject says whether there is a project around the templates, and not templates alone.
func (p *Project) IsProject() bool {
	return slices.ContainsFunc([]string{"package.json", "pyproject.toml", "blueprint.yaml", "go.mod"}, p.has)
}

func (p *Project) has(name string) bool {
	_, err := fs.Stat(p.Files, name)
	return err == nil
}

func (p *Project) read(name string) []byte {
	text, err := fs.ReadFile(p.Files, name)
	if err != nil {
		return nil
	}
	return text
}

// maxSources bounds how much of a project is read; a service that has more is not one.
const maxSources = 5000

// notSources is folders whose files are not the project's own code.
const notSources = "|node_modules|dist|build|cdk.out|coverage|test|tests|__tests__|vendor|infra|docs|load|examples|scripts|venv|"

var sourceName = regexp.MustCompile(`\.(ts|mts|js|mjs|cjs|py)$`)

// sources is the project's own code, its tests aside, by path.
func (p *Project) sources() map[string][]byte {
	if p.code != nil {
		return p.code
	}
	found := map[string][]byte{}
	_ = fs.WalkDir(p.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // What cannot be read is no source.
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || strings.Contains(notSources, "|"+entry.Name()+"|")):
			return fs.SkipDir
		case len(found) >= maxSources:
			return fs.SkipAll
		case !entry.IsDir() && sourceName.MatchString(name) && !isConfig(name):
			found[name] = p.read(name)
		}
		return nil
	})
	p.code = found
	return found
}

// isConfig says so of tests beside their code, of declarations, and of files at the top that configure tools.
func isConfig(name string) bool {
	return strings.Contains(name, ".test.") || strings.Contains(name, ".spec.") || strings.HasSuffix(name, ".d.ts") ||
		!strings.Contains(name, "/") && strings.Contains(name, "config")
}

// grep fails every line of the sources that matches. Comments are not code.
func (p *Project) grep(pattern *regexp.Regexp, complain func(match string) string) Outcome {
	sources := p.sources()
	outcome := Outcome{Checked: len(sources)}
	if len(sources) == 0 {
		outcome.Skip = "the project has no TypeScript, JavaScript or Python"
	}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		for number, line := range lines(sources[name]) {
			if match := pattern.FindString(line); match != "" && !isComment(line) {
				if message := complain(match); message != "" {
					outcome.Failures = append(outcome.Failures, at(name, number, message))
				}
			}
		}
	}
	return outcome
}

func isComment(line string) bool {
	trimmed := strings.TrimSpace(line)
	return strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "*") || strings.HasPrefix(trimmed, "/*") || strings.HasPrefix(trimmed, "#")
}

// lines is the lines of a text by their numbers, from 1. A line without an end is code that nobody has written by hand.
func lines(text []byte) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		scanner := bufio.NewScanner(bytes.NewReader(text))
		for number := 1; scanner.Scan(); number++ {
			if !yield(number, scanner.Text()) {
				return
			}
		}
	}
}

// glob is the files that match any of the patterns.
func (p *Project) glob(patterns ...string) []string {
	var found []string
	for _, pattern := range patterns {
		names, err := fs.Glob(p.Files, pattern)
		if err == nil {
			found = append(found, names...)
		}
	}
	return found
}

// below is the files below a folder with an ending.
func (p *Project) below(folder, ending string) []string {
	var found []string
	err := fs.WalkDir(p.Files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ending {
			found = append(found, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return found
}
