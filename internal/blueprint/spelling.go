package blueprint

import (
	"fmt"
	"strings"
)

// oneOf is a hint that names the allowed words, and the one that was probably meant.
func oneOf(given string, allowed []string) string {
	hint := "allowed: " + strings.Join(allowed, ", ")
	if near := nearest(given, allowed); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return hint
}

// nearest is the word that takes the fewest changes, if they are fewer than half of its letters.
func nearest(given string, words []string) string {
	best, fewest := "", len(given)
	for _, word := range words {
		if changes := distance(strings.ToLower(given), word); changes < fewest && 2*changes <= len(word) {
			best, fewest = word, changes
		}
	}
	return best
}

// distance is the Levenshtein distance: how many bytes must be added, removed or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
