package pack

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Layer is a folder of a pack. Its files go to the folder To of the project.
type Layer struct {
	From      string
	To        string
	Condition string
	// Each is the list of the blueprint for whose items the layer applies, one after the other, and Where the condition
	// for an item. Without it the layer applies once.
	Each  string
	Where string
	// Only is patterns of the files that the layer takes from its folder; it takes all of them if there is none.
	Only []string
	// Files is the folder of the pack that the layer is of, and IsForeign says that the pack is not built in.
	Files     fs.FS
	IsForeign bool
	program   *vm.Program
	where     *vm.Program
}

// Takes says whether a file of the layer's folder belongs to the layer; name is relative to the folder.
func (l *Layer) Takes(name string) bool {
	return len(l.Only) == 0 || slices.ContainsFunc(l.Only, func(glob string) bool { return matches(glob, name) })
}

// Has says whether a file of the pack belongs to the layer.
func (l *Layer) Has(file string) bool {
	name, ok := strings.CutPrefix(file, l.From+"/")
	return ok && l.Takes(name)
}

// Target is where a file of the layer goes in a project.
func (l *Layer) Target(file string) string {
	return path.Join(l.To, strings.TrimSuffix(strings.TrimPrefix(file, l.From+"/"), ".tmpl"))
}

// HasOwned says whether a file of the layer could have the owner of the rule.
func (l *Layer) HasOwned(rule OwnerRule) bool {
	found := false
	_ = fs.WalkDir(l.Files, l.From, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && l.Has(file) {
			found = found || matches(rule.Glob, l.Target(file))
		}
		return err
	})
	return found
}

func (l *Layer) compile() fault.List {
	var problems fault.List
	if info, err := fs.Stat(l.Files, l.From); err != nil || !info.IsDir() || l.From == "." {
		problems = append(problems, problem(fmt.Sprintf("there is no folder %q for a layer", l.From),
			"make it, or remove the layer"))
	}
	for _, pattern := range l.Only {
		if found, err := fs.Glob(l.Files, path.Join(l.From, pattern)); err != nil || len(found) == 0 {
			problems = append(problems, problem(fmt.Sprintf("layer %s has no file %q", l.From, pattern),
				"correct the pattern, or remove it"))
		}
	}
	if l.Each != "" && !slices.Contains(blueprint.Sections(), l.Each) {
		problems = append(problems, problem(fmt.Sprintf("layer %s cannot apply to each of %q", l.From, l.Each),
			"allowed: "+strings.Join(blueprint.Sections(), ", ")))
	}
	if l.Where != "" && l.Each == "" {
		problems = append(problems, problem(fmt.Sprintf("layer %s says where, and not for each of what", l.From),
			"each: functions"))
	}
	return append(problems, l.compileConditions()...)
}

func (l *Layer) compileConditions() fault.List {
	var problems fault.List
	var err error
	if l.program, err = compile(l.Condition, Env{}); err != nil {
		problems = append(problems, caused(err, "layer "+l.From, "conditions can ask for the inputs and for policy"))
	}
	if l.where, err = compile(l.Where, ItemEnv{}); err != nil {
		problems = append(problems, caused(err, "layer "+l.From,
			"where can ask for name, trigger, the inputs and policy"))
	}
	return problems
}

// conditionBuiltins is the functions of expr that conditions have: those that ask about their arguments, and make
// nothing much larger of them. The clock is not among them.
const conditionBuiltins = `all any one none filter map count find findIndex len lower upper trim trimPrefix trimSuffix
	first last keys values get int float string toJSON`

// What a condition may have. expr itself bounds the memory of one that runs, and has no loop without an end.
const (
	maxConditionBytes = 2000
	maxConditionNodes = 500
)

// compile is the program of a condition; nil for none.
func compile(condition string, env any) (*vm.Program, error) {
	if condition == "" {
		return nil, nil
	}
	if len(condition) > maxConditionBytes {
		return nil, fmt.Errorf("a condition has more than %d characters", maxConditionBytes)
	}
	options := []expr.Option{expr.Env(env), expr.AsBool(), expr.MaxNodes(maxConditionNodes), expr.DisableAllBuiltins()}
	for name := range strings.FieldsSeq(conditionBuiltins) {
		options = append(options, expr.EnableBuiltin(name))
	}
	return expr.Compile(condition, options...)
}

// Applies says whether the layer's condition holds.
func (l *Layer) Applies(env Env) (bool, error) { return l.holds(l.program, env) }

// AppliesTo says whether the layer applies to one item of its list.
func (l *Layer) AppliesTo(item ItemEnv) (bool, error) { return l.holds(l.where, item) }

func (l *Layer) holds(program *vm.Program, env any) (bool, error) {
	return holds("layer "+l.From, program, env)
}

// holds says whether a condition holds; none always does. What is whose condition it is.
func holds(what string, program *vm.Program, env any) (bool, error) {
	if program == nil {
		return true, nil
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return false, &fault.Error{
			Code: fault.Invalid, Place: fault.Place{File: ManifestName}, Message: what, Err: err,
			Hint: "change the condition",
		}
	}
	return result.(bool), nil
}
