package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/templates"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scaffold": func() {
		os.Exit(cli.Run(context.Background(), cli.Process{
			Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Packs: templates.FS, Version: "v0.0.0-test", Env: os.Environ(),
		}))
	}})
}

// TestScripts runs what a user could type, one behaviour a file.
func TestScripts(t *testing.T) { runScripts(t, "testdata") }

// TestTorture is what other generators' users have complained of: each file is an update that must not hurt.
func TestTorture(t *testing.T) { runScripts(t, "testdata/torture") }

// TestHostilePacks is packs that want more than to be rendered.
func TestHostilePacks(t *testing.T) { runScripts(t, "testdata/hostile") }

func runScripts(t *testing.T, dir string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SECRET", secret)
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"json": checkJSON, "files": checkFiles, "status": checkStatus, "edit": edit, "refused": checkRefused,
		},
	})
}

// secret is in the environment of every script, and must never be in what is printed.
const secret = "s3cr3t-value"

// checkRefused runs `refused PATTERN command…` with 4 GB of memory and a minute at most. The command has to say what is wrong,
// as invalid, refused or out of reach, and to leave neither a project nor anything outside, nor to tell a secret.
func checkRefused(ts *testscript.TestScript, _ bool, args []string) {
	limits := `ulimit -v 4194304; exec timeout 60 "$@"`
	err := ts.Exec("sh", append([]string{"-c", limits, "sh"}, args[1:]...)...)
	exit, ok := err.(interface{ ExitCode() int })
	if !ok || exit.ExitCode() != 2 && exit.ExitCode() != 6 && exit.ExitCode() != 7 {
		ts.Fatalf("it was not refused: %v", err)
	}
	said := ts.ReadFile("stderr")
	if !regexp.MustCompile(args[0]).MatchString(said) || !strings.Contains(said, "hint:") {
		ts.Fatalf("it was not refused by %q", args[0])
	}
	if strings.Contains(said+ts.ReadFile("stdout"), "s3cr3t") {
		ts.Fatalf("it has told a secret")
	}
	for _, name := range []string{"demo", "outside", "../outside", "/tmp/scaffold-evil"} {
		if _, err := os.Stat(ts.MkAbs(name)); err == nil {
			ts.Fatalf("it has left %s", name)
		}
	}
}

// checkStatus runs `status N command…` and wants the exit status N.
func checkStatus(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = string(rune('0' + exit.ExitCode()))
	}
	if got != args[0] {
		ts.Fatalf("the exit status is %s, want %s (%v)", got, args[0], err)
	}
}

// checkJSON wants stdout to be exactly one object, and with arguments `path value` a member of it to be the value.
func checkJSON(ts *testscript.TestScript, _ bool, args []string) {
	var object any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	ts.Check(decoder.Decode(&object))
	if decoder.More() {
		ts.Fatalf("stdout has more than one object")
	}
	if len(args) == 0 {
		return
	}
	for key := range strings.SplitSeq(args[0], ".") {
		switch value := object.(type) {
		case map[string]any:
			object = value[key]
		case []any:
			object = value[key[0]-'0']
		}
	}
	encoded, err := json.Marshal(object)
	ts.Check(err)
	if got := strings.Trim(string(encoded), `"`); got != args[1] {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

// checkFiles wants the directory to hold exactly the given names.
func checkFiles(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var names []string
	for _, entry := range entries {
		if entry.Name() != ".tmp" { // testscript's own
			names = append(names, entry.Name())
		}
	}
	if got, want := strings.Join(names, " "), strings.Join(args[1:], " "); got != want {
		ts.Fatalf("%s holds %q, want %q", filepath.Base(args[0]), got, want)
	}
}

// edit replaces a text in a file; without the second text, it adds a line at the end.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	content, err := os.ReadFile(name)
	ts.Check(err)
	text := string(content) + args[1] + "\n"
	if len(args) == 3 {
		if !strings.Contains(string(content), args[1]) {
			ts.Fatalf("%s has no %q", args[0], args[1])
		}
		text = strings.Replace(string(content), args[1], args[2], 1)
	}
	ts.Check(os.WriteFile(name, []byte(text), 0o600))
}
