package render

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"

	"github.com/serverless-scaffold/scaffold/internal/blueprint"
	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// What one render may cost. Packs come from elsewhere too, and a template must not be able to use up this machine. The
// largest project that the tests render, of a thousand functions, has 5,200 files and 6 MB, and takes 41,000 steps.
const (
	maxFiles     = 50_000
	maxFileBytes = 4 << 20
	maxBytes     = 128 << 20
	maxSteps     = 1_000_000
	// maxCallBytes bounds what one function may make of its arguments, before it is called; maxWork bounds the sum over
	// all calls.
	maxCallBytes = 4 << 20
	maxWork      = 16 << 20
)

// budget is what is left of those limits.
type budget struct {
	files, bytes, steps, work int
	funcs                     template.FuncMap
	// left is the bytes that the template in execution may still print.
	left int
	out  bytes.Buffer
}

func newBudget() *budget {
	b := &budget{files: maxFiles, bytes: maxBytes, steps: maxSteps, work: maxWork, funcs: functions()}
	for name, function := range b.funcs {
		b.funcs[name] = b.bounded(name, function)
	}
	b.funcs[stepName] = func() (string, error) {
		if b.steps--; b.steps < 0 {
			return "", tooMuch("%d steps", maxSteps)
		}
		return "", nil
	}
	b.funcs[textName] = printable
	return b
}

// limitError says which limit of a render was reached.
type limitError struct{ limit string }

func tooMuch(format string, args ...any) error {
	return &limitError{limit: fmt.Sprintf(format, args...)}
}

// Error returns the message with the limit.
func (e *limitError) Error() string {
	return "this template asks for more than a template may have: " + e.limit
}

// spend takes a file of n bytes from the budget.
func (b *budget) spend(name string, n int) error {
	b.files--
	b.bytes -= n
	if b.files < 0 || b.bytes < 0 {
		return templateError(name, tooMuch("%d files and %d MB in a project", maxFiles, maxBytes>>20))
	}
	return nil
}

// Write collects what a template prints.
func (b *budget) Write(text []byte) (int, error) {
	b.left -= len(text)
	if b.left < 0 {
		return 0, tooMuch("%d MB in a file", maxFileBytes>>20)
	}
	return b.out.Write(text)
}

// stepName is the function that counts. A template that calls it has less left for itself.
const stepName = "_step"

func (b *budget) execute(name string, text []byte, data Data, traced bool) ([]byte, []Origin, error) {
	parsed, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Funcs(b.funcs).Parse(string(text))
	if err != nil {
		return nil, nil, templateError(name, err)
	}
	marks := &marks{text: string(text), lines: strings.Split(string(text), "\n")}
	for _, defined := range parsed.Templates() {
		if traced {
			marks.place(defined.Root, nil)
		}
		instrument(defined.Root)
	}
	b.left = maxFileBytes
	b.out.Reset()
	if err := parsed.Execute(b, data); err != nil {
		return nil, nil, templateError(name, err)
	}
	if traced {
		content, origins := marks.read(b.out.Bytes())
		return content, origins, nil
	}
	return bytes.Clone(b.out.Bytes()), nil, nil
}

// instrument makes every turn of a loop and every call of a template take a step from the budget, and checks every
// value that is printed.
func instrument(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			if len(node.Pipe.Decl) == 0 {
				node.Pipe.Cmds = append(node.Pipe.Cmds, call(textName))
			}
		case *parse.RangeNode:
			instrument(node.List)
			instrument(node.ElseList)
		case *parse.IfNode:
			instrument(node.List)
			instrument(node.ElseList)
		case *parse.WithNode:
			instrument(node.List)
			instrument(node.ElseList)
		}
	}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{call(stepName)}}
	list.Nodes = append([]parse.Node{&parse.ActionNode{NodeType: parse.NodeAction, Pipe: pipe}}, list.Nodes...)
}

// call returns the call of a function in a template, without arguments but for what a pipe brings.
func call(function string) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(function)}}
}

// bounded is the function, refusing arguments of which it could make too much. The functions have different types, of
// which few have an error to answer; text/template makes an error of a panic in any of them.
func (b *budget) bounded(name string, function any) any {
	inner := reflect.ValueOf(function)
	return reflect.MakeFunc(inner.Type(), func(args []reflect.Value) []reflect.Value {
		size := 1
		for _, arg := range args {
			size = product(size, measure(arg, strings.Contains(repeating, "|"+name+"|"), 0))
			if err := checkStable(arg, 0); err != nil && !slices.Contains(passing, name) {
				panic(err)
			}
		}
		if b.work -= size; size > maxCallBytes || b.work < 0 {
			panic(tooMuch("%s of so much", name))
		}
		if inner.Type().IsVariadic() {
			return inner.CallSlice(args)
		}
		return inner.Call(args)
	}).Interface()
}

