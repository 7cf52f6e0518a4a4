//go:build e2e

package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/cli"
	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
	"github.com/serverless-scaffold/scaffold/templates"
)

// level is a level that can be asked for, and the environment of its projects for which the most is promised.
type level struct{ name, environment string }

var levels = []level{{"mvp", "dev"}, {"production", "prod"}, {"enterprise", "prod"}, {"hyperscale", "prod"}}

// combinations is the flags of every project of a level that can be asked for. The first is what CI renders;
// MATRIX=full is all.
var combinations = [][]string{
	{"--ci", "github", "--updates", "pull-request"},
	{"--ci", "none", "--region", "us-east-1", "--issuer", "https://login.example.org/tenant", "--audience", "a,b"},
}

// project is a rendered project and the environment for its commands.
type project struct {
	dir string
	env []string
	// sameDomain says that the domain is that of another project, whose tests were tried with mutants already.
	sameDomain bool
}

// TestProject renders projects and runs their own commands in them, with no edit, and then independent judges. The
// first of each level stays in the folder PROJECTS, for the other suites.
func TestProject(t *testing.T) {
	chosen := combinations[:1]
	if os.Getenv("MATRIX") == "full" {
		chosen = combinations
	}
	for _, level := range levels {
		for n, flags := range chosen {
			t.Run(level.name+" "+strings.Join(flags, " "), func(t *testing.T) {
				parent := t.TempDir()
				if n == 0 {
					parent = filepath.Dir(level.dir(t))
					if err := os.RemoveAll(parent); err != nil {
						t.Fatal(err)
					}
				}
				p := render(t, parent, append([]string{"--level", level.name}, flags...))
				p.install(t)
				p.check(t)
				p.judge(t)
			})
		}
	}
}

// dir is where the project of the level stays.
func (l level) dir(t *testing.T) string {
	t.Helper()
	parent := os.Getenv("PROJECTS")
	if parent == "" {
		t.Fatal("PROJECTS is not set; use make")
	}
	return filepath.Join(parent, l.name, "orders")
}

// template is the synthesised template of the level's project.
func (l level) template(t *testing.T) string {
	t.Helper()
	return filepath.Join(l.dir(t), "infra", "cdk.out", "orders-"+l.environment+".template.json")
}

func render(t *testing.T, parent string, flags []string) *project {
	t.Helper()
	var errs bytes.Buffer
	status := cli.Run(t.Context(), cli.Process{
		Args:  append([]string{"new", "orders", "-C", parent, "--platform", "lambda"}, flags...),
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &errs, Packs: templates.FS, Version: "test",
	})
	if status != 0 {
		t.Fatalf("scaffold new exited with %d: %s", status, errs.String())
	}
	home := t.TempDir()
	return &project{dir: filepath.Join(parent, "orders"), env: append(os.Environ(),
		"PATH="+testtools.Node(t)+":"+filepath.Dir(testtools.Path(t, "python", "bin", "cfn-lint"))+":"+os.Getenv("PATH"),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "CI=true", "NO_COLOR=1",
		"GOPATH="+goEnv(t, "GOPATH"), "GOCACHE="+goEnv(t, "GOCACHE"), "GOFLAGS=-mod=readonly -buildvcs=false",
		"JSII_RUNTIME_PACKAGE_CACHE_ROOT="+filepath.Join(os.Getenv("TOOLS"), "jsii"),
		"npm_config_cache="+filepath.Join(os.Getenv("TOOLS"), "npm-cache"),
	)}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	value, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(value))
}

// run runs one command of the project's owner; its output is shown if it fails.
func (p *project) run(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	var output bytes.Buffer
	err := proc.Run(t.Context(), proc.Command{
		Argv: resolve(p.env, argv), Dir: filepath.Join(p.dir, dir), Env: p.env, Stdout: &output, Stderr: &output, Tied: true,
	})
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, output.String())
	}
	return output.String()
}

// resolve finds the program in the PATH that the command will have.
func resolve(env, argv []string) []string {
	var path string
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "PATH="); ok {
			path = value // The last one counts, as it does for the system.
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if program := filepath.Join(dir, argv[0]); isExecutable(program) {
			return append([]string{program}, argv[1:]...)
		}
	}
	return argv
}

