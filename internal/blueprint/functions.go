package blueprint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// Function is a function that a service has besides those of its pack.
type Function struct {
	Name    string
	Trigger Trigger
	// Uses is the names of the resources that the function may use.
	Uses []string
}

// Trigger is what a function is invoked by. Only the fields of its type are set.
type Trigger struct {
	Type       string
	Method     string
	Path       string
	Queue      string
	DetailType string
	Source     string
	Bus        string
	Schedule   string
	Bucket     string
	Table      string
	Provider   string
}

// Resource is a table, a queue, a bus or a secret that a service has besides those of its pack.
type Resource struct{ Name string }

// TriggerType is one kind of event source.
type TriggerType struct {
	Name, Help string
	Options    []TriggerOption
}

// TriggerOption is one thing to say about a trigger.
type TriggerOption struct {
	// Key is its key in blueprint.yaml; its flag is the same in lower case with hyphens.
	Key, Help string
	// Default is its value where nothing was given; without one the option is needed, unless it is Optional.
	Default  func(service string, f *Function) string
	Optional bool
	// Allowed is all values, where they can be listed; otherwise Pattern is what they look like, and Like says so in words.
	Allowed []string
	Pattern *regexp.Regexp
	Like    string
	// Example is a value, for an option that has neither a default nor a list of values.
	Example string
	// RefersTo is the section of the blueprint that must have something of this name.
	RefersTo string

	// problem returns what is wrong with a value, and how to put it right; nil for nothing besides the Pattern.
	problem func(value string) (message, hint string)
	field   func(*Trigger) *string
}

// TriggerTypes returns the declaration of all triggers, in the order in which they are listed.
func TriggerTypes() []TriggerType { return slices.Clone(triggerTypes) }

//nolint:gochecknoglobals // immutable table
var triggerTypes = []TriggerType{
	{Name: "http", Help: "a route of the API, whose callers bring a token", Options: []TriggerOption{
		{
			Key: "method", Help: "the HTTP method", Default: always("GET"), Allowed: []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
			field: func(t *Trigger) *string { return &t.Method },
		},
		{
			Key: "path", Help: "the route's path", Default: func(_ string, f *Function) string { return "/" + f.Name },
			Pattern: regexp.MustCompile(`^(/([a-z0-9][a-z0-9-]*|\{[a-z][A-Za-z0-9]*\}))+$`), Like: "a path such as /reports/{id}",
			field: func(t *Trigger) *string { return &t.Path },
		},
	}},
	{Name: "sqs", Help: "the messages of a queue, one by one", Options: []TriggerOption{
		{
			Key: "queue", Help: "a queue of the blueprint; without it the function gets one of its own", Optional: true, RefersTo: "queues",
			field: func(t *Trigger) *string { return &t.Queue },
		},
	}},
	{Name: "eventbridge", Help: "the events of one type on a bus, through a queue", Options: []TriggerOption{
		{
			Key: "detailType", Help: "the type of the events", Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]*$`), Like: "a detail type such as order.completed", Example: "order.completed",
			field: func(t *Trigger) *string { return &t.DetailType },
		},
		{
			Key: "source", Help: "who sends the events", Default: func(service string, _ *Function) string { return service },
			Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`), Like: "an event source such as payments or aws.s3",
			field: func(t *Trigger) *string { return &t.Source },
		},
		{
			Key: "bus", Help: "a bus of the blueprint; without it the service's own", Optional: true, RefersTo: "buses",
			field: func(t *Trigger) *string { return &t.Bus },
		},
	}},
	{Name: "schedule", Help: "the clock", Options: []TriggerOption{
		{
			Key: "schedule", Help: "when to run: rate(15 minutes), or cron(minutes hours day-of-month month day-of-week year)", problem: scheduleProblem, Example: "rate(15 minutes)",
			field: func(t *Trigger) *string { return &t.Schedule },
		},
	}},
	{Name: "sns", Help: "the messages of a topic of its own, through a queue"},
	{Name: "s3", Help: "new objects in a bucket of its own, through a queue", Options: []TriggerOption{
		{
			Key: "bucket", Help: "what the bucket is called in the code", Default: func(_ string, f *Function) string { return f.Name }, Pattern: word, Like: wordLike,
			field: func(t *Trigger) *string { return &t.Bucket },
		},
	}},
	{Name: "dynamodb-stream", Help: "the changes of a table's items", Options: []TriggerOption{
		{Key: "table", Help: "a table of the blueprint", RefersTo: "tables", field: func(t *Trigger) *string { return &t.Table }},
	}},
	{Name: "webhook", Help: "the deliveries of one provider at /webhooks/PROVIDER, their signatures verified, through a queue", Options: []TriggerOption{
		{
			Key: "provider", Help: "who delivers", Allowed: []string{"github", "stripe", "slack", "custom"},
			field: func(t *Trigger) *string { return &t.Provider },
		},
	}},
}

