package spec

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ssmctl/ssmctl/resource"
)

// A source is the text of a spec, by lines.
type source struct {
	file   string
	size   int    // in bytes
	text   string // "" if there is too much of it, and without a byte order mark
	starts []int  // where each line begins
	ascii  bool   // every character is one byte

	// Where each character of one long line begins. Finding a column means
	// walking the line, and a hostile file is one line with many problems.
	long    int
	columns []int32
}

// newSource splits data into lines.
func newSource(file string, data []byte) *source {
	s := &source{file: file, size: len(data), starts: []int{0}, ascii: true}
	if s.size > maxBytes {
		return s // it will be refused, so it is not worth the memory
	}
	s.text = string(bytes.TrimPrefix(data, []byte("\ufeff")))
	for i := range len(s.text) {
		if s.text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
		s.ascii = s.ascii && s.text[i] < utf8.RuneSelf
	}
	return s
}

// line returns line n, counted from 1, without its ending.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.starts) {
		return ""
	}
	if n == len(s.starts) {
		return s.text[s.starts[n-1]:]
	}
	return strings.TrimSuffix(s.text[s.starts[n-1]:s.starts[n]-1], "\r")
}

// rest returns line n from a column on.
func (s *source) rest(n, column int) string {
	line := s.line(n)
	return line[s.offset(n, line, column):]
}

// offset returns where in the line its column begins, in bytes.
func (s *source) offset(n int, line string, column int) int {
	if s.ascii {
		return min(max(column-1, 0), len(line))
	}
	const short = 1 << 12
	if len(line) <= short {
		at := 0
		for ; column > 1 && at < len(line); column-- {
			_, size := utf8.DecodeRuneInString(line[at:])
			at += size
		}
		return at
	}
	if s.long != n {
		s.long, s.columns = n, slices.Grow(s.columns[:0], len(line))
		for i := range line {
			s.columns = append(s.columns, int32(i))
		}
	}
	if column-1 < len(s.columns) {
		return int(s.columns[max(column-1, 0)])
	}
	return len(line)
}

// mark cuts a stretch out of line n, with as much around it as can be shown.
func (s *source) mark(n, column, width int) mark {
	line := s.line(n)
	from := max(1, column-maxExcerpt)
	start, end := s.offset(n, line, from), s.offset(n, line, column+2*maxExcerpt)
	return mark{line: line[start:end], skipped: from - 1, width: max(1, width)}
}

// at returns the position of a place in the file.
func (s *source) at(line, column int) resource.Position {
	return resource.Position{File: s.file, Line: line, Column: column}
}

// extent returns how many characters of its first line the node takes up.
func (s *source) extent(n *yaml.Node) int {
	rest := s.rest(n.Line, n.Column)
	rest = rest[:min(len(rest), 16*maxExcerpt)] // no more can be shown
	if rest == "" {
		return 1
	}
	switch rest[0] {
	case '"', '\'':
		return runes(rest[:quoted(rest)])
	case '[', '{':
		return runes(rest[:bracketed(rest)])
	case '|', '>', '!', '&':
		return runes(rest[:strings.IndexAny(rest+" ", " \t")])
	case '*':
		return runes(rest[:strings.IndexAny(rest+" ", " \t,]}")])
	}
	switch n.Kind {
	case yaml.MappingNode:
		if len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column {
			return s.extent(n.Content[0])
		}
		return 1
	case yaml.SequenceNode:
		return 1
	}
	if n.Value == "" {
		return 1 // nothing is there
	}
	first, _, _ := strings.Cut(n.Value, "\n")
	if first != "" && strings.HasPrefix(rest, first) {
		return runes(first)
	}
	// Plain text over several lines: show what of it is on the first.
	end := len(rest)
	if i := strings.Index(rest, " #"); i >= 0 {
		end = i
	}
	return max(1, runes(strings.TrimRight(rest[:end], " \t")))
}

func runes(s string) int { return utf8.RuneCountInString(s) }

// quoted returns the length of the quoted text that s begins with, or of s if
// the quotes are not closed in it.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0] && s[0] == '\'' && strings.HasPrefix(s[i+1:], "'"):
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

// bracketed returns the length of the bracketed text that s begins with, or 1
// if the bracket is not closed in it.
func bracketed(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'':
			i += quoted(s[i:]) - 1
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 1
}

// The size of what is read at all.
const (
	maxBytes = 1 << 20
	// maxWeight bounds the YAML nodes a file may hold before any are made: each
	// takes at least one character that counts, see weight.
	maxWeight = 100_000
)

// scan checks the file as text, before anyone tries to make sense of it, and
// reports whether it can be parsed.
func (l *loader) scan() bool {
	s := l.source
	if s.size > maxBytes {
		l.reportFile(TooLarge, fmt.Sprintf("the file has %d bytes; a spec has at most %d", s.size, maxBytes),
			"split what it says between several specs, each with a `name` of its own")
		return false
	}
	if strings.HasPrefix(s.text, "\xff\xfe") || strings.HasPrefix(s.text, "\xfe\xff") {
		l.reportFile(NotText, "the file is UTF-16, not UTF-8", "save it as UTF-8")
		return false
	}
	total := 0
	for n := range len(s.starts) {
		line := s.line(n + 1)
		total += weight(line)
		column := 0
		for i, r := range line {
			column++
			if r >= ' ' && r <= '~' {
				continue
			}
			if r == utf8.RuneError && !strings.HasPrefix(line[i:], string(utf8.RuneError)) {
				l.reportAt(n+1, column, 1, NotText, fmt.Sprintf("the byte 0x%02x is not UTF-8 text", line[i]), "save the file as UTF-8")
				return false
			}
			if invisible(r) {
				l.reportAt(n+1, column, 1, Invisible, fmt.Sprintf("%s U+%04X", nameInvisible(r), r), "delete it")
			}
		}
	}
	if total > maxWeight {
		l.reportFile(TooMany, "the file holds more values than a spec can", "split what it says between several specs, each with a `name` of its own")
		return false
	}
	return !l.problems.found()
}

// weight counts what may begin a value in a line, and comments, since the
// parser keeps those as well.
func weight(line string) int {
	n := 1
	for i := range len(line) {
		switch line[i] {
		case ',', '[', '{':
			n++
		case ':', '-', '?':
			if i+1 == len(line) || strings.IndexByte(" \t\"',[]{}", line[i+1]) >= 0 || i > 0 && (line[i-1] == '"' || line[i-1] == '\'') {
				n++
			}
		case '#':
			n += 2
		}
	}
	return n
}

// invisible reports whether r cannot be seen, or changes how what is around it
// is seen. The joiners that some scripts and emoji are written with are let
// through; so are tab and line feed.
func invisible(r rune) bool {
	switch r {
	case '\t', '\n', '\u200c', '\u200d':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// nameInvisible says what sort of character r is.
func nameInvisible(r rune) string {
	switch {
	case r == '\ufeff':
		return "a byte order mark inside the text,"
	case r == 0:
		return "a NUL character,"
	case unicode.Is(unicode.Bidi_Control, r):
		return "a character that changes the direction of writing,"
	case unicode.Is(unicode.Cc, r):
		return "a control character,"
	}
	return "an invisible character,"
}
