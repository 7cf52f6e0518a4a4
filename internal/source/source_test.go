package source_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/source"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]source.Source{
		"./pack":                           {Dir: "./pack"},
		"/home/me/pack":                    {Dir: "/home/me/pack"},
		"..":                               {Dir: ".."},
		"github.com/acme/packs":            {URL: "https://github.com/acme/packs"},
		"github.com/acme/packs//lambda@v2": {URL: "https://github.com/acme/packs", Sub: "lambda", Ref: "v2"},
		"https://git.example.com:8443/a/b.git//c/d":  {URL: "https://git.example.com:8443/a/b.git", Sub: "c/d"},
		"ssh://git@git.example.com:22/a/b//c@main":   {URL: "ssh://git@git.example.com:22/a/b", Sub: "c", Ref: "main"},
		"ssh://git@git.example.com/a/b":              {URL: "ssh://git@git.example.com/a/b"},
		"git@github.com:acme/packs.git//lambda@v1.0": {URL: "git@github.com:acme/packs.git", Sub: "lambda", Ref: "v1.0"},
		"git@github.com:acme/packs.git":              {URL: "git@github.com:acme/packs.git"},
		"/srv/packs.git@main":                        {URL: "file:///srv/packs.git", Ref: "main"},
		"file:///srv/packs.git//a@feature/x":         {URL: "file:///srv/packs.git", Sub: "a", Ref: "feature/x"},
	} {
		got, err := source.Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		again, err := source.Parse(got.String())
		if err != nil || again != want {
			t.Errorf("%s: its text %s is read as %+v, %v", text, got, again, err)
		}
	}
}

// helper is an address for which git starts a program of that name.
var helper = regexp.MustCompile(`^[A-Za-z0-9+.-]+::`)

// FuzzParse wants an address to be read or refused without a word of it, and never to be an option or a helper of
// git, nor to have what a lock must not have.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"./a", "github.com/a/b//c@d", "git@h:a/b", "ssh://a@b:1/c", "ext::x",
		"--upload-pack=x", "https://a:b@c/d", "https://a/b?c#d", "a:b@c/d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := source.Parse(text)
		if err != nil && len(text) > 12 && strings.Contains(err.Error(), text) {
			t.Errorf("%q is told again: %v", text, err)
		}
		if err != nil || s.Dir != "" {
			return
		}
		if strings.ContainsAny(s.String(), "?#") || strings.HasPrefix(s.URL, "https://") && strings.Contains(s.URL, "@") {
			t.Errorf("%q became %+v", text, s)
		}
		if strings.HasPrefix(s.URL, "-") || helper.MatchString(s.URL) || strings.HasPrefix(s.Ref, "-") ||
			strings.Contains("/"+s.Sub+"/", "/../") {
			t.Errorf("%q became %+v", text, s)
		}
	})
}