func always(value string) func(string, *Function) string {
	return func(string, *Function) string { return value }
}

var capital = regexp.MustCompile(`[A-Z]`)

// Flag is the name of the option's command line flag, without dashes.
func (o *TriggerOption) Flag() string {
	return strings.ToLower(capital.ReplaceAllString(o.Key, "-$0"))
}

// Get is the option's value in a trigger.
func (o *TriggerOption) Get(t *Trigger) string { return *o.field(t) }

// Set gives the trigger a value for the option.
func (o *TriggerOption) Set(t *Trigger, value string) { *o.field(t) = value }

// ResourceSection is a list of the blueprint whose items have a name and nothing else.
type ResourceSection struct {
	// Key is the list's key in blueprint.yaml, Kind what one item is called.
	Key, Kind, Help string

	field func(*Blueprint) *[]Resource
}

// ResourceSections is the declaration of all resources.
func ResourceSections() []ResourceSection {
	return []ResourceSection{
		{"tables", "table", "a DynamoDB table, with a stream and recovery to any second", func(b *Blueprint) *[]Resource { return &b.Tables }},
		{"queues", "queue", "an SQS queue with dead letters", func(b *Blueprint) *[]Resource { return &b.Queues }},
		{"buses", "bus", "an EventBridge bus", func(b *Blueprint) *[]Resource { return &b.Buses }},
		{"secrets", "secret", "a secret in Secrets Manager, whose value you put there", func(b *Blueprint) *[]Resource { return &b.Secrets }},
	}
}

// Sections is the keys of all lists of things that a service can have more of.
func Sections() []string {
	keys := []string{functionsKey}
	for _, section := range ResourceSections() {
		keys = append(keys, section.Key)
	}
	return keys
}

// Of is the section's items in the blueprint.
func (s *ResourceSection) Of(b *Blueprint) []Resource { return *s.field(b) }

const minutesOfDay = 24 * 60

// EveryMinutes is the longest time between two runs of a schedule, in minutes; 0 where that is more than a day, or not known.
func (t *Trigger) EveryMinutes() int {
	expression, _ := strings.CutSuffix(t.Schedule, ")")
	if fields, ok := strings.CutPrefix(expression, "cron("); ok {
		if days := strings.Fields(fields)[2:5]; slices.Contains(days, "*") && strings.Trim(strings.Join(days, ""), "*?") == "" {
			return minutesOfDay
		}
		return 0
	}
	number, unit, _ := strings.Cut(strings.TrimPrefix(expression, "rate("), " ")
	every, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	every *= map[string]int{"m": 1, "h": 60, "d": minutesOfDay}[unit[:1]]
	if every > minutesOfDay {
		return 0
	}
	return every
}

// Camel is the name as a variable is called: importOrders.
func Camel(name string) string {
	first, rest, _ := strings.Cut(name, "-")
	return first + Pascal(rest)
}

// Pascal is the name as a type is called: ImportOrders.
func Pascal(name string) string {
	var text strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			text.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return text.String()
}

