package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// Check is the verdicts of a check, in one of the Formats.
type Check struct {
	*engine.CheckReport
	Format  string
	Version string
}

// CheckFormats is the forms in which a check can be printed.
func CheckFormats() []string { return []string{"text", "json", "sarif", "junit", "markdown"} }

// Text prints the report in its format; that of people if none was chosen.
func (c *Check) Text(w io.Writer) error {
	switch c.Format {
	case "sarif":
		return c.sarif(w)
	case "junit":
		return c.junit(w)
	case "markdown":
		return c.markdown(w)
	default:
		return c.text(w)
	}
}

// Data is the report itself.
func (c *Check) Data() any { return c.CheckReport }

// Next is nothing: what to change is in each finding.
func (c *Check) Next() Next { return Next{} }

func (c *Check) text(w io.Writer) error {
	for _, verdict := range c.Verdicts {
		if verdict.Status != engine.Failed {
			continue
		}
		control := verdict.Control
		fmt.Fprintf(w, "%s %s: %s\n", verdict.Severity, line(control.ID), line(control.Title))
		for _, finding := range verdict.Findings {
			if finding.Waiver == nil {
				where := strings.TrimSpace(strings.TrimSuffix(finding.Place.String(), ":1") + " " + finding.Resource)
				fmt.Fprintf(w, "  %s: %s\n", line(where), indented(finding.Message, "    "))
			}
		}
		fmt.Fprintf(w, "  why: %s\n  fix: %s\n  see: %s\n\n", line(control.Why), line(control.Fix), line(control.Doc))
	}
	counts := c.counts()
	for _, verdict := range c.neverJudged() {
		fmt.Fprintf(w, "skipped %s: %s\n", line(verdict.Control.ID), line(verdict.Reason))
	}
	_, err := fmt.Fprintf(w, "level %s: %d controls passed, %d failed, %d skipped; %d errors\n",
		line(c.Level), counts[engine.Passed], counts[engine.Failed], counts[engine.Skipped], c.Errors())
	return err
}

// neverJudged is the controls that no template and no project gave an answer to, each once. A template that has nothing of a
// kind is no news where another has.
func (c *Check) neverJudged() []engine.Verdict {
	var skipped []engine.Verdict
	judged := map[string]bool{}
	for _, verdict := range c.Verdicts {
		if verdict.Status != engine.Skipped {
			judged[verdict.Control.ID] = true
		}
	}
	for _, verdict := range c.Verdicts {
		if !judged[verdict.Control.ID] {
			judged[verdict.Control.ID] = true
			skipped = append(skipped, verdict)
		}
	}
	return skipped
}

func (c *Check) counts() map[engine.Status]int {
	counts := map[engine.Status]int{}
	for _, verdict := range c.Verdicts {
		counts[verdict.Status]++
	}
	return counts
}

func (c *Check) markdown(w io.Writer) error {
	fmt.Fprintf(w, "| status | control | file | what |\n| --- | --- | --- | --- |\n")
	for _, verdict := range c.Verdicts {
		what := nonEmpty(cell(verdict.Reason))
		for _, finding := range verdict.Findings {
			what = append(what,
				cell(fmt.Sprintf("%s: %s", cmp.Or(finding.Resource, finding.Place.String()), finding.Message)))
		}
		control := cell(verdict.Control.ID + " " + verdict.Control.Title)
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", verdict.Status, control, cell(cmp.Or(verdict.File, "the project")),
			strings.Join(what, "<br>"))
	}
	_, err := fmt.Fprintf(w, "\n%d errors at level %s\n", c.Errors(), line(c.Level))
	return err
}

// cell returns a text for a cell of a Markdown table: it can end neither the cell nor the row, and it has no tags.
func cell(text string) string {
	var escaped []string
	for part := range strings.SplitSeq(text, "\n") {
		escaped = append(escaped, strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;").Replace(line(part)))
	}
	return strings.Join(escaped, "<br>")
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Failure *junitText `xml:"failure,omitempty"`
	Skipped *junitText `xml:"skipped,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit counts warnings as passed: a test has no third way to end.
func (c *Check) junit(w io.Writer) error {
	suite := junitSuite{Name: "scaffold check, level " + line(c.Level), Tests: len(c.Verdicts)}
	for _, verdict := range c.Verdicts {
		name := line(verdict.Control.ID + " " + verdict.Control.Title)
		test := junitCase{Name: name, Class: line(cmp.Or(verdict.File, "project"))}
		switch {
		case verdict.Status == engine.Skipped:
			test.Skipped = &junitText{Message: line(verdict.Reason)}
			suite.Skipped++
		case verdict.Status == engine.Failed && verdict.Severity == quality.SeverityError:
			test.Failure = &junitText{Message: line(verdict.Control.Fix), Text: findingLines(verdict)}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, test)
	}
	encoded, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, encoded)
	return err
}

func findingLines(verdict engine.Verdict) string {
	var lines []string
	for _, finding := range verdict.Findings {
		lines = append(lines,
			line(fmt.Sprintf("%s %s: ", finding.Place, finding.Resource))+indented(finding.Message, "  "))
	}
	return strings.Join(lines, "\n")
}

// sarif is SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func (c *Check) sarif(w io.Writer) error {
	seen := map[string]bool{}
	descriptions, results := []any{}, []any{}
	for _, verdict := range c.Verdicts {
		control := verdict.Control
		if !seen[control.ID] {
			seen[control.ID] = true
			descriptions = append(descriptions, map[string]any{
				"id": control.ID, "shortDescription": message(control.Title), "fullDescription": message(control.Why),
				"help": message(control.Fix), "helpUri": control.Doc,
			})
		}
		for _, finding := range verdict.Findings {
			result := map[string]any{
				"ruleId": control.ID, "level": verdict.Severity, "message": message(strings.TrimPrefix(finding.Resource+": "+finding.Message, ": ")),
				"locations": []any{map[string]any{"physicalLocation": map[string]any{
					"artifactLocation": map[string]string{"uri": finding.Place.File}, "region": map[string]int{"startLine": max(finding.Place.Line, 1)},
				}}},
			}
			if finding.Waiver != nil {
				result["suppressions"] = []any{map[string]string{"kind": "external", "justification": finding.Waiver.Reason}}
			}
			results = append(results, result)
		}
	}
	encoded, err := marshal(map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":    map[string]any{"driver": map[string]any{"name": "scaffold", "version": c.Version, "rules": descriptions}},
			"results": results,
		}},
	})
	if err != nil {
		return err
	}
	_, err = w.Write(encoded)
	return err
}

func message(text string) map[string]string { return map[string]string{"text": text} }
