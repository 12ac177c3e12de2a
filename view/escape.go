package view

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes text safe to print on a terminal or into the log of a CI
// system. Control characters (line ends and tabs too), bidirectional controls,
// everything else that does not print, and invalid UTF-8 come back as Go
// writes them in a string: \n, \x1b, \u202e. What such systems would take for
// a command is disarmed by a backslash: "::" at the start, and "##[" or
// "##word[" anywhere.
//
// It is for reading, not for reading back: a backslash in text stays single.
// Escaping twice changes nothing more.
func Escape(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && invalidAt(text, i):
			b.WriteString(`\x` + hex(text[i]))
		case !printable(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
	}
	return disarm(b.String())
}

// logCommand matches where GitHub Actions, Azure Pipelines and TeamCity look
// for commands anywhere in a line.
var logCommand = regexp.MustCompile(`##([A-Za-z]*)\[`)

// disarm sees to it that text is not taken for a command by whatever reads a
// log, be it at the start of a line or within one.
func disarm(text string) string {
	if strings.Contains(text, "##") {
		text = logCommand.ReplaceAllString(text, `#\#$1[`)
	}
	// GitHub Actions looks for these at the start of a line, after blanks.
	if rest := strings.TrimLeft(text, " "); strings.HasPrefix(rest, "::") {
		text = text[:len(text)-len(rest)] + `\` + rest
	}
	return text
}

// printable reports whether r shows as itself. Characters that are letters to
// Unicode but have no glyph, such as the Hangul fillers, do not.
func printable(r rune) bool {
	return strconv.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func invalidAt(text string, i int) bool {
	_, size := utf8.DecodeRuneInString(text[i:])
	return size == 1
}

func hex(b byte) string { return string([]byte{"0123456789abcdef"[b>>4], "0123456789abcdef"[b&15]}) }

// escapeJSON does for a JSON text, compact or indented by blanks, what Escape
// does for plain text, and leaves its meaning alone: what does not print can
// occur only inside strings, where it may be written as \u202e.
func escapeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == '\n' || printable(r) && (r != utf8.RuneError || size > 1):
			out = append(out, text[i:i+size]...)
		default:
			out = appendUnicode(out, r)
		}
		i += size
	}
	// A regular expression needs no care for strings here: "#" occurs nowhere else.
	return logCommand.ReplaceAll(out, []byte(`\u0023#$1[`))
}

// appendUnicode appends r as JSON writes it, in a surrogate pair if need be.
func appendUnicode(out []byte, r rune) []byte {
	units := []rune{r}
	if r > 0xffff {
		units = []rune{0xd800 + (r-0x10000)>>10, 0xdc00 + (r-0x10000)&0x3ff}
	}
	for _, u := range units {
		out = append(out, '\\', 'u')
		out = append(out, hex(byte(u>>8))...)
		out = append(out, hex(byte(u))...)
	}
	return out
}
