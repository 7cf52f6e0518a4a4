package blueprint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// minReason is how many characters a reason has at least: a reader has to be able to argue with it.
const minReason = 20

// Waiver says that a control need not hold somewhere, and why.
type Waiver struct {
	// Rule is the control's id.
	Rule string `json:"rule"`
	// Path is a pattern for the files that it is about; * stands for anything but a slash, ** for anything.
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Expires is the last day on which it holds, as 2006-01-02; empty for one that does not end.
	Expires string `json:"expires,omitempty"`

	Place fault.Place `json:"-"`
}

var (
	date     = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
	wildcard = regexp.MustCompile(`\\\*(\\\*)?`)
)

// Covers says whether the waiver is about a control in a file.
func (w *Waiver) Covers(rule, file string) bool {
	if w.Rule != rule {
		return false
	}
	pattern := wildcard.ReplaceAllStringFunc(regexp.QuoteMeta(w.Path), func(stars string) string {
		if stars == `\*` {
			return `[^/]*`
		}
		return `.*`
	})
	return w.Path == "" || regexp.MustCompile("^"+pattern+"$").MatchString(file)
}

// waivers reads the list of waivers.
func (r *reader) waivers(node ast.Node) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.problem(r.place(node), "waivers has a value of the wrong type", "expected a list of {rule, path, reason, expires}")
		return
	}
	for _, item := range sequence.Values {
		waiver := Waiver{Place: r.place(item)}
		fields := map[string]*string{"rule": &waiver.Rule, "path": &waiver.Path, "reason": &waiver.Reason, "expires": &waiver.Expires}
		for _, entry := range entries(item) {
			key := entry.Key.GetToken().Value
			field, known := fields[key]
			if !known {
				r.problem(r.place(entry.Key), fmt.Sprintf("there is no key %q in a waiver", key), oneOf(key, []string{"rule", "path", "reason", "expires"}))
				continue
			}
			*field = strings.TrimSpace(textOf(entry.Value))
		}
		r.checkWaiver(&waiver)
		r.draft.waivers = append(r.draft.waivers, waiver)
	}
}

func (r *reader) checkWaiver(w *Waiver) {
	what := "the waiver of " + w.Rule
	if w.Rule == "" {
		what = "the waiver"
		r.problem(w.Place, "a waiver names no rule", "rule: the id that `scaffold check` prints")
	}
	if len(w.Reason) < minReason {
		r.problem(w.Place, what+" has no reason that one could argue with",
			fmt.Sprintf("reason: at least %d characters", minReason))
	}
	if w.Expires != "" && !date.MatchString(w.Expires) {
		r.problem(w.Place, fmt.Sprintf("%s expires on %q", what, w.Expires), "expected a date such as 2027-03-01")
	}
}

func entries(node ast.Node) []*ast.MappingValueNode {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}
	default:
		return nil
	}
}

// textOf returns the text of a value; an unquoted date is text too.
func textOf(node ast.Node) string {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value
	case *ast.LiteralNode:
		return node.Value.Value
	default:
		return node.GetToken().Value
	}
}
