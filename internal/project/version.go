package project

import "github.com/Masterminds/semver/v3"

// IsNewer reports whether version a of the program comes after version b. What was built from sources and has no version is neither
// newer nor older than anything.
func IsNewer(a, b string) bool {
	left, err := semver.NewVersion(a)
	if err != nil {
		return false
	}
	right, err := semver.NewVersion(b)
	return err == nil && left.GreaterThan(right)
}

func newer(a, b string) string {
	if IsNewer(b, a) {
		return b
	}
	return a
}
