package engine

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/render"
)

// ExplainRequest names a file of a project, and a line of it; 0 for the whole file.
type ExplainRequest struct {
	Dir  string
	Path string
	Line int
	Pack PackOptions
}

// Explanation is why a file is there, and a line of it.
type Explanation struct {
	Path  string     `json:"path"`
	Owner plan.Owner `json:"owner"`
	// Pack, Layer and Template are what it is rendered from; Condition is why the layer applies, empty if it always does.
	Pack      string `json:"pack"`
	Layer     string `json:"layer"`
	Template  string `json:"template"`
	Condition string `json:"condition,omitempty"`
	// IsEdited says that the file is not as it was rendered; then Line is not known for certain.
	IsEdited bool `json:"edited"`
	// TemplateLine is where the line comes from, and Asks what the template asks before it prints it.
	TemplateLine int      `json:"templateLine,omitempty"`
	Asks         []string `json:"asks,omitempty"`
	// Inputs is the inputs of the blueprint that it depends on, Settings the settings of the level, and Controls what they serve.
	Inputs   []Reason          `json:"inputs"`
	Settings []Reason          `json:"settings"`
	Controls []quality.Control `json:"controls"`

	// text is the line of the template, and stricter the settings of the pack.
	text     string
	stricter map[string]any
}

// Reason is an input or a setting with its value.
type Reason struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Value string `json:"value"`
}

// Explain says why a file, or a line of it, is in a project.
func (e *Engine) Explain(ctx context.Context, request ExplainRequest) (*Explanation, error) {
	state, err := e.read(ctx, request.Dir)
	if err != nil {
		return nil, err
	}
	b, err := blueprint.Parse(blueprint.FileName, state.Blueprint)
	if err != nil {
		return nil, err
	}
	loaded, err := e.pack(ctx, b, packRequest{PackOptions: request.Pack.asLocked(), lock: state.Lock.Pack, project: request.Dir})
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(b.Level, loaded.Policy)
	if err != nil {
		return nil, err
	}
	name := path.Clean(request.Path)
	rendered, origins, err := render.Trace(loaded.Pack, b, policy, name)
	if err != nil {
		return nil, err
	}
	files := rendered.Files()
	n := slices.IndexFunc(files, func(f *plan.File) bool { return f.Path == name })
	if n < 0 {
		return nil, notRendered(state, name)
	}
	why := &Explanation{
		Path: name, Owner: files[n].Owner, Pack: loaded.ref.Source, Layer: files[n].Layer, Template: files[n].Source, Condition: files[n].Condition,
		IsEdited: state.IsEdited(name), stricter: loaded.Policy, Inputs: []Reason{}, Settings: []Reason{}, Controls: []quality.Control{},
	}
	if loaded.IsForeign && !files[n].IsForeign {
		why.Pack = builtin + loaded.Extends + ", which " + loaded.ref.Source + " extends"
	}
	if err := why.explainLine(request.Line, origins, files[n].Data); err != nil {
		return nil, err
	}
	return why, why.explainConditions(b)
}

// notRendered is an error that says whose a file is that the pack does not render.
func notRendered(state *project.State, name string) error {
	message, hint := "scaffold has not rendered this file; it is yours", "blueprint.lock lists what scaffold has rendered"
	if name == blueprint.FileName {
		message, hint = "this is what you want; it is yours", "edit it, and run: scaffold update"
	} else if project.IsRecord(name) {
		message, hint = "scaffold itself keeps this file, to know what it has rendered", "commit it; blueprint.yaml is yours to edit"
	} else if _, was := state.Lock.Files[name]; was {
		message, hint = "this file is not rendered any more", "scaffold update"
	}
	return &fault.Error{Code: fault.Invalid, Place: fault.Place{File: name}, Message: message, Hint: hint}
}

func (w *Explanation) explainLine(line int, origins []render.Origin, content []byte) error {
	if line == 0 {
		return nil
	}
	count := strings.Count(string(content), "\n")
	if line > max(count, len(origins)) {
		return &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: w.Path, Line: line, Column: 1}, Message: fmt.Sprintf("the file is rendered with %d lines", count),
			Hint: "an edited file may have others",
		}
	}
	w.TemplateLine = line
	if len(origins) > 0 {
		w.TemplateLine, w.Asks, w.text = origins[line-1].Line, origins[line-1].Conditions, origins[line-1].Text
	}
	return nil
}

var (
	settingName = regexp.MustCompile(`\b[Pp]olicy\.([A-Z]\w*)\.([A-Z]\w*)`)
	inputName   = regexp.MustCompile(`\b(?:Blueprint\.(\w+)|(platform|runtime|iac|ci|updates|observability|functions|tables|queues|buses|secrets|trigger)\b)`)
)

// explainConditions finds the inputs and the settings that the layer and the line depend on.
func (w *Explanation) explainConditions(b *blueprint.Blueprint) error {
	text := strings.Join(append([]string{w.Condition, w.text}, w.Asks...), "\n")
	catalogue, err := quality.Load()
	if err != nil {
		return err
	}
	controls, err := quality.Controls()
	if err != nil {
		return err
	}
	level := slices.IndexFunc(catalogue.Levels, func(l quality.Level) bool { return l.Name == b.Level })
	for _, match := range settingName.FindAllStringSubmatch(text, -1) {
		key := strings.ToLower(match[1] + "." + match[2])
		n := slices.IndexFunc(catalogue.Settings, func(s quality.Setting) bool { return strings.ToLower(s.Key) == key })
		if n < 0 || slices.ContainsFunc(w.Settings, func(r Reason) bool { return r.Key == catalogue.Settings[n].Key }) {
			continue
		}
		setting := catalogue.Settings[n]
		w.Settings = append(w.Settings, Reason{setting.Key, setting.Title, fmt.Sprint(setting.ValueWith(level, w.stricter))})
		for _, control := range controls {
			isKnown := slices.ContainsFunc(w.Controls, func(c quality.Control) bool { return c.ID == control.ID })
			if slices.Contains(control.Settings, setting.Key) && !isKnown {
				w.Controls = append(w.Controls, control)
			}
		}
	}
	for _, match := range inputName.FindAllStringSubmatch(text, -1) {
		w.addInput(b, strings.ToLower(match[1]+match[2]))
	}
	return nil
}

func (w *Explanation) addInput(b *blueprint.Blueprint, name string) {
	for _, input := range blueprint.Inputs() {
		if strings.ToLower(input.Key) == name && !slices.ContainsFunc(w.Inputs, func(r Reason) bool { return r.Key == input.Key }) {
			w.Inputs = append(w.Inputs, Reason{input.Key, input.Help, input.Get(b)})
		}
	}
}
