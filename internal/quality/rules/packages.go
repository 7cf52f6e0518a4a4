package rules

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
)

// countingWriter counts what is written to it.
type countingWriter int

func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}

// packageSizes looks at the folders of dist, each the package of a function.
func packageSizes(p *Project) Outcome {
	entries, err := fs.ReadDir(p.Files, "dist")
	if err != nil || len(entries) == 0 {
		return Outcome{Skip: "nothing is built in dist; npm run build"}
	}
	outcome := Outcome{}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		outcome.Checked++
		name := path.Join("dist", entry.Name())
		unzipped, zipped, err := p.sizes(name)
		limit := p.Policy.Package.NodeZipKB * 1000
		switch {
		case err != nil:
			outcome.Failures = append(outcome.Failures, at(name, 1, "the package cannot be read"))
		case zipped > limit:
			outcome.Failures = append(outcome.Failures, at(name, 1, fmt.Sprintf("it has %d bytes zipped, and may have %d", zipped, limit)))
		case unzipped > p.Policy.Package.UnzippedMB*1_000_000:
			outcome.Failures = append(outcome.Failures, at(name, 1, fmt.Sprintf("it has %d bytes, and may have %d MB", unzipped, p.Policy.Package.UnzippedMB)))
		}
	}
	return outcome
}

func (p *Project) sizes(folder string) (unzipped, zipped int, err error) {
	sub, err := fs.Sub(p.Files, folder)
	if err != nil {
		return 0, 0, err
	}
	err = fs.WalkDir(sub, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			unzipped += int(info.Size())
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	var count countingWriter
	archive := zip.NewWriter(&count)
	if err := archive.AddFS(sub); err != nil {
		return 0, 0, err
	}
	err = archive.Close()
	return unzipped, int(count), err
}

func startsInBudget(p *Project) Outcome {
	if p.Starts == nil {
		return Outcome{Skip: "no start was measured; scaffold check --run does, after npm run build"}
	}
	outcome := Outcome{Checked: len(p.Starts)}
	for _, name := range slices.Sorted(maps.Keys(p.Starts)) {
		if ratio := p.Starts[name]; ratio > p.Policy.Function.StartRatio {
			outcome.Failures = append(outcome.Failures, at(path.Join("dist", name), 1,
				fmt.Sprintf("its start takes %.2f times as much as an empty function's, and may take %.2f", ratio, p.Policy.Function.StartRatio)))
		}
	}
	return outcome
}

var threshold = regexp.MustCompile(`\blines['"]?\s*:\s*([\d.]+)|fail_under\s*=\s*([\d.]+)`)

func coverageGate(p *Project) Outcome {
	configs := p.glob("vitest.config.*", "jest.config.*", "pyproject.toml", ".coveragerc")
	if len(configs) == 0 && !p.has("package.json") {
		return Outcome{Skip: "the project has no configuration of tests"}
	}
	if len(configs) == 0 {
		configs = []string{"package.json"}
	}
	match := threshold.FindSubmatch(p.read(configs[0]))
	if match == nil {
		return Outcome{Checked: 1, Failures: []Failure{at(configs[0], 1, fmt.Sprintf("no threshold of line coverage; the level asks for %g %%", p.Policy.Coverage.Lines))}}
	}
	gate, _ := strconv.ParseFloat(string(match[1])+string(match[2]), 64)
	if gate < p.Policy.Coverage.Lines {
		return Outcome{Checked: 1, Failures: []Failure{at(configs[0], 1, fmt.Sprintf("tests pass from %g %% of the lines on, and the level asks for %g %%", gate, p.Policy.Coverage.Lines))}}
	}
	return Outcome{Checked: 1}
}

const coverageReport = "coverage/coverage-summary.json"

// coverageReached reads the report of the last test run. One that is older than a source says nothing.
func coverageReached(p *Project) Outcome {
	info, err := fs.Stat(p.Files, coverageReport)
	if err != nil {
		return Outcome{Skip: "there is no " + coverageReport + "; npm test, or scaffold check --run"}
	}
	for name := range p.sources() {
		if source, err := fs.Stat(p.Files, name); err == nil && source.ModTime().After(info.ModTime()) {
			return Outcome{Skip: name + " is newer than " + coverageReport + "; npm test, or scaffold check --run"}
		}
	}
	var report struct {
		Total struct {
			Lines, Branches struct{ Pct float64 }
		}
	}
	if err := json.Unmarshal(p.read(coverageReport), &report); err != nil {
		return Outcome{Skip: coverageReport + " cannot be read"}
	}
	outcome := Outcome{Checked: 1}
	if reached := report.Total.Lines.Pct; reached < p.Policy.Coverage.Lines {
		outcome.Failures = append(outcome.Failures, at(coverageReport, 1, fmt.Sprintf("%g %% of the lines are covered, and the level asks for %g %%", reached, p.Policy.Coverage.Lines)))
	}
	if reached := report.Total.Branches.Pct; reached < p.Policy.Coverage.Branches {
		outcome.Failures = append(outcome.Failures, at(coverageReport, 1, fmt.Sprintf("%g %% of the branches are covered, and the level asks for %g %%", reached, p.Policy.Coverage.Branches)))
	}
	return outcome
}
