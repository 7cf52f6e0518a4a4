package source_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// token is what no message may have.
const token = "T0KEN-s3cr3t"

// An address with a token in it is refused, and told nowhere again.
func TestSecretsAreNotRepeated(t *testing.T) {
	for _, address := range []string{
		"https://u:TOKEN@example.com/a/b//c@v1",
		"https://TOKEN@example.com/a/b",
		"http://u:TOKEN@example.com/a/b",
		"HTTPS://u:TOKEN@example.com/a/b",
		" https://u:TOKEN@example.com/a/b",
		"\thttps://u:TOKEN@example.com/a/b",
		"ssh://u:TOKEN@example.com/a/b",
		"git+https://u:TOKEN@example.com/a/b",
		"git://u:TOKEN@example.com/a/b",
		"ftp://u:TOKEN@example.com/a/b",
		"u:TOKEN@example.com/a/b",
		"https:/u:TOKEN@example.com/a/b",
		"https:u:TOKEN@example.com/a/b",
		"file://u:TOKEN@example.com/a/b",
		"example.com/a/b//c@v1:TOKEN",
		"https://example.com/a/b@u:TOKEN",
		"https://example.com/a/b?token=TOKEN",
		"https://example.com/a/b//c?token=TOKEN@v1",
		"https://example.com/a/b#access_token=TOKEN",
		"ssh://git@example.com/a/b?token=TOKEN",
		"git@example.com:a/b#TOKEN",
		"file:///srv/a/b?token=TOKEN",
		"example.com/a/b?token=TOKEN",
		"https://example.com/a/b//../TOKEN",
		"https://u%3ATOKEN@example.com/a/b",
		"ext::sh -c TOKEN",
		"--upload-pack=TOKEN",
	} {
		s, err := source.Parse(strings.ReplaceAll(address, "TOKEN", token))
		if err == nil {
			t.Errorf("%s is taken, as %+v", address, s)
			continue
		}
		for _, problem := range fault.All(err) {
			if text := problem.Error() + problem.Hint + s.String(); strings.Contains(text, token) || strings.Contains(text,
				"s3cr3t") {
				t.Errorf("%s: %s", address, text)
			}
			if problem.Code != fault.Invalid || !strings.Contains(problem.Hint, "expected") {
				t.Errorf("%s: the code is %s, and the hint %q", address, problem.Code, problem.Hint)
			}
		}
	}
}

// What the user's own configuration puts into an address, and what git's trace writes, is in no message.
func TestSecretsOfTheConfigurationAreNotRepeated(t *testing.T) {
	for _, env := range [][]string{
		{
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.https://u:" + token + "@127.0.0.1:1/.insteadOf",
			"GIT_CONFIG_VALUE_0=https://git.invalid/",
		},
		{
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.ext::" + token + " .insteadOf",
			"GIT_CONFIG_VALUE_0=https://git.invalid/",
		},
		{
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.https://127.0.0.1:1/?t=" + token + "&p=.insteadOf",
			"GIT_CONFIG_VALUE_0=https://git.invalid/",
		},
		{
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: " + token,
			"GIT_TRACE=1", "GIT_TRACE_CURL=1", "GIT_CURL_VERBOSE=1",
		},
	} {
		store := &source.Store{Cache: t.TempDir(), Env: append(os.Environ(), env...)}
		_, err := store.Open(t.Context(), parse(t, "https://git.invalid/a/b//c@v1"), source.Options{})
		problem := fault.All(errOr(err))[0]
		if text := problem.Error() + problem.Hint; err == nil || strings.Contains(text, token) || strings.Contains(text,
			"trace:") {
			t.Errorf("%s: %s", env[1], text)
		}
	}
}

// A server that leads from https to http is not followed: nobody has asked the other one.
func TestHTTPSStaysEncrypted(t *testing.T) {
	var asked atomic.Int64
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer plain.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+r.URL.Path+"?"+r.URL.RawQuery, http.StatusMovedPermanently)
	}))
	defer server.Close()
	// The user's own configuration allows it, and is overruled.
	env := append(trusting(t, server), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=protocol.http.allow",
		"GIT_CONFIG_VALUE_0=always")
	store := &source.Store{Cache: t.TempDir(), Env: env}
	_, err := store.Open(t.Context(), parse(t, server.URL+"/acme/packs//lambda@v1"), source.Options{})
	if fault.CodeOf(errOr(err)) != fault.Refused || !strings.Contains(err.Error(), "without encryption") {
		t.Errorf("%v", err)
	}
	if asked.Load() != 0 {
		t.Errorf("the server without encryption was asked %d times", asked.Load())
	}
}

