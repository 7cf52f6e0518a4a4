package engine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
	"github.com/serverless-scaffold/scaffold/internal/fault"
	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/internal/project"
	"github.com/serverless-scaffold/scaffold/internal/quality"
	"github.com/serverless-scaffold/scaffold/internal/quality/rules"
)

// projectOf is the project around the templates. With Run, its commands have been run.
func (e *Engine) projectOf(ctx context.Context, request CheckRequest, templates []*cfn.Template, policy *quality.Policy) (*rules.Project, error) {
	managed, err := project.Managed(request.Project)
	if err != nil {
		return nil, err
	}
	around := &rules.Project{Files: request.Project, Policy: policy, Templates: templates, Managed: managed}
	if _, err := fs.Stat(request.Project, "package.json"); !request.Run || errors.Is(err, fs.ErrNotExist) {
		return around, nil
	}
	request.tell("linting")
	lint, err := request.npm(ctx, "run", "lint")
	if err != nil {
		return nil, err
	}
	around.Lint = &lint
	request.tell("testing")
	if failure, err := request.npm(ctx, "test"); err != nil || failure != "" {
		return nil, errors.Join(err, &fault.Error{Code: fault.Findings, Message: "the project's own tests fail: " + failure, Hint: "npm test"})
	}
	request.tell("starting the functions")
	around.Starts, err = measureStarts(ctx, filepath.Join(request.Dir, "dist"))
	return around, err
}

func (r *CheckRequest) tell(what string) {
	if r.Progress != nil {
		r.Progress(what)
	}
}

// lastLines is how much of a command's output is shown when it fails.
const lastLines = 15

// npm runs a script of the project; failure is the end of what it printed, if it failed.
func (r *CheckRequest) npm(ctx context.Context, args ...string) (failure string, err error) {
	var output bytes.Buffer
	err = proc.Run(ctx, proc.Command{Argv: append([]string{"npm"}, args...), Dir: r.Dir, Env: r.Env, Stdout: &output, Stderr: &output})
	if _, ok := proc.ExitStatus(err); !ok {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-lastLines):], "\n"), nil
}

// startsMeasured is how often each function is started, in turns with an empty one; the medians are compared.
const startsMeasured = 7

// measureStarts compares the start of each package with that of an empty handler, in processor time. A function is started in
// its own folder, where a relative path would lead nowhere.
func measureStarts(ctx context.Context, dist string) (map[string]float64, error) {
	dist, err := filepath.Abs(dist)
	if err != nil {
		return nil, fault.Wrap(err, "looking for packages")
	}
	packages, err := packagesIn(dist)
	if err != nil || len(packages) == 0 {
		return nil, err
	}
	empty := dist // It has no handler of its own.
	starts := map[string][]lambdahost.Start{}
	for range startsMeasured {
		for _, dir := range append([]string{empty}, packages...) {
			start, err := lambdahost.MeasureStart(ctx, lambdahost.BareNode("node"), &lambdahost.Function{
				Name: filepath.Base(dir), Dir: dir, Handler: "index.handler", Region: "eu-west-1", MemoryMB: 1024, Timeout: 10 * time.Second,
				Environment: placeholders(),
			})
			if err != nil {
				return nil, fault.Wrap(err, "starting %s", dir)
			}
			starts[dir] = append(starts[dir], start)
		}
	}
	base := lambdahost.Median(starts[empty]).CPU.Seconds()
	ratios := map[string]float64{}
	for _, dir := range packages {
		ratios[filepath.Base(dir)] = lambdahost.Median(starts[dir]).CPU.Seconds() / base
	}
	return ratios, nil
}

// packagesIn returns the folders in which there is a handler.
func packagesIn(dist string) ([]string, error) {
	entries, err := os.ReadDir(dist)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var packages []string
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(dist, entry.Name(), "index.mjs")); err == nil {
			packages = append(packages, filepath.Join(dist, entry.Name()))
		}
	}
	return packages, fault.Wrap(err, "looking for packages")
}

// placeholders is what functions of ours want to find in their environment when they start.
func placeholders() map[string]string {
	return map[string]string{ //nolint:gosec // None of them is a secret.
		"TABLE_NAME": "table", "EVENT_BUS_NAME": "bus", "MAX_RECEIVE_COUNT": "5", "QUEUE_URL": "https://queue", "DEAD_LETTER_QUEUE_URL": "https://queue",
		"POWERTOOLS_SERVICE_NAME": "service", "WEBHOOK_SECRETS_ARN": "arn", "TOKEN_ISSUER": "https://issuer.example.com/", "TOKEN_AUDIENCE": "audience",
		"JWKS_URI": "https://issuer.example.com/jwks",
	}
}
