package pack

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
)

func loadSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/pack.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema := &jsonschema.Schema{}
	if err := json.Unmarshal(text, schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// The published schema has the keys that a manifest is read with, and no others.
func TestSchemaHasTheKeysOfAManifest(t *testing.T) {
	compareKeys(t, "pack.yaml", reflect.TypeFor[manifest](), loadSchema(t))
}

func compareKeys(t *testing.T, where string, kind reflect.Type, schema *jsonschema.Schema) {
	t.Helper()
	var keys, described []string
	for member := range kind.Fields() {
		key, _, _ := strings.Cut(member.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue // It is not read.
		}
		keys = append(keys, key)
		item := member.Type
		for item.Kind() == reflect.Slice || item.Kind() == reflect.Pointer {
			item = item.Elem()
		}
		if item.Kind() == reflect.Struct && schema.Properties[key] != nil {
			compareKeys(t, where+"."+key, item, schema.Properties[key].Items)
		}
	}
	for key := range schema.Properties {
		described = append(described, key)
	}
	slices.Sort(keys)
	slices.Sort(described)
	if !slices.Equal(keys, described) {
		t.Errorf("%s is read with %v, and described with %v", where, keys, described)
	}
}

func TestSchemaJudgesManifests(t *testing.T) {
	resolved, err := loadSchema(t).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(text []byte) error {
		var value any
		if err := yaml.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		return resolved.Validate(value)
	}
	for _, file := range []string{"../../templates/lambda/pack.yaml", "../../templates/starter/pack.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := judge([]byte(strings.ReplaceAll(string(text), "__name__", "acme"))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	const head = "apiVersion: scaffold/v1\nkind: Pack\nname: acme\nlayers: [{from: a}]\n"
	for _, bad := range []string{
		head + "hooks: [x]\n", head + "owners: [{glob: a, owner: me}]\n",
		head + "owners: [{glob: a, owner: seed, kind: code}]\n", head + "moved: [{from: a}]\n",
		head + "moved: [{from: a, to: b, when: c}]\n", head + "offers: {}\n", head + "rules: [{id: A-01}]\n",
		head + "policy: {coverage.lines: many}\n", "name: acme\n",
	} {
		if judge([]byte(bad)) == nil {
			t.Errorf("the schema takes\n%s", bad)
		}
	}
}
