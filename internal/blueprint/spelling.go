package blueprint

import (
	"fmt"
	"slices"
	"strings"
)

// maxWord is how long a misspelt word is at most: comparing takes time and memory that grow with it.
const maxWord = 64

// oneOf is a hint that names the allowed words, and the one that was probably meant.
func oneOf(given string, allowed []string) string {
	hint := "allowed: " + strings.Join(allowed, ", ")
	if near := Nearest(given, allowed); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return hint
}

// Nearest returns the word that was probably meant: the only one that begins with what was given, or the one that
// takes the fewest changes, if they are fewer than a third of its letters. It returns nothing for what is rather
// another word.
func Nearest(given string, words []string) string {
	if len(given) > maxWord {
		return ""
	}
	given = strings.ToLower(given)
	begins := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, given) })
	if len(given) > 1 && len(begins) == 1 {
		return begins[0]
	}
	best, fewest := "", len(given)
	for _, word := range words {
		if changes := distance(given, word); changes < fewest && 3*changes < max(len(word), len(given)) {
			best, fewest = word, changes
		}
	}
	return best
}

// distance returns how many bytes must be added, removed, replaced or swapped with their neighbour.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
