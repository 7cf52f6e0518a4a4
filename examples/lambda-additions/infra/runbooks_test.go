package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An alarm says what to do, and a runbook says for which alarms it is: `Name`, or `…Name` for all that end so.
func TestAlarmsAndRunbooksNameEachOther(t *testing.T) {
	runbooks, unused := readRunbooks(t)
	alarms := resources(t, strictest, "AWS::CloudWatch::Alarm")
	for id, alarm := range alarms {
		if properties(alarm)["AlarmActions"] == nil {
			t.Errorf("alarm %s tells nobody", id)
		}
		_, url, _ := strings.Cut(properties(alarm)["AlarmDescription"].(string), " Runbook: ")
		file := path.Base(url)
		delete(unused, file)
		name := id[:len(id)-8] // CDK's hash
		if !slices.ContainsFunc(runbooks[file], func(named string) bool {
			suffix, isSuffix := strings.CutPrefix(named, "…")
			return name == named || isSuffix && strings.HasSuffix(name, suffix)
		}) {
			t.Errorf("alarm %s leads to %q, which is for %v", name, file, runbooks[file])
		}
	}
	for file := range unused {
		t.Errorf("no alarm leads to %s", file)
	}
}

var alarmName = regexp.MustCompile("`(…?[A-Z][A-Za-z]+)`")

// readRunbooks is the alarms that each runbook names in its line `Alarm: …`; unused is all runbooks with such a line.
func readRunbooks(t *testing.T) (runbooks map[string][]string, unused map[string]bool) {
	t.Helper()
	runbooks, unused = map[string][]string{}, map[string]bool{}
	files, err := filepath.Glob("../docs/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, about, ok := strings.Cut(string(content), "\nAlarm: ")
		if !ok {
			continue
		}
		about, _, _ = strings.Cut(about, "\n\n")
		for _, match := range alarmName.FindAllStringSubmatch(about, -1) {
			runbooks[filepath.Base(file)] = append(runbooks[filepath.Base(file)], match[1])
		}
		unused[filepath.Base(file)] = true
	}
	return runbooks, unused
}
