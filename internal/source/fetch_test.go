package source_test

import (
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/source"
)

// newRepository is a repository with a pack in the folder lambda, at the tag v1. It answers the folder that it is in
// and its commit.
func newRepository(t *testing.T) (parent, commit string) {
	t.Helper()
	parent = t.TempDir()
	dir := filepath.Join(parent, "acme", "packs")
	if err := os.MkdirAll(filepath.Join(dir, "lambda", "files"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lambda/pack.yaml": "name: a\n", "lambda/files/a.txt": "one\n",
		"README.md": "no part of the pack\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	git(t, dir, "add", "--all")
	git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "one")
	git(t, dir, "tag", "v1")
	return parent, git(t, dir, "rev-parse", "HEAD")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, output)
	}
	return strings.TrimSpace(string(output))
}

// open opens the address with an empty cache, and wants the pack at the commit.
func open(t *testing.T, env []string, address, commit string) {
	t.Helper()
	s, err := source.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	store := &source.Store{Cache: t.TempDir(), Env: append(os.Environ(), env...)}
	tree, err := store.Open(t.Context(), s, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(tree.Files, "files/a.txt")
	if err != nil || string(text) != "one\n" || tree.Commit != commit {
		t.Errorf("got %q at %s, %v; want the commit %s", text, tree.Commit, err, commit)
	}
	if _, err := fs.Stat(tree.Files, "README.md"); err == nil {
		t.Error("the tree has files from outside of the pack's folder")
	}
}

func TestFetchByHTTPS(t *testing.T) {
	parent, commit := newRepository(t)
	address, env := serve(t, parent)
	open(t, env, address+"//lambda@v1", commit)
}

// serve serves the repositories below parent by https, and returns the address of the one that newRepository makes,
// with the environment that its client needs.
func serve(t *testing.T, parent string) (address string, env []string) {
	t.Helper()
	backend := filepath.Join(git(t, parent, "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); errors.Is(err, fs.ErrNotExist) {
		t.Skip("this git has no http-backend")
	}
	server := httptest.NewTLSServer(&cgi.Handler{
		Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + parent, "GIT_HTTP_EXPORT_ALL=1"}, InheritEnv: []string{"PATH"},
	})
	t.Cleanup(server.Close)
	return server.URL + "/acme/packs/.git", trusting(t, server)
}

// trusting is the environment of a git that trusts the server's certificate.
func trusting(t *testing.T, server *httptest.Server) []string {
	t.Helper()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "GIT_SSL_CAINFO="+authority,
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*", "no_proxy=*")
}

// The user's own ssh is asked; here it is a script that runs on this machine what it was to run on the other one.
func TestFetchBySSH(t *testing.T) {
	parent, commit := newRepository(t)
	script := filepath.Join(t.TempDir(), "ssh")
	text := "#!/bin/sh\nfor last; do :; done\ncase \"$*\" in *git@git.example.com*) cd " + parent + " && exec sh -c \"$last\" ;; esac\nexit 1\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"GIT_SSH=" + script, "GIT_SSH_VARIANT=ssh"}
	open(t, env, "git@git.example.com:acme/packs//lambda@v1", commit)
	open(t, env, "ssh://git@git.example.com"+parent+"/acme/packs//lambda@main", commit)
}

// A commit that the server does not give away by its name alone is an error that says so, and not another commit.
func TestFetchOfWhatIsNotThere(t *testing.T) {
	parent, _ := newRepository(t)
	store := &source.Store{Cache: t.TempDir(), Env: os.Environ()}
	for address, want := range map[string]fault.Code{
		"file://" + parent + "/acme/packs//lambda@v2":      fault.Invalid,
		"file://" + parent + "/acme/packs//workers@v1":     fault.Invalid,
		"file://" + parent + "/acme/other//lambda@v1":      fault.Network,
		"https://127.0.0.1:1/acme/packs//lambda@v1":        fault.Network,
		"ssh://git@127.0.0.1:1/acme/packs//lambda@v1":      fault.Network,
		"file://" + parent + "/acme/packs//lambda/files/a": fault.Invalid,
	} {
		s, err := source.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), s, source.Options{})
		if err == nil || fault.CodeOf(err) != want {
			t.Errorf("%s: %v, want the code %s", address, err, want)
		}
	}
}
