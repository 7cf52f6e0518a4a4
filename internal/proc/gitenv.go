package proc

import (
	"slices"
	"strings"
)

// GitEnv returns env without the variables that steer git, for every git that this program starts. Git sets them for
// its hooks, and CI systems and shells leave them behind: with GIT_DIR or GIT_INDEX_FILE a command works on another
// repository than the one that it was given, and GIT_TRACE writes headers with tokens into the messages.
//
// What stays is how a user reaches his repositories: the program for ssh and the one that asks for passwords, the
// certificates, the proxy, and the configuration. CI systems give a job its credentials, its mirrors and its
// safe.directory by GIT_CONFIG_COUNT, GIT_CONFIG_KEY_n and GIT_CONFIG_VALUE_n, and tests and containers choose their
// configuration files by GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM and GIT_CONFIG_NOSYSTEM. What these could do to a
// repository, its user can do by his own configuration.
func GitEnv(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, "GIT_") && !reachesRepositories(name)
	})
}

// reachesRepositories reports whether a variable of git is one that its user needs to reach his repositories.
func reachesRepositories(name string) bool {
	switch name {
	case "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS",
		"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT":
		return true
	}
	return slices.ContainsFunc([]string{"GIT_SSL_", "GIT_PROXY_", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"},
		func(prefix string) bool {
			return strings.HasPrefix(name, prefix)
		})
}