func isExecutable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// install is `npm ci`, once for each content of the lockfile: projects with the same one share what was installed.
func (p *project) install(t *testing.T) {
	t.Helper()
	lock, err := os.ReadFile(filepath.Join(p.dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if host := regexp.MustCompile(`https?://[^"]*(registry|tgz)[^"]*`).Find(lock); host != nil {
		t.Errorf("the lockfile has the download address %s", host)
	}
	sum := sha256.Sum256(lock)
	shared := filepath.Join(os.Getenv("TOOLS"), "npm", hex.EncodeToString(sum[:8]))
	modules := filepath.Join(shared, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		if err := os.MkdirAll(shared, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"package.json", "package-lock.json"} {
			copyFile(t, filepath.Join(p.dir, name), filepath.Join(shared, name))
		}
		installer := &project{dir: shared, env: p.env}
		installer.run(t, ".", "npm", "ci", "--no-audit", "--no-fund")
	}
	if err := os.Symlink(modules, filepath.Join(p.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// check is the commands of the project's README.
func (p *project) check(t *testing.T) {
	t.Helper()
	p.run(t, ".", "npm", "run", "lint")
	p.run(t, ".", "npm", "run", "typecheck")
	coverage := p.run(t, ".", "npm", "test")
	for line := range strings.Lines(coverage) {
		if strings.HasPrefix(strings.TrimSpace(line), "All files") || strings.Contains(line, "Tests ") {
			t.Log(strings.TrimSpace(line))
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "test", "integration")); err == nil {
		p.integration(t)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "stryker.config.json")); err == nil && !p.sameDomain {
		for line := range strings.Lines(p.run(t, ".", "npm", "run", "test:mutation")) {
			if strings.Contains(line, "All files") {
				t.Log("mutants: " + strings.TrimSpace(line))
			}
		}
	}
	p.run(t, ".", "npm", "run", "build")
	p.checkZips(t)
	p.run(t, "infra", "go", "mod", "tidy", "-diff")
	p.run(t, "infra", "go", "vet", "./...")
	if unformatted := p.run(t, "infra", "gofmt", "-l", "."); unformatted != "" {
		t.Errorf("gofmt would change %s", unformatted)
	}
	p.run(t, "infra", "go", "test", "./...")
	p.run(t, ".", "npm", "run", "synth")
}

func (p *project) integration(t *testing.T) {
	t.Helper()
	with := &project{dir: p.dir, env: append(p.env, "AWS_ENDPOINT_URL="+startMotoBy(t, testtools.Path(t, "python", "bin", "python"), "-c", oneTransactionAtATime))}
	with.run(t, ".", "npm", "run", "test:integration")
}

// checkZips holds every bundle to a megabyte, zipped as it is deployed.
func (p *project) checkZips(t *testing.T) {
	t.Helper()
	bundles, err := filepath.Glob(filepath.Join(p.dir, "dist", "*"))
	if err != nil || len(bundles) == 0 {
		t.Fatalf("there are no bundles: %v", err)
	}
	largest := 0
	for _, bundle := range bundles {
		var zipped bytes.Buffer
		w := zip.NewWriter(&zipped)
		if err := w.AddFS(os.DirFS(bundle)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, zipped.Len())
		if zipped.Len() >= 1_000_000 {
			t.Errorf("%s has %d bytes zipped", filepath.Base(bundle), zipped.Len())
		}
	}
	t.Logf("%d bundles, the largest has %d bytes zipped", len(bundles), largest)
}

// judge asks those who know nothing of this project.
func (p *project) judge(t *testing.T) {
	t.Helper()
	stacks, err := filepath.Glob(filepath.Join(p.dir, "infra", "cdk.out", "*.template.json"))
	environments, _ := filepath.Glob(filepath.Join(p.dir, "infra", "config", "*.json"))
	if err != nil || len(stacks) == 0 || len(stacks) < len(environments) {
		t.Fatalf("%d stacks were synthesised, want %d at least: %v", len(stacks), len(environments), err)
	}
	p.run(t, ".", append([]string{"cfn-lint"}, stacks...)...)
	for _, stack := range stacks {
		if name := filepath.Base(stack); len(stacks) > 1 && !strings.Contains(name, "-prod") {
			continue // It takes seconds a stack, and the environments differ in settings alone.
		}
		open, waived := guard(t, stack)
		t.Logf("%s: cfn-guard has %d findings, and %d that are waived", filepath.Base(stack), open, waived)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "infra", ".checkov.yaml")); err == nil {
		for _, stack := range stacks {
			p.run(t, ".", "checkov", "--config-file", "infra/.checkov.yaml", "--file", stack, "--compact", "--quiet", "--skip-download")
		}
	}
	workflows, err := filepath.Glob(filepath.Join(p.dir, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(workflows) > 0 {
		p.run(t, ".", append([]string{testtools.Path(t, "go", "actionlint"), "-shellcheck", "", "-pyflakes", ""}, workflows...)...)
	}
	p.checkPinned(t, workflows)
}

var pinned = regexp.MustCompile(`uses: (\./|[\w./-]+@[0-9a-f]{40} # v)`)

func (p *project) checkPinned(t *testing.T, workflows []string) {
	t.Helper()
	for _, workflow := range workflows {
		content, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			if strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: %s is not pinned by commit", filepath.Base(workflow), strings.TrimSpace(line))
			}
		}
	}
}

// TestDevServer runs `npm run dev` as a newcomer does, and follows an order with the commands that it prints.
func TestDevServer(t *testing.T) {
	p := &project{dir: levels[1].dir(t), env: append(os.Environ(), "PATH="+testtools.Node(t)+":"+os.Getenv("PATH"), "PORT=0", "WEBHOOK_SECRET=secret")}
	output := &lockedBuffer{}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() {
		done <- proc.Run(ctx, proc.Command{
			Argv: resolve(p.env, []string{"npm", "run", "dev"}), Dir: p.dir, Env: p.env,
			Stdout: output, Stderr: output, Tied: true,
		})
	}()
	followDevOrder(t, output)
	stop()
	<-done
}
