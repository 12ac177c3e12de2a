package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a text may measure. IAM's own limit, for a policy of a customer, is
// 131,072 characters, and the largest of Amazon's has some 140,000. A text far
// beyond is no policy, and what is wrong with it would take long to say.
const (
	maxBytes   = 1 << 18
	maxDepth   = 64
	maxMembers = 1000 // of one object: IAM has some 150 operators, and no statement as many keys
)

// A node is a JSON value and where it stands. encoding/json forgets positions
// and duplicate keys and mends what is not Unicode, any of which would let two
// readers of one policy disagree.
type node struct {
	kind    byte   // '{', '[', '"', '0' for a number, 'b' for true and false, 'n' for null
	text    string // of a string: its value; of numbers and the like: as written
	offset  int
	members []member // of an object, in order
	items   []node   // of an array
}

type member struct {
	name   string
	offset int
	value  node
}

// A scanner reads JSON as RFC 8259 has it, and nothing beyond.
type scanner struct {
	text  string
	i     int
	depth int
	path  Path
	bad   *Problem // the first problem, after which nothing that was read counts
}

// scan reads the whole text as one JSON value.
func scan(text string) (node, *Problem) {
	s := scanner{text: text}
	switch {
	case len(text) > maxBytes:
		s.fail(0, fmt.Sprintf("the text has %d bytes; a policy has at most %d", len(text), maxBytes), "split it into several policies")
	case !utf8.ValidString(text):
		s.fail(invalid(text), "the text is not UTF-8 from here on", "save it as UTF-8")
	}
	if s.bad != nil {
		return node{}, s.bad
	}
	n := s.value()
	if s.space(); s.bad == nil && s.i < len(s.text) {
		s.fail(s.i, "there is more after the end: "+s.next(), "keep one JSON value")
	}
	return n, s.bad
}

// invalid returns the offset of the first byte that is not UTF-8.
func invalid(text string) int {
	i := 0
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return i
}

func (s *scanner) fail(offset int, text, help string) {
	if s.bad == nil {
		s.bad = &Problem{position(s.text, offset), s.path.at(), text, help}
	}
}

func (s *scanner) space() {
	for s.i < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.i]) >= 0 {
		s.i++
	}
}

// next describes what stands at the current place.
func (s *scanner) next() string {
	if s.i >= len(s.text) {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.i:])
	return strconv.QuoteRune(r)
}

// take skips white space and then c, if it is there.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.i < len(s.text) && s.text[s.i] == c {
		s.i++
		return true
	}
	return false
}

func (s *scanner) expect(c byte, what string) bool {
	if s.bad == nil && !s.take(c) {
		s.fail(s.i, fmt.Sprintf("expected %s, found %s", what, s.next()), "")
	}
	return s.bad == nil
}

func (s *scanner) value() node {
	s.space()
	n := node{offset: s.i}
	if s.depth++; s.depth > maxDepth {
		s.fail(s.i, fmt.Sprintf("values are nested more than %d deep", maxDepth), "")
		return n
	}
	defer func() { s.depth-- }()
	var c byte
	if s.i < len(s.text) {
		c = s.text[s.i]
	}
	switch {
	case c == '{':
		n.kind, n.members = '{', s.object()
	case c == '[':
		n.kind, n.items = '[', s.array()
	case c == '"':
		n.kind, n.text = '"', s.string()
	case c == '-' || '0' <= c && c <= '9':
		n.kind, n.text = '0', s.number()
	default:
		for word, kind := range map[string]byte{"true": 'b', "false": 'b', "null": 'n'} {
			if strings.HasPrefix(s.text[s.i:], word) {
				s.i += len(word)
				n.kind, n.text = kind, word
				return n
			}
		}
		s.fail(s.i, "expected a JSON value, found "+s.next(), "")
	}
	return n
}

func (s *scanner) object() (members []member) {
	s.i++ // {
	if s.take('}') {
		return nil
	}
	seen := map[string]bool{}
	for s.bad == nil {
		s.space()
		m := member{offset: s.i}
		if s.i >= len(s.text) || s.text[s.i] != '"' {
			s.fail(s.i, "expected the name of an element in double quotes, found "+s.next(), "")
			return nil
		}
		m.name = s.string()
		if !s.expect(':', "a colon after the name") {
			return nil
		}
		s.path = append(s.path, m.name)
		if seen[m.name] {
			s.fail(m.offset, quote(m.name)+" is there twice, and readers of JSON do not agree which one counts", "keep one of them, or put both values in one list")
		}
		seen[m.name] = true
		if len(seen) > maxMembers {
			s.fail(m.offset, fmt.Sprintf("an object has more than %d elements", maxMembers), "split the policy")
		}
		m.value = s.value()
		s.path = s.path[:len(s.path)-1]
		members = append(members, m)
		if s.bad == nil && s.take('}') {
			break
		}
		s.expect(',', "a comma or the closing brace")
	}
	return members
}

func (s *scanner) array() (items []node) {
	s.i++ // [
	if s.take(']') {
		return nil
	}
	for s.bad == nil {
		s.path = append(s.path, strconv.Itoa(len(items)))
		items = append(items, s.value())
		s.path = s.path[:len(s.path)-1]
		if s.bad == nil && s.take(']') {
			break
		}
		s.expect(',', "a comma or the closing bracket")
	}
	return items
}

func (s *scanner) number() string {
	start := s.i
	digits := func() int {
		from := s.i
		for s.i < len(s.text) && '0' <= s.text[s.i] && s.text[s.i] <= '9' {
			s.i++
		}
		return s.i - from
	}
	is := func(chars string) bool {
		ok := s.i < len(s.text) && strings.IndexByte(chars, s.text[s.i]) >= 0
		if ok {
			s.i++
		}
		return ok
	}
	is("-")
	ok := is("0") || digits() > 0
	if ok && is(".") {
		ok = digits() > 0
	}
	if ok && is("eE") {
		is("+-")
		ok = digits() > 0
	}
	if !ok {
		s.fail(start, "this is not a number in JSON", "put it in double quotes")
	}
	return s.text[start:s.i]
}

// string reads a string, of which the opening quote is the next byte.
func (s *scanner) string() string {
	start := s.i
	s.i++
	var b strings.Builder
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == '"':
			s.i++
			return b.String()
		case c < ' ':
			s.fail(s.i, "a string holds "+s.next()+" as it is", "end the string before it, or write it as an escape such as \\n")
			return ""
		case c != '\\':
			b.WriteByte(c)
			s.i++
		default:
			r, ok := s.escape()
			if !ok {
				s.fail(s.i, "this is not an escape that JSON knows, or half of one", `write a backslash as \\`)
				return ""
			}
			b.WriteRune(r)
		}
	}
	s.fail(start, "a string that begins here does not end", "close it with a double quote")
	return ""
}

// escape reads an escape, and stays where it is if there is none.
func (s *scanner) escape() (rune, bool) {
	rest := s.text[s.i:]
	if len(rest) < 2 {
		return 0, false
	}
	if i := strings.IndexByte(`"\/bfnrt`, rest[1]); i >= 0 {
		s.i += 2
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	r, ok := codeUnit(rest)
	if !ok {
		return 0, false
	}
	size := 6
	if utf16.IsSurrogate(r) {
		low, ok := codeUnit(rest[size:])
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return 0, false
		}
		size += 6
	}
	s.i += size
	return r, true
}

// codeUnit reads the \uXXXX that text begins with.
func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}
