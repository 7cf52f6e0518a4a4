package report

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/engine"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
)

// TemplateCreated is a pack that has been started.
type TemplateCreated struct {
	Dir   string
	Files []*plan.File
}

// Text says where it is and what to type next.
func (t *TemplateCreated) Text(w io.Writer) error {
	const form = "Created the pack %s: %d files.\n\nNext:\n  scaffold template lint %[1]s\n  scaffold template test %[1]s\n"
	_, err := fmt.Fprintf(w, form, line(folderOf(t.Dir)), len(t.Files))
	return err
}

// Data is its folder.
func (t *TemplateCreated) Data() any {
	return map[string]any{"dir": t.Dir, "files": len(t.Files)}
}

// Next is to prove it.
func (t *TemplateCreated) Next() Next {
	dir := folderOf(t.Dir)
	return Next{Commands: [][]string{{"scaffold", "template", "lint", dir}, {"scaffold", "template", "test", dir}}}
}

// folderOf is a folder as the source of a pack.
func folderOf(dir string) string {
	if strings.HasPrefix(dir, "/") || strings.HasPrefix(dir, ".") {
		return dir
	}
	return "./" + dir
}

// Template is what a pack has.
type Template struct {
	Pack *pack.Pack
	Ref  project.PackRef
}

type templateData struct {
	Name       string          `json:"name"`
	Source     project.PackRef `json:"source"`
	Extends    string          `json:"extends,omitempty"`
	Layers     []layerData     `json:"layers"`
	Policy     map[string]any  `json:"policy,omitempty"`
	Rules      []pack.DataRule `json:"rules,omitempty"`
	Privileged []string        `json:"privileged"`
	Next       []pack.Step     `json:"next,omitempty"`
}

type layerData struct {
	From  string `json:"from"`
	To    string `json:"to,omitempty"`
	When  string `json:"when,omitempty"`
	Each  string `json:"each,omitempty"`
	Where string `json:"where,omitempty"`
}

func (t *Template) data() *templateData {
	data := &templateData{
		Name: t.Pack.Name, Source: t.Ref, Extends: t.Pack.Extends, Policy: t.Pack.Policy, Rules: t.Pack.Rules, Next: t.Pack.Next,
		Layers: []layerData{}, Privileged: []string{},
	}
	for _, layer := range t.Pack.Layers {
		data.Layers = append(data.Layers, layerData{layer.From, layer.To, layer.Condition, layer.Each, layer.Where})
		_ = fs.WalkDir(layer.Files, layer.From, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && layer.Has(file) {
				target := layer.Target(file)
				rendered := &plan.File{Path: target, IsForeign: true, Kind: t.Pack.KindOf(target)}
				if info, err := entry.Info(); err == nil {
					rendered.Mode = info.Mode()
				}
				if rendered.IsPrivileged() {
					data.Privileged = append(data.Privileged, target)
				}
			}
			return err
		})
	}
	return data
}

// Text lists it.
func (t *Template) Text(w io.Writer) error {
	data := t.data()
	var text strings.Builder
	fmt.Fprintf(&text, "pack %s from %s\n", line(data.Name), line(data.Source.Source))
	if data.Source.Commit != "" {
		fmt.Fprintf(&text, "commit %s\n", line(data.Source.Commit))
	}
	fmt.Fprintf(&text, "tree %s\n", line(data.Source.Tree))
	if data.Extends != "" {
		fmt.Fprintf(&text, "extends %s\n", line(data.Extends))
	}
	for _, layer := range data.Layers {
		fmt.Fprintf(&text, "layer %s", line(layer.From))
		for _, part := range []struct{ word, value string }{{"to", layer.To}, {"when", layer.When}, {"each", layer.Each}, {"where", layer.Where}} {
			if part.value != "" {
				fmt.Fprintf(&text, ", %s %s", part.word, line(part.value))
			}
		}
		text.WriteString("\n")
	}
	for _, key := range slices.Sorted(maps.Keys(data.Policy)) {
		fmt.Fprintf(&text, "policy %s: %s\n", line(key), line(fmt.Sprint(data.Policy[key])))
	}
	for _, rule := range data.Rules {
		fmt.Fprintf(&text, "rule %s: %s\n", line(rule.ID), line(rule.Title))
	}
	for _, file := range data.Privileged {
		fmt.Fprintf(&text, "privileged %s\n", line(file))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Data is the same as a value.
func (t *Template) Data() any { return t.data() }

// Next is nothing.
func (t *Template) Next() Next { return Next{} }

// TemplateLinted is what is wrong with a pack.
type TemplateLinted struct {
	Source   string
	Problems fault.List
}

// Text is a line for each problem, with its hint.
func (t *TemplateLinted) Text(w io.Writer) error {
	for _, problem := range t.Problems {
		fmt.Fprintf(w, "%s\n  hint: %s\n", indented(placed(problem).Error(), "  "), indented(problem.Hint, "        "))
	}
	_, err := fmt.Fprintf(w, "%s: %d problems\n", line(t.Source), len(t.Problems))
	return err
}

// Data is the problems.
func (t *TemplateLinted) Data() any {
	problems := []Problem{}
	for _, e := range t.Problems {
		problems = append(problems, problemOf(e))
	}
	return map[string]any{"source": t.Source, "problems": problems}
}

// Next is nothing.
func (t *TemplateLinted) Next() Next { return Next{} }

// TemplateTested is what came of a pack's tests.
type TemplateTested struct{ Cases []engine.Case }

// Failed is how many cases are not as expected.
func (t *TemplateTested) Failed() int {
	failed := 0
	for _, c := range t.Cases {
		if len(c.Problems) > 0 {
			failed++
		}
	}
	return failed
}

// Text is a line for each case, and for each difference.
func (t *TemplateTested) Text(w io.Writer) error {
	for _, c := range t.Cases {
		word := "ok  "
		if len(c.Problems) > 0 {
			word = "FAIL"
		}
		fmt.Fprintf(w, "%s %s: %d files\n", word, line(c.Name), c.Files)
		for _, problem := range c.Problems {
			fmt.Fprintf(w, "  %s\n", line(problem))
		}
	}
	_, err := fmt.Fprintf(w, "%d tests, %d failed\n", len(t.Cases), t.Failed())
	return err
}

// Data is the cases.
func (t *TemplateTested) Data() any { return map[string]any{"cases": t.Cases} }

// Next is nothing.
func (t *TemplateTested) Next() Next { return Next{} }

// Vendored is a pack that has become a part of its project.
type Vendored struct{ Ref project.PackRef }

// Text says where it is.
func (v *Vendored) Text(w io.Writer) error {
	folder := line(strings.TrimPrefix(v.Ref.Source, "./"))
	_, err := fmt.Fprintf(w, "The pack is in %s now; commit it. Updates need nothing else.\n", folder)
	return err
}

// Data is what the lock says.
func (v *Vendored) Data() any { return v.Ref }

// Next is nothing.
func (v *Vendored) Next() Next { return Next{} }
