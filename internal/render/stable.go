package render

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/Masterminds/sprig/v3"
)

// errUnstable is what a template may not print: addresses, and structures of this program, which have addresses in them
// and change from version to version. With them, two renders of the same blueprint would differ.
var errUnstable = errors.New("cannot be printed")

// passing is the functions that hand on their arguments as they are, or write them as JSON, which has no addresses. All
// others make texts of them.
var passing = strings.Fields( //nolint:gochecknoglobals // immutable table
	`default empty coalesce ternary all any list dict first last rest initial append prepend concat
	compact uniq without has reverse get hasKey pick omit dig kindIs kindOf toJson toPrettyJson`)

// textName is the function through which everything goes that a template prints.
const textName = "_text"

// printable returns a value that a template prints, unless it must not. As text/template does, it takes for a pointer
// what it points to.
func printable(value any) (any, error) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() {
		return value, nil
	}
	if err := checkStable(v, 0); err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// checkStable reports whether a value is printed in the same way each time: a text, a number, a boolean, or a list or a
// dictionary of them.
func checkStable(value reflect.Value, nesting int) error {
	if nesting > maxNesting {
		return tooMuch("values in each other")
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Struct, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("a value of type %s %w", value.Type(), errUnstable)
	case reflect.Interface:
		return checkStable(value.Elem(), nesting)
	case reflect.Slice, reflect.Array, reflect.Map:
		kind := value.Type()
		if isScalar(kind.Elem().Kind()) && (kind.Kind() != reflect.Map || isScalar(kind.Key().Kind())) {
			return nil
		}
		return checkElements(value, nesting+1)
	default:
		return nil
	}
}

// checkElements is checkStable for what is in a list or a dictionary.
func checkElements(value reflect.Value, nesting int) error {
	for key, element := range value.Seq2() {
		if err := checkStable(key, nesting); err != nil {
			return err
		}
		if err := checkStable(element, nesting); err != nil {
			return err
		}
	}
	return nil
}

// isScalar reports whether all values of a kind are printed in the same way each time.
func isScalar(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Complex128 && kind != reflect.Uintptr || kind == reflect.String
}

// dictionary is sprig's dict, which makes texts of its keys.
func dictionary(entries ...any) (map[string]any, error) {
	for n := 0; n < len(entries); n += 2 {
		if err := checkStable(reflect.ValueOf(entries[n]), 0); err != nil {
			return nil, fmt.Errorf("a key: %w", err)
		}
	}
	return sprigDict(entries...), nil
}

// sprigDict is sprig's own dict.
var sprigDict = sprig.TxtFuncMap()["dict"].(func(...any) map[string]any) //nolint:gochecknoglobals // immutable
