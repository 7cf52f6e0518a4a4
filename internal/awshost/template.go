package awshost

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

const (
	account   = "123456789012"
	partition = "aws"
)

// template is a CloudFormation template, with what this package needs to resolve it.
type template struct {
	Resources map[string]*resource `json:"Resources"`
	// dir is the cloud assembly that the template and its assets are in.
	dir    string
	region string
	// parameters has values of the template's parameters.
	parameters map[string]string
	// prefix makes physical names unique in the emulator.
	prefix string
}

type resource struct {
	Type       string         `json:"Type"`
	Properties map[string]any `json:"Properties"`
	id         string
	template   *template
}

// prefix is the start of the names of what the template does not name.
const prefix = "host"

func readTemplate(config Config) (*template, error) {
	path := config.Template
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &template{dir: filepath.Dir(path), region: config.Region, prefix: prefix, parameters: config.Parameters}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for id, r := range t.Resources {
		r.id, r.template = id, t
	}
	for _, r := range t.Resources {
		r.Properties, _ = t.resolve(r.Properties).(map[string]any)
	}
	return t, nil
}

// ofType is all resources of a type, sorted by their ids.
func (t *template) ofType(kind string) []*resource {
	var found []*resource
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if r := t.Resources[id]; r.Type == kind {
			found = append(found, r)
		}
	}
	return found
}

// resolve replaces the intrinsic functions in a value.
func (t *template) resolve(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if resolved, ok := t.intrinsic(value); ok {
			return resolved
		}
		resolved := map[string]any{}
		for key, member := range value {
			resolved[key] = t.resolve(member)
		}
		return resolved
	case []any:
		resolved := make([]any, len(value))
		for i, item := range value {
			resolved[i] = t.resolve(item)
		}
		return resolved
	default:
		return value
	}
}

func (t *template) intrinsic(value map[string]any) (any, bool) {
	if len(value) != 1 {
		return nil, false
	}
	for function, argument := range value {
		switch function {
		case "Ref":
			return t.ref(argument.(string)), true
		case "Fn::GetAtt":
			return t.attribute(argument), true
		case "Fn::Join":
			parts := argument.([]any)
			return join(t.resolve(parts[1]), parts[0].(string)), true
		case "Fn::Sub":
			if text, ok := argument.(string); ok {
				return t.substitute(text), true
			}
		case "Fn::Select":
			parts := argument.([]any)
			list := t.resolve(parts[1]).([]any)
			var index int
			_, _ = fmt.Sscan(fmt.Sprint(parts[0]), &index)
			return list[index], true
		case "Fn::Split":
			parts := argument.([]any)
			var list []any
			for part := range strings.SplitSeq(fmt.Sprint(t.resolve(parts[1])), parts[0].(string)) {
				list = append(list, part)
			}
			return list, true
		}
	}
	return nil, false
}

func join(parts any, separator string) string {
	var texts []string
	for _, part := range parts.([]any) {
		texts = append(texts, fmt.Sprint(part))
	}
	return strings.Join(texts, separator)
}

func (t *template) substitute(text string) string {
	return os.Expand(text, func(name string) string {
		if id, attribute, ok := strings.Cut(name, "."); ok {
			return fmt.Sprint(t.attribute([]any{id, attribute}))
		}
		return fmt.Sprint(t.ref(name))
	})
}

func (t *template) ref(name string) any {
	switch name {
	case "AWS::Region":
		return t.region
	case "AWS::AccountId":
		return account
	case "AWS::Partition":
		return partition
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return t.prefix
	}
	r, ok := t.Resources[name]
	if value, isParameter := t.parameters[name]; isParameter {
		return value
	}
	if !ok {
		return name
	}
	switch r.Type {
	case "AWS::SQS::Queue":
		return r.queueURL()
	case "AWS::ApiGateway::Resource":
		return r.id
	case "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::SecretsManager::Secret", "AWS::SNS::Topic":
		return r.arn()
	default:
		return r.name()
	}
}

func (t *template) attribute(argument any) any {
	parts, ok := argument.([]any)
	if !ok {
		id, name, _ := strings.Cut(argument.(string), ".")
		parts = []any{id, name}
	}
	id, name := parts[0].(string), parts[1].(string)
	r, ok := t.Resources[id]
	switch {
	case !ok:
		return id + "." + name
	case strings.HasSuffix(name, "StreamArn"):
		return r.arn() + "/stream"
	case name == "RootResourceId":
		return ""
	case strings.HasSuffix(name, "Arn"):
		return r.arn()
	case name == "QueueName":
		return r.name()
	case name == "QueueUrl":
		return r.queueURL()
	default:
		return r.name()
	}
}

// name is the physical name: the one in the template, or one made of the logical id.
func (r *resource) name() string {
	for _, key := range []string{"QueueName", "TableName", "FunctionName"} {
		if name, ok := r.Properties[key].(string); ok {
			return name
		}
	}
	if r.Type == "AWS::Events::EventBus" {
		return fmt.Sprint(r.Properties["Name"])
	}
	return r.template.prefix + "-" + r.id
}

func (r *resource) arn() string {
	switch r.Type {
	case "AWS::Lambda::Alias":
		return r.qualified(fmt.Sprint(r.Properties["Name"]))
	case "AWS::Lambda::Version":
		return r.qualified("1")
	}
	form := map[string]string{
		"AWS::SQS::Queue":             "sqs:%s:%s:%s",
		"AWS::DynamoDB::GlobalTable":  "dynamodb:%s:%s:table/%s",
		"AWS::DynamoDB::Table":        "dynamodb:%s:%s:table/%s",
		"AWS::Lambda::Function":       "lambda:%s:%s:function:%s",
		"AWS::Events::EventBus":       "events:%s:%s:event-bus/%s",
		"AWS::SecretsManager::Secret": "secretsmanager:%s:%s:secret:%s",
		"AWS::Logs::LogGroup":         "logs:%s:%s:log-group:%s:*",
	}[r.Type]
	if form == "" {
		form = "unknown:%s:%s:%s"
	}
	return fmt.Sprintf("arn:"+partition+":"+form, r.template.region, account, r.name())
}

// qualified is the ARN of a version or an alias of the function that the resource names.
func (r *resource) qualified(qualifier string) string {
	function := fmt.Sprint(r.template.resolve(r.Properties["FunctionName"]))
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s:%s", partition, r.template.region, account, function, qualifier)
}

func (r *resource) queueURL() string {
	return fmt.Sprintf("http://queue/%s/%s", account, r.name())
}

// function is the function with the given name or ARN, with or without a version or alias behind it.
func (t *template) function(name string) (*resource, bool) {
	if _, after, ok := strings.Cut(name, ":function:"); ok {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	f := t.named("AWS::Lambda::Function", name)
	return f, f != nil
}

// named is the resource of a type with the physical name.
func (t *template) named(kind, name string) *resource {
	for _, r := range t.ofType(kind) {
		if r.name() == name {
			return r
		}
	}
	return nil
}

func text(value any, keys ...string) string {
	found, _ := cfn.At(value, keys...).(string)
	return found
}

// number is the value as an int, or the fallback where there is none.
func number(value any, fallback int, keys ...string) int {
	if found, ok := cfn.At(value, keys...).(float64); ok {
		return int(found)
	}
	return fallback
}

func list(value any, keys ...string) []any {
	return cfn.List(cfn.At(value, keys...))
}