// Snake is the name as files and, in capitals, environment variables are called: import_orders.
func Snake(name string) string { return strings.ReplaceAll(name, "-", "_") }

// Routes is the functions that answer HTTP requests.
func (b *Blueprint) Routes() []Function {
	return b.functionsOf(func(t *Trigger) bool { return t.Type == "http" })
}

// HasBackgroundFunctions says whether there is a function that answers no HTTP requests.
func (b *Blueprint) HasBackgroundFunctions() bool { return len(b.Routes()) < len(b.Functions) }

// HasResources says whether there is anything that functions could use.
func (b *Blueprint) HasResources() bool {
	return slices.ContainsFunc(ResourceSections(), func(s ResourceSection) bool { return len(s.Of(b)) > 0 })
}

// IsStreamed says whether a function reads the table's stream.
func (b *Blueprint) IsStreamed(table string) bool {
	return len(b.functionsOf(func(t *Trigger) bool { return t.Table == table })) > 0
}

func (b *Blueprint) functionsOf(has func(*Trigger) bool) []Function {
	var found []Function
	for _, function := range b.Functions {
		if has(&function.Trigger) {
			found = append(found, function)
		}
	}
	return found
}

// Path is one path of the API with the functions that answer at it.
type Path struct {
	Path      string
	Functions []Function
}

// Paths is the paths of the functions that answer HTTP requests, each once, in the order of the blueprint.
func (b *Blueprint) Paths() []*Path {
	var paths []*Path
	for _, function := range b.Routes() {
		n := slices.IndexFunc(paths, func(p *Path) bool { return p.Path == function.Trigger.Path })
		if n < 0 {
			n = len(paths)
			paths = append(paths, &Path{Path: function.Trigger.Path})
		}
		paths[n].Functions = append(paths[n].Functions, function)
	}
	return paths
}

// PathParameters is the names in braces in the path.
func (t *Trigger) PathParameters() []string {
	var names []string
	for part := range strings.SplitSeq(t.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// HasSchedules says whether a function runs by the clock.
func (b *Blueprint) HasSchedules() bool { return b.has("schedule") }

// HasStreams says whether a function reads a table's stream.
func (b *Blueprint) HasStreams() bool { return b.has("dynamodb-stream") }

// HasTopics says whether a function has a topic.
func (b *Blueprint) HasTopics() bool { return b.has("sns") }

// HasBuckets says whether a function has a bucket.
func (b *Blueprint) HasBuckets() bool { return b.has("s3") }

// HasOwnDeadLetters says whether there is a function with dead letters that are no queue's: a schedule's or a stream's.
func (b *Blueprint) HasOwnDeadLetters() bool { return b.HasSchedules() || b.HasStreams() }

func (b *Blueprint) has(trigger string) bool {
	return len(b.functionsOf(func(t *Trigger) bool { return t.Type == trigger })) > 0
}

// Sample is a blueprint of a service with one of everything that can be added.
func Sample(platform, level string) (*Blueprint, error) {
	draft := NewDraft()
	for key, value := range map[string]string{"platform": platform, "level": level, "name": "sample"} {
		if err := draft.SetText(key, value, fault.Place{}); err != nil {
			return nil, err
		}
	}
	for _, section := range ResourceSections() {
		draft.resources[section.Key] = []placed[Resource]{{value: Resource{Name: "some-" + section.Key}}}
	}
	for _, kind := range TriggerTypes() {
		function := Function{Name: "by-" + kind.Name, Trigger: Trigger{Type: kind.Name}, Uses: []string{"some-tables"}}
		for _, option := range kind.Options {
			switch {
			case option.RefersTo != "":
				option.Set(&function.Trigger, "some-"+option.RefersTo)
			case len(option.Allowed) > 0:
				option.Set(&function.Trigger, option.Allowed[0])
			case option.Example != "":
				option.Set(&function.Trigger, option.Example)
			}
		}
		draft.functions = append(draft.functions, placed[Function]{value: function})
	}
	return draft.Finish()
}