// A user may have a mirror by ssh or by another host; a helper program he may not have for a pack.
func TestMirrors(t *testing.T) {
	parent, commit := newRepository(t)
	mirror := []string{
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://" + parent + "/.insteadOf",
		"GIT_CONFIG_VALUE_0=https://git.invalid/",
	}
	open(t, mirror, "https://git.invalid/acme/packs//lambda@v1", commit)
	mark := filepath.Join(t.TempDir(), "mark")
	helper := []string{
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=url.ext::touch " + mark + " .insteadOf", "GIT_CONFIG_VALUE_0=https://git.invalid/",
		"GIT_CONFIG_KEY_1=protocol.ext.allow", "GIT_CONFIG_VALUE_1=always", "GIT_ALLOW_PROTOCOL=ext",
	}
	store := &source.Store{Cache: t.TempDir(), Env: append(os.Environ(), helper...)}
	_, err := store.Open(t.Context(), parse(t, "https://git.invalid/acme/packs//lambda@v1"), source.Options{})
	if _, ran := os.Stat(mark); fault.CodeOf(errOr(err)) != fault.Refused || ran == nil {
		t.Errorf("a helper: %v, %v", err, ran)
	}
}

// Variables that a hook or a CI job has set turn git to no other repository.
func TestEnvironmentOfAHook(t *testing.T) {
	parent, commit := newRepository(t)
	other := t.TempDir()
	git(t, other, "init", "--quiet")
	before := sizeOf(t, other)
	for _, entry := range []string{
		"GIT_DIR=" + other + "/.git", "GIT_WORK_TREE=" + other, "GIT_INDEX_FILE=" + other + "/index", "GIT_COMMON_DIR=" + other + "/.git",
		"GIT_OBJECT_DIRECTORY=" + other + "/.git/objects", "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + other, "GIT_NAMESPACE=x", "GIT_SHALLOW_FILE=" + other + "/x",
		"GIT_CEILING_DIRECTORIES=/", "GIT_DEFAULT_HASH=sha256", "GIT_EXEC_PATH=" + other, "GIT_CONFIG_PARAMETERS='protocol.file.allow=never'",
		"GIT_TRACE=" + other + "/trace", "GIT_TRACE2=" + other + "/trace",
	} {
		open(t, []string{entry}, "file://"+parent+"/acme/packs//lambda@v1", commit)
	}
	if after := sizeOf(t, other); after != before {
		t.Errorf("the other repository has %d bytes, and had %d", after, before)
	}
}

// The reason of a failure and what to type next are in plain words.
func TestReasons(t *testing.T) {
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	untrusted.StartTLS()
	defer untrusted.Close()
	trusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer trusted.Close()
	denied := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", "Basic realm=x")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer denied.Close()
	for address, c := range map[string]struct {
		env           []string
		message, hint string
	}{
		"https://git.invalid/a/b": {nil, "its host is not known here", "check the name"},
		"https://127.0.0.1:1/a/b": {nil, "it does not answer", "run this again"},
		"file:///nowhere/a/b":     {nil, "there is no repository", "git ls-remote file:///nowhere/a/b"},
		"file:///nowhere/$(x)'y":  {nil, "there is no repository", `git ls-remote 'file:///nowhere/$(x)'\''y'`},
		untrusted.URL + "/a/b":    {os.Environ(), "certificate is not trusted", "git ls-remote"},
		trusted.URL + "/a/b":      {trusting(t, trusted), "there is no repository", "git ls-remote"},
		denied.URL + "/a/b":       {trusting(t, denied), "it wants a login", "credential helper"},
	} {
		env := append(append(os.Environ(), "no_proxy=*"), c.env...)
		_, err := (&source.Store{Cache: t.TempDir(), Env: env}).Open(t.Context(), parse(t, address), source.Options{})
		problem := fault.All(errOr(err))[0]
		if !strings.Contains(problem.Message, c.message) || !strings.Contains(problem.Hint, c.hint) ||
			strings.Contains(problem.Error(), "fatal:") {
			t.Errorf("%s: %v; hint: %s", address, problem, problem.Hint)
		}
	}
	_, err := (&source.Store{Cache: "relative", Env: os.Environ()}).Open(t.Context(), parse(t, "file:///nowhere"),
		source.Options{})
	if problem := fault.All(errOr(err))[0]; !strings.Contains(problem.Hint, "XDG_CACHE_HOME") {
		t.Errorf("without a folder for the cache: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	_, err = (&source.Store{Cache: t.TempDir()}).Open(t.Context(), parse(t, "file:///nowhere"), source.Options{})
	if problem := fault.All(errOr(err))[0]; !strings.Contains(problem.Message, "git is not installed") {
		t.Errorf("without git: %v", err)
	}
}
