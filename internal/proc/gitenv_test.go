package proc_test

import (
	"slices"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/proc"
)

func TestGitEnv(t *testing.T) {
	keep := []string{
		"HOME=/home/me", "PATH=/bin", "GITHUB_TOKEN=t", "SSH_AUTH_SOCK=/s", "https_proxy=http://p", "GIT_SSH=/ssh", "GIT_SSH_COMMAND=ssh -i k",
		"GIT_SSH_VARIANT=ssh", "GIT_ASKPASS=/ask", "GIT_SSL_CAINFO=/ca", "GIT_SSL_NO_VERIFY=", "GIT_PROXY_SSL_CERT=/c", "GIT_CONFIG_GLOBAL=/g",
		"GIT_CONFIG_SYSTEM=/s", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=a.b", "GIT_CONFIG_VALUE_0=c",
	}
	drop := []string{
		"GIT_DIR=/x", "GIT_WORK_TREE=/x", "GIT_INDEX_FILE=/x", "GIT_COMMON_DIR=/x", "GIT_OBJECT_DIRECTORY=/x", "GIT_NAMESPACE=x", "GIT_PREFIX=x",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=/x", "GIT_CEILING_DIRECTORIES=/x", "GIT_TRACE=1", "GIT_TRACE_CURL=1", "GIT_TRACE2_EVENT=/x", "GIT_CURL_VERBOSE=1",
		"GIT_EXEC_PATH=/x", "GIT_TEMPLATE_DIR=/x", "GIT_EXTERNAL_DIFF=x", "GIT_CONFIG=/x", "GIT_CONFIG_PARAMETERS='a.b=c'", "GIT_ALLOW_PROTOCOL=ext",
		"GIT_DEFAULT_HASH=sha256", "GIT_SHALLOW_FILE=/x", "GIT_REPLACE_REF_BASE=x", "GIT_TERMINAL_PROMPT=1", "GIT_QUARANTINE_PATH=/x",
	}
	env := slices.Concat(keep, drop)
	before := slices.Clone(env)
	if got := proc.GitEnv(env); !slices.Equal(got, keep) {
		t.Errorf("got %q, want %q", got, keep)
	}
	if !slices.Equal(env, before) {
		t.Error("the caller's environment has changed")
	}
}
