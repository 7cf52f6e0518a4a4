// Package render turns a blueprint, a policy and a pack into a plan. It is a function of its arguments:
// the same blueprint gives the same bytes, on every machine and on every day.
package render

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/pack"
	"github.com/serverless-scaffold/scaffold/internal/plan"
	"github.com/serverless-scaffold/scaffold/internal/quality"
)

// suffix marks the files of a layer that are templates.
const suffix = ".tmpl"

// Data is what a template sees.
type Data struct {
	Blueprint *blueprint.Blueprint
	Policy    *quality.Policy
	// Item is the function or the resource to which a layer is applied that has `each`.
	Item *Item
}

// Item is one function or resource of the blueprint.
type Item struct {
	Name    string
	Trigger blueprint.Trigger
	Uses    []string
}

// renderer applies layers to a plan.
type renderer struct {
	pack   *pack.Pack
	env    pack.Env
	data   Data
	budget *budget
	plan   *plan.Plan
	// traced is the path of the file whose lines are traced to the template's; origins is what came of it.
	traced  string
	origins []Origin
}

// Render applies the layers of the pack in order.
func Render(p *pack.Pack, b *blueprint.Blueprint, policy *quality.Policy) (*plan.Plan, error) {
	rendered, _, err := Trace(p, b, policy, "")
	return rendered, err
}

// Trace renders, and says of each line of one file where it comes from. It says nothing of a file that was copied.
func Trace(p *pack.Pack, b *blueprint.Blueprint, policy *quality.Policy, file string) (*plan.Plan, []Origin, error) {
	if err := checkReserved(p, b); err != nil {
		return nil, nil, err
	}
	r := newRenderer(p, b, policy, file)
	if err := r.renderLayers(); err != nil {
		return nil, nil, err
	}
	return r.plan, r.origins, nil
}

func newRenderer(p *pack.Pack, b *blueprint.Blueprint, policy *quality.Policy, traced string) *renderer {
	return &renderer{
		pack:   p,
		env:    pack.EnvOf(b, policy),
		data:   Data{Blueprint: b, Policy: policy},
		budget: newBudget(),
		plan:   &plan.Plan{},
		traced: traced,
	}
}

func (r *renderer) renderLayers() error {
	for _, layer := range r.pack.Layers {
		applies, err := layer.Applies(r.env)
		if err == nil && applies {
			err = r.apply(layer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkReserved refuses names that the pack's own parts have.
func checkReserved(p *pack.Pack, b *blueprint.Blueprint) error {
	var problems fault.List
	for _, section := range blueprint.Sections() {
		for _, item := range items(b, section) {
			for _, name := range []string{item.Name, item.Trigger.Path} {
				if slices.Contains(p.Reserved, name) {
					problems = append(problems, &fault.Error{
						Code:    fault.Invalid,
						Message: fmt.Sprintf("%s: the service itself has something called %q", section, name),
						Hint:    "choose another name",
					})
				}
			}
		}
	}
	return append(problems, checkParameters(p, b)...).OrNil()
}

// checkParameters refuses two names for one variable part of a path: API Gateway knows one.
func checkParameters(p *pack.Pack, b *blueprint.Blueprint) fault.List {
	paths := slices.DeleteFunc(slices.Clone(p.Reserved), func(name string) bool {
		return !strings.HasPrefix(name, "/")
	})
	for _, function := range b.Routes() {
		paths = append(paths, function.Trigger.Path)
	}
	var problems fault.List
	named := map[string]string{}
	for _, path := range paths {
		prefix := ""
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, "{") {
				if other := named[prefix]; other != "" && other != part {
					problems = append(problems, &fault.Error{
						Code:    fault.Invalid,
						Message: fmt.Sprintf("functions: the path %s has %s where another has %s", path, part, other),
						Hint:    "give the variable part one name",
					})
				}
				named[prefix] = part
			}
			prefix += "/" + part
		}
	}
	return problems
}

// items is the functions or resources of a list of the blueprint.
func items(b *blueprint.Blueprint, section string) []*Item {
	var found []*Item
	for _, function := range b.Functions {
		if section == "functions" {
			found = append(found, &Item{Name: function.Name, Trigger: function.Trigger, Uses: function.Uses})
		}
	}
	for _, resources := range blueprint.ResourceSections() {
		for _, resource := range resources.Of(b) {
			if section == resources.Key {
				found = append(found, &Item{Name: resource.Name})
			}
		}
	}
	return found
}

// apply renders a layer once, or for each item of its list.
func (r *renderer) apply(layer *pack.Layer) error {
	files, err := r.filesOf(layer)
	if err != nil {
		return err
	}
	if layer.Each == "" {
		return r.renderAll(layer, files, nil)
	}
	for _, item := range items(r.data.Blueprint, layer.Each) {
		applies, err := layer.AppliesTo(pack.ItemEnv{Env: r.env, Name: item.Name, Trigger: item.Trigger})
		if err == nil && applies {
			err = r.renderAll(layer, files, item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// filesOf is the paths of a layer's files in the pack.
func (r *renderer) filesOf(layer *pack.Layer) ([]string, error) {
	var files []string
	err := fs.WalkDir(layer.Files, layer.From, func(source string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && layer.Takes(strings.TrimPrefix(source, layer.From+"/")) {
			files = append(files, source)
		}
		return err
	})
	return files, fault.Wrap(err, "reading layer %s", layer.From)
}

// renderAll renders the files of a layer, for an item if the layer has them.
func (r *renderer) renderAll(layer *pack.Layer, files []string, item *Item) error {
	for _, source := range files {
		if err := r.render(layer, source, item); err != nil {
			return err
		}
	}
	return nil
}

// read returns the bytes of a file of a pack, and the mode that it has in a project: of the bits of its own, only
// whether it is executable counts.
func read(files fs.FS, name string) (content []byte, mode fs.FileMode, err error) {
	content, err = fs.ReadFile(files, name)
	if err != nil {
		return nil, 0, fault.Wrap(err, "reading %s", name)
	}
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, 0, fault.Wrap(err, "reading %s", name)
	}
	if info.Mode()&0o111 != 0 {
		return content, 0o755, nil
	}
	return content, 0o644, nil
}

func (r *renderer) render(layer *pack.Layer, source string, item *Item) error {
	content, mode, err := read(layer.Files, source)
	if err != nil {
		return err
	}
	target := path.Join(layer.To, strings.TrimPrefix(source, layer.From+"/"))
	from := layer.From
	if item != nil {
		target = strings.NewReplacer("__name__", item.Name, "__snake__", blueprint.Snake(item.Name)).Replace(target)
		from += " (" + item.Name + ")"
	}
	var origins []Origin
	if name, ok := strings.CutSuffix(target, suffix); ok {
		data := r.data
		data.Item = item
		target = name
		if content, origins, err = r.budget.execute(source, content, data, target == r.traced); err != nil {
			return err
		}
	}
	if target == r.traced {
		r.origins = origins
	}
	if err := r.budget.spend(source, len(content)); err != nil {
		return err
	}
	file := &plan.File{
		Path: target, Data: content, Mode: mode, Owner: r.pack.OwnerOf(target), Layer: from,
		Source: source, IsForeign: layer.IsForeign, Kind: r.pack.KindOf(target), Condition: conditionOf(layer),
	}
	if item != nil {
		return r.plan.AddNew(file)
	}
	return r.plan.Add(file)
}

// conditionOf returns the conditions of a layer as one.
func conditionOf(layer *pack.Layer) string {
	if layer.Condition == "" || layer.Where == "" {
		return layer.Condition + layer.Where
	}
	return layer.Condition + " && " + layer.Where
}
