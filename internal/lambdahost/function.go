// Package lambdahost is the Lambda Runtime API on this machine: it starts a function's real runtime process, hands it
// one invocation after the other, and tells what came of each, as the service would.
//
// It plays the contract between Lambda and a runtime, https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and
// freezes, scales and bills nothing. Extensions, telemetry and SnapStart are not played.
package lambdahost

import (
	"cmp"
	_ "embed"
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Function is a deployed function.
type Function struct {
	Name string
	// ARN is what invocations are told to have invoked.
	ARN string
	// Dir is the unpacked package, Handler the module and the function in it, such as index.handler.
	Dir     string
	Handler string
	// Environment is the function's own variables.
	Environment map[string]string
	Region      string
	MemoryMB    int
	Timeout     time.Duration
	// LogLevel is the lowest level that is kept; INFO if empty.
	LogLevel string
}

// Runtime is how to start the process that runs functions.
type Runtime struct {
	argv []string
}

//go:embed preload.mjs
var preload []byte

// NodeRuntime is AWS's runtime client for Node.js: node is the binary, client the folder of the package aws-lambda-ric.
// The part of the client that has to be compiled is replaced, unless it has been compiled.
func NodeRuntime(node, client string) *Runtime {
	entry := filepath.Join(client, "index.mjs")
	if _, err := os.Stat(filepath.Join(client, "rapid-client.node")); err == nil {
		return &Runtime{argv: []string{node, entry}}
	}
	module := "data:text/javascript;base64," + base64.StdEncoding.EncodeToString(preload)
	return &Runtime{argv: []string{node, "--import", module, entry}}
}

//go:embed bare.mjs
var bare string

// BareNode runs handlers without AWS's runtime client, up to their first invocation: it is for measuring starts. A folder
// without a handler is an empty function.
func BareNode(node string) *Runtime {
	return &Runtime{argv: []string{node, "--input-type=module", "--eval", bare}}
}

func (r *Runtime) command(f *Function) []string {
	return append(slices.Clone(r.argv), f.Handler)
}

// environ is what Lambda sets for a function, and then the function's own variables.
func (f *Function) environ(api string) []string {
	variables := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_LOG_LEVEL":            cmp.Or(f.LogLevel, "INFO"),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_EXECUTION_ENV":               "AWS_Lambda_nodejs24.x",
		"AWS_REGION":                      f.Region,
		"AWS_DEFAULT_REGION":              f.Region,
		"LAMBDA_TASK_ROOT":                f.Dir,
		"_HANDLER":                        f.Handler,
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
	}
	maps.Copy(variables, f.Environment)
	environ := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		environ = append(environ, name+"="+variables[name])
	}
	return environ
}
