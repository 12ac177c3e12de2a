package view

import (
	"strings"
	"unicode"
)

// width returns how many columns text takes on a terminal. Text must be
// escaped and without colours.
func width(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// wide holds what terminals draw two columns wide: the East Asian wide and
// fullwidth blocks and the pictographs, by whole blocks.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, // Hangul Jamo
		{0x2e80, 0x303e, 1}, // CJK radicals, punctuation
		{0x3041, 0xa4cf, 1}, // kana to Yi, CJK ideographs between
		{0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1}, // Hangul syllables
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff01, 0xff60, 1}, // fullwidth forms
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x1f300, 0x1f64f, 1},
		{0x1f680, 0x1f6ff, 1},
		{0x1f900, 0x1f9ff, 1},
		{0x20000, 0x3fffd, 1},
	},
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// pad fills text up with blanks to n columns; a longer text stays as it is.
func pad(text string, n int) string {
	return text + strings.Repeat(" ", max(0, n-width(text)))
}

// cut shortens text to at most n columns, ending in the given ellipsis if
// anything was taken off.
func cut(text string, n int, ellipsis string) string {
	if width(text) <= n {
		return text
	}
	room := n - width(ellipsis)
	if room < 0 {
		return ""
	}
	for i, r := range text {
		room -= runeWidth(r)
		if room < 0 {
			return text[:i] + ellipsis
		}
	}
	return text
}

// wrap breaks text at blanks into lines of at most n columns. A word that is
// longer keeps a line of its own, so that an ARN can still be copied. With n
// below 1 nothing is broken.
func wrap(text string, n int) []string {
	if n < 1 || width(text) <= n {
		return []string{text}
	}
	var lines []string
	line, columns := "", 0
	for word := range strings.SplitSeq(text, " ") {
		w := width(word)
		if columns > 0 && columns+1+w > n {
			lines = append(lines, strings.TrimRight(line, " "))
			line, columns = word, w
			continue
		}
		if line != "" || columns > 0 {
			line, columns = line+" ", columns+1
		}
		line, columns = line+word, columns+w
	}
	return append(lines, line)
}
