package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Print writes a result as text. It is the only way of a result to a terminal: packs, locks, file names and the output
// of commands are in it, and none of them can move the cursor, hide text or turn its direction.
func Print(w io.Writer, r Result) error {
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		return err
	}
	_, err := io.WriteString(w, block(text.String()))
	return err
}

// line returns a text for a place that has one line: everything that cannot be seen is written out, line breaks and
// tabs too, so that no text can pretend to be several.
func line(text string) string { return escape(text, func(rune, string) bool { return false }) }

// block returns a text of several lines: line breaks and tabs stay, everything else that cannot be seen is written out.
func block(text string) string {
	return escape(text, func(char rune, rest string) bool {
		return char == '\n' || char == '\t' || char == '\r' && strings.HasPrefix(rest, "\n")
	})
}

// indented returns a text of several lines of which the second and all further ones begin with a margin, so that none
// of them can be taken for a line of this program's.
func indented(text, margin string) string {
	return strings.ReplaceAll(block(strings.TrimRight(text, "\r\n")), "\n", "\n"+margin)
}

// lines returns each text as line does.
func lines(texts []string) []string {
	escaped := make([]string, len(texts))
	for n, text := range texts {
		escaped[n] = line(text)
	}
	return escaped
}

// escape writes out what isHidden, unless it is kept; rest is what follows the character.
func escape(text string, keep func(char rune, rest string) bool) string {
	isFine := func(char rune) bool { return !isHidden(char) }
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(char rune) bool { return !isFine(char) }) {
		return text
	}
	var escaped strings.Builder
	for rest := text; rest != ""; {
		char, size := utf8.DecodeRuneInString(rest)
		switch {
		case char == utf8.RuneError && size == 1:
			fmt.Fprintf(&escaped, `\x{%x}`, rest[0])
		case isFine(char) || keep(char, rest[size:]):
			escaped.WriteRune(char)
		default:
			fmt.Fprintf(&escaped, `\u{%x}`, char)
		}
		rest = rest[size:]
	}
	return escaped.String()
}

// isHidden reports whether a character is none that a reader sees: controls, marks of direction, characters without
// width, separators of lines, fillers, and what Unicode has not assigned.
func isHidden(char rune) bool {
	switch char {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0':
		return true
	default:
		return !unicode.IsGraphic(char)
	}
}

// isBinary reports whether a content is not to be shown as text.
func isBinary(content []byte) bool { return bytes.IndexByte(content, 0) >= 0 || !utf8.Valid(content) }

// visibleJSON returns JSON in which each character that cannot be seen is an escape. Such characters stand in strings
// only.
func visibleJSON(encoded []byte) []byte {
	text := string(encoded)
	if !strings.ContainsFunc(text, func(char rune) bool { return char != '\n' && isHidden(char) }) {
		return encoded
	}
	var visible strings.Builder
	for _, char := range text {
		switch {
		case char == '\n' || !isHidden(char):
			visible.WriteRune(char)
		case char > 0xffff:
			char -= 0x10000
			fmt.Fprintf(&visible, `\u%04x\u%04x`, 0xd800+char>>10, 0xdc00+char&0x3ff)
		default:
			fmt.Fprintf(&visible, `\u%04x`, char)
		}
	}
	return []byte(visible.String())
}
