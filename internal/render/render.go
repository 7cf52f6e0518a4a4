// Package render turns a blueprint, a policy and a pack into a plan. It is a function of its arguments:
// the same blueprint gives the same bytes, on every machine and on every day.
package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"

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
}

// Render applies the layers of the pack in order.
func Render(p *pack.Pack, b *blueprint.Blueprint, policy *quality.Policy) (*plan.Plan, error) {
	env := pack.Env{Platform: b.Platform, Runtime: b.Runtime, IaC: b.IaC, CI: b.CI, Observability: b.Observability, Policy: policy}
	data := Data{Blueprint: b, Policy: policy}
	result := &plan.Plan{}
	for _, layer := range p.Layers {
		applies, err := layer.Applies(env)
		if err != nil {
			return nil, err
		}
		if !applies {
			continue
		}
		if err := renderLayer(result, p, layer, data); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func renderLayer(result *plan.Plan, p *pack.Pack, layer *pack.Layer, data Data) error {
	return fs.WalkDir(p.Files, layer.From, func(source string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fault.Wrap(err, "reading layer %s", layer.From)
		}
		name := strings.TrimPrefix(source, layer.From+"/")
		if entry.IsDir() || !layer.Takes(name) {
			return nil
		}
		content, err := fs.ReadFile(p.Files, source)
		if err != nil {
			return fault.Wrap(err, "reading %s", source)
		}
		target := path.Join(layer.To, name)
		if name, ok := strings.CutSuffix(target, suffix); ok {
			target = name
			if content, err = execute(source, content, data); err != nil {
				return err
			}
		}
		return result.Add(&plan.File{
			Path: target, Data: content, Mode: 0o644, Owner: p.OwnerOf(target), Layer: layer.From,
		})
	})
}

func execute(name string, text []byte, data Data) ([]byte, error) {
	parsed, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Funcs(functions()).Parse(string(text))
	if err != nil {
		return nil, templateError(name, err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return nil, templateError(name, err)
	}
	return out.Bytes(), nil
}

// impure is what sprig calls hermetic and is not a function of its arguments alone: keys and salts at random, the clock and the
// time zone, the paths of this operating system, and maps in the order in which they happen to lie.
const impure = "|ago|bcrypt|htpasswd|buildCustomCert|encryptAES|decryptAES|derivePassword|genCA|genCAWithKey|genPrivateKey|genSelfSignedCert|" +
	"genSelfSignedCertWithKey|genSignedCert|genSignedCertWithKey|randInt|shuffle|toDate|mustToDate|mustDateModify|must_date_modify|durationRound|" +
	"unixEpoch|osBase|osClean|osDir|osExt|osIsAbs|keys|values|"

// functions is sprig without what is impure.
func functions() template.FuncMap {
	funcs := sprig.HermeticTxtFuncMap()
	maps.DeleteFunc(funcs, func(name string, _ any) bool { return strings.Contains(impure, "|"+name+"|") })
	return funcs
}

func templateError(name string, err error) error {
	return &fault.Error{
		Code: fault.Invalid, Place: fault.Place{File: name}, Message: fmt.Sprintf("this template cannot be rendered: %v", err),
		Hint: "templates see .Blueprint and .Policy",
	}
}