// repeating is the functions of which a number asks for as many repetitions.
const repeating = "|repeat|indent|nindent|"

// maxNesting is how deep lists and dictionaries may lie in each other; printing goes that deep too.
const maxNesting = 64

// measure is how much a function can make of an argument: the bytes of a text, those of the elements of a list or a
// dictionary, or, where it repeats, a number.
func measure(value reflect.Value, repeats bool, nesting int) int {
	if nesting > maxNesting {
		return maxCallBytes + 1
	}
	switch value.Kind() {
	case reflect.Interface:
		return measure(value.Elem(), repeats, nesting)
	case reflect.String:
		return max(1, value.Len())
	case reflect.Slice, reflect.Array, reflect.Map:
		total := 1
		for key, element := range value.Seq2() {
			if total > maxCallBytes {
				break
			}
			if value.Kind() == reflect.Map {
				total += measure(key, false, nesting+1)
			}
			total += measure(element, repeats, nesting+1)
		}
		return total
	case reflect.Int, reflect.Int64, reflect.Int32:
		if !repeats {
			return 1
		}
		return int(min(max(1, value.Int()), maxCallBytes+1))
	default:
		return 1
	}
}

// product returns the product of two sizes, of which none is larger than a little more than maxCallBytes.
func product(a, b int) int {
	if a > maxCallBytes/b {
		return maxCallBytes + 1
	}
	return a * b
}

// functions is what templates can call besides what text/template brings. All of them are functions of their arguments.
// Of sprig these are the ones that a template of files has a use for; what reads the environment, the clock, the
// network or files, makes keys or chances, or answers maps in the order in which they happen to lie is not among them.
func functions() template.FuncMap {
	all, chosen := sprig.TxtFuncMap(), template.FuncMap{}
	for name := range strings.FieldsSeq(sprigFunctions) {
		chosen[name] = all[name]
	}
	maps.Copy(chosen, template.FuncMap{
		"dict":  dictionary,
		"camel": blueprint.Camel, "pascal": blueprint.Pascal, "snake": blueprint.Snake,
		// These are text/template's own, which have to be bounded too.
		"print": fmt.Sprint, "printf": sprintf, "println": fmt.Sprintln, "html": template.HTMLEscaper,
		"js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	})
	return chosen
}

const sprigFunctions = `
	trim trimAll trimSuffix trimPrefix upper lower title untitle substr trunc contains hasPrefix hasSuffix quote squote cat indent nindent
	replace plural snakecase camelcase kebabcase regexMatch regexFind regexReplaceAll regexReplaceAllLiteral regexSplit
	splitList split join sortAlpha list first last rest initial append prepend concat compact uniq without has reverse
	add sub mul div mod max min add1 addf subf mulf divf ceil floor round int int64 float64 toString toStrings toJson toPrettyJson
	default empty coalesce ternary all any dict get hasKey pick omit dig kindIs kindOf fail semver semverCompare sha256sum b64enc repeat`

// wide is a width or a precision of a hundred and more, or one that comes from an argument.
var wide = regexp.MustCompile(`%[^%A-Za-z]*(\d{3,}|\*)`)

// verb matches a verb of printf with its flags, its width and the number of its argument.
var verb = regexp.MustCompile(`%[-+# 0-9.*\[\]]*(.)`)

func sprintf(format string, args ...any) (string, error) {
	for _, found := range verb.FindAllStringSubmatch(format, -1) {
		if found[1] == "p" {
			return "", fmt.Errorf("%w: %%p prints an address", errUnstable)
		}
	}
	if wide.MatchString(format) {
		return "", tooMuch("printf of such a width")
	}
	return fmt.Sprintf(format, args...), nil
}

func templateError(name string, err error) error {
	if limit, ok := errors.AsType[*limitError](err); ok {
		return &fault.Error{
			Code: fault.Refused, Place: fault.Place{File: name}, Message: limit.Error(),
			Hint: "take another pack, or tell its authors",
		}
	}
	e := &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: "this template cannot be rendered", Err: err,
		Hint: "templates see .Blueprint, .Policy and, for each, .Item",
	}
	if errors.Is(err, errUnstable) {
		e.Hint = "print texts, numbers, booleans, and lists and dictionaries of them; toJson writes everything else"
	}
	return e
}
