package blueprint

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// plainForm matches what YAML takes for a string without quotes, in any position, unless it is one of
	// plainExceptions.
	plainForm       = regexp.MustCompile(`^[A-Za-z/]([A-Za-z0-9._/?=&%+~@-]|:/)*$`)
	plainExceptions = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n)$`)
)

// yamlScalar returns a string as YAML writes it, in the shortest form that every reader takes for that string. Whatever
// is written into a blueprint.yaml goes through it.
func yamlScalar(text string) string {
	switch {
	case plainForm.MatchString(text) && !plainExceptions.MatchString(text):
		return text
	case strings.ContainsFunc(text, needsEscape) || !utf8.ValidString(text):
		return doubleQuoted(text)
	default:
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
}

// yamlList returns strings as a list on one line.
func yamlList(values []string) string {
	items := make([]string, len(values))
	for n, value := range values {
		items[n] = yamlScalar(value)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// needsEscape reports whether a character can be written in double quotes only. Blanks other than the space are escaped
// too: readers trim them.
func needsEscape(char rune) bool {
	return char != ' ' && !unicode.IsGraphic(char) || unicode.IsSpace(char) && char != ' '
}

func doubleQuoted(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			quoted.WriteRune('\\')
			quoted.WriteRune(char)
		case char == '\n':
			quoted.WriteString(`\n`)
		case char == '\t':
			quoted.WriteString(`\t`)
		case needsEscape(char) && char > 0xffff:
			fmt.Fprintf(&quoted, `\U%08X`, char)
		case needsEscape(char):
			fmt.Fprintf(&quoted, `\u%04X`, char)
		default:
			quoted.WriteRune(char)
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}
