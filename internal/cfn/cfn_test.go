package cfn_test

import (
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

const sample = `{"Resources": {
 "A": {"Type": "T", "Properties": {"X": {"Ref": "B"}, "Y": {"Fn::GetAtt": ["C", "Arn"]}, "Z": {"Fn::Sub": "${D.Arn}-${AWS::Region}"}, "N": 3, "L": "one"}},
 "B": {"Type": "U"},
 "C": {"Type": "U"},
 "D": {"Type": "U"}
}}`

func TestReferences(t *testing.T) {
	template, err := cfn.Parse("t.json", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	a := template.Resources["A"]
	var ids []string
	for _, r := range template.Refs(a.At()) {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, ""); got != "BCD" {
		t.Errorf("A refers to %s", got)
	}
	if !template.RefersTo(a.At("X"), template.Resources["B"]) || template.RefersTo(a.At("X"), template.Resources["C"]) {
		t.Error("X refers to B alone")
	}
	if n, ok := a.Number("N"); !ok || n != 3 || len(a.List("L")) != 1 || a.Line != 2 || len(template.OfType("U")) != 3 {
		t.Errorf("A is %+v", a)
	}
}

// The same template in YAML reads as the same resources.
func TestYAML(t *testing.T) {
	template, err := cfn.Parse("t.yaml", []byte("Resources:\n  A:\n    Type: T\n    Properties:\n      X: !Ref B\n      Y: !GetAtt C.Arn\n      Z: !Join ['', [!Sub \"${D.Arn}\"]]\n      N: 3\n  B: {Type: U}\n  C: {Type: U}\n  D: {Type: U}\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := template.Resources["A"]
	if len(template.Refs(a.At())) != 3 || a.Line != 2 {
		t.Errorf("A is %+v", a)
	}
	if n, ok := a.Number("N"); !ok || n != 3 {
		t.Errorf("N is %v", a.At("N"))
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "no CloudFormation template", `{}`: "has no resources", `{"Transform":["AWS::Serverless-2016-10-31"],"Resources":{}}`: "SAM template",
	} {
		if _, err := cfn.Parse("t.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := cfn.Parse("t.yml", []byte("Resources: *a")); err == nil {
		t.Error("an alias was read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("t.json", []byte(sample))
	f.Add("t.yaml", []byte("Resources:\n  A: {Type: T, Properties: {X: !Ref B, Y: [!GetAtt C.Arn, ~, 1.5]}}\n"))
	f.Fuzz(func(_ *testing.T, file string, text []byte) {
		template, err := cfn.Parse(file, text)
		if err != nil {
			return
		}
		for _, r := range template.Resources {
			template.Refs(r.At())
		}
	})
}
