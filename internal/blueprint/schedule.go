package blueprint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// cronField is one of the six fields of a cron expression of EventBridge Scheduler.
type cronField struct {
	name     string
	from, to int
	// words is names of values, the first one for from.
	words []string
	// special matches the forms that only this field has.
	special *regexp.Regexp
}

// cronFields is from https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
//
//nolint:gochecknoglobals // immutable table
var cronFields = []cronField{
	{name: "minutes", from: 0, to: 59},
	{name: "hours", from: 0, to: 23},
	{name: "day of month", from: 1, to: 31, special: regexp.MustCompile(`^(\?|L|LW|([1-9]|[12]\d|3[01])W)$`)},
	{name: "month", from: 1, to: 12, words: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
	{name: "day of week", from: 1, to: 7, words: strings.Fields("SUN MON TUE WED THU FRI SAT"), special: regexp.MustCompile(`^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$`)},
	{name: "year", from: 1970, to: 2199},
}

const (
	cronForm     = "six fields are needed: minutes hours day-of-month month day-of-week year, such as cron(0 3 * * ? *)"
	scheduleForm = `expected "rate(15 minutes)" or "cron(0 3 * * ? *)"`
	classicCron  = 5
)

var rateForm = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)(s?)\)$`)

// scheduleProblem returns what EventBridge Scheduler would refuse of a schedule, and how to put it right.
func scheduleProblem(value string) (message, hint string) {
	if fields, ok := strings.CutPrefix(value, "cron("); ok && strings.HasSuffix(fields, ")") {
		return cronProblem(strings.Split(strings.TrimSuffix(fields, ")"), " "))
	}
	rate := rateForm.FindStringSubmatch(value)
	if rate == nil {
		return "it is neither a rate nor a cron expression", scheduleForm
	}
	number, unit := strings.TrimLeft(rate[1], "0"), rate[2]
	switch {
	case number == "":
		return "a rate of 0 never runs", scheduleForm
	case number != rate[1] || (number == "1") != (rate[3] == ""):
		if number != "1" {
			unit += "s"
		}
		return "the number and the unit do not agree", fmt.Sprintf(`did you mean "rate(%s %s)"?`, number, unit)
	default:
		return "", ""
	}
}

func cronProblem(fields []string) (message, hint string) {
	if len(fields) != len(cronFields) {
		message = fmt.Sprintf("the cron expression has %d fields", len(fields))
		if len(fields) == classicCron {
			return message,
				fmt.Sprintf("%s; did you mean %q?", cronForm, "cron("+strings.Join(fromClassic(fields), " ")+")")
		}
		return message, cronForm
	}
	for n := range cronFields {
		if !cronFields[n].allows(fields[n]) {
			return fmt.Sprintf("%s cannot be %q", cronFields[n].name, fields[n]), cronFields[n].hint()
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return "one of day of month and day of week is ?, and the other is not",
			"such as cron(0 3 * * ? *), or cron(0 3 ? * MON *)"
	}
	return "", ""
}

// fromClassic returns the six fields for the five of other crons.
func fromClassic(fields []string) []string {
	six := append([]string{}, append(fields, "*")...)
	if six[4] == "*" {
		six[4] = "?"
	} else if six[2] == "*" {
		six[2] = "?"
	}
	return six
}

// allows reports whether the field may have the value: a list of numbers, ranges and steps, or one of its special
// forms.
func (f *cronField) allows(value string) bool {
	if f.special != nil && f.special.MatchString(value) {
		return true
	}
	for item := range strings.SplitSeq(value, ",") {
		span, step, hasStep := strings.Cut(item, "/")
		if hasStep {
			if every, err := strconv.Atoi(step); err != nil || every < 1 || every > f.to {
				return false
			}
		}
		if span != "*" && !f.allowsSpan(span) {
			return false
		}
	}
	return true
}

// allowsSpan reports whether the field may have a value, or a range of values.
func (f *cronField) allowsSpan(span string) bool {
	first, last, isRange := strings.Cut(span, "-")
	from, ok := f.number(first)
	if !ok || !isRange {
		return ok
	}
	to, ok := f.number(last)
	return ok && from <= to
}

// number returns the number that a text is or names, and reports whether the field has it.
func (f *cronField) number(text string) (int, bool) {
	for n, word := range f.words {
		if word == text {
			return f.from + n, true
		}
	}
	number, err := strconv.ParseUint(text, 10, 16)
	return int(number), err == nil && int(number) >= f.from && int(number) <= f.to
}

func (f *cronField) hint() string {
	hint := fmt.Sprintf("expected %d to %d", f.from, f.to)
	if len(f.words) > 0 {
		hint += fmt.Sprintf(" or %s to %s", f.words[0], f.words[len(f.words)-1])
	}
	return hint + ", *, ranges such as 1-5, steps such as */2"
}
