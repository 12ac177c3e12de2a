package spec

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A scalar is one plain value: its text as written, with variables put in, and
// what YAML takes it for.
type scalar struct {
	text  string
	tag   string // "!!str", "!!int", "!!bool", "!!null", ...
	plain bool   // written without quotes
	given bool   // it is a variable's value, so its quotes are not where it stands
}

// read returns the scalar in a node, or false after reporting why it has none.
// The node is a scalar and not broken. If literal, variables are refused.
func (l *loader) read(n *yaml.Node, w *where, literal bool) (scalar, bool) {
	s := scalar{text: n.Value, tag: n.Tag, plain: n.Style == 0}
	if s.plain && s.tag == "!!null" {
		p := l.report(n, NoValue, w.String()+" has no value")
		p.Help = "give it one, or delete the key; a list with nothing in it is written [], a mapping {}"
		l.broken[n] = true
		return scalar{}, false
	}
	if !strings.Contains(s.text, "$(") {
		return s, true
	}
	if literal {
		l.report(n, BadVar, w.String()+" cannot use variables").Help = "write the value out"
		l.broken[n] = true
		return scalar{}, false
	}
	s, ok := l.substitute(n, s)
	l.broken[n] = !ok
	return s, ok
}

// describe says in plain words what the scalar is.
func (s scalar) describe() string {
	switch {
	case !s.plain:
		return "text"
	case s.tag == "!!null":
		return "nothing"
	case s.tag == "!!bool" || legacyBool(s.text):
		return shorten(s.text)
	case s.tag == "!!int" || s.tag == "!!float":
		return "the number " + shorten(s.text)
	}
	return "text"
}

// shorten keeps a bare value readable in a message.
func shorten(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// legacyBool reports whether older YAML programs read the word as true or false.
func legacyBool(word string) bool {
	if len(word) > 3 {
		return false
	}
	switch strings.ToLower(word) {
	case "yes", "no", "on", "off":
		return true
	}
	return false
}

// asText returns the scalar as text. What YAML takes for a number or a bool
// has to be quoted: other programs drop zeros or turn it into true. Where
// quotes would not help, that is not said.
func (l *loader) asText(n *yaml.Node, s scalar, f *Field, w *where) (string, bool) {
	if !s.plain || s.given || !f.allows(s.text) {
		return s.text, true
	}
	switch s.tag {
	case "!!int", "!!float":
		p := l.report(n, Ambiguous, w.String()+" is a number here and must be text")
		p.Hint = "put it in quotes"
		p.Help = `write "` + shorten(s.text) + `": as a number, other programs may drop its zeros or write it differently`
		return "", false
	case "!!bool":
		l.report(n, Ambiguous, w.String()+" is "+s.describe()+" here and must be text").Hint = "put it in quotes"
		return "", false
	}
	if legacyBool(s.text) {
		l.report(n, Ambiguous, quote(s.text)+" without quotes is true or false to many programs").Hint = "put it in quotes"
		return "", false
	}
	return s.text, true
}

// asBool returns the scalar as a bool, of which YAML has more than it should.
func (l *loader) asBool(n *yaml.Node, s scalar, w *where) (value, ok bool) {
	lower := strings.ToLower(s.text)
	switch {
	case s.plain && (s.text == "true" || s.text == "false"):
		return s.text == "true", true
	case s.plain && (lower == "true" || lower == "yes" || lower == "on"):
		l.report(n, Ambiguous, quote(s.text)+" is not true to every program").Hint = "write true"
	case s.plain && (lower == "false" || lower == "no" || lower == "off"):
		l.report(n, Ambiguous, quote(s.text)+" is not false to every program").Hint = "write false"
	case s.text == "true" || s.text == "false":
		p := l.report(n, WrongType, w.String()+" must be true or false, and this is text")
		p.Hint = unquote(s)
	default:
		l.report(n, WrongType, w.String()+" must be true or false, not "+s.describe())
	}
	return false, false
}

// unquote says how text that looks like a number or a bool becomes one.
func unquote(s scalar) string {
	if s.given {
		return "write $(…) alone and without quotes, and none around the variable's value"
	}
	return "remove the quotes"
}

var decimal = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// asInt returns the scalar as a whole number in plain decimal digits.
func (l *loader) asInt(n *yaml.Node, s scalar, w *where) (int, bool) {
	number := s.tag == "!!int" || s.tag == "!!float"
	switch {
	case s.plain && decimal.MatchString(s.text):
		value, err := strconv.Atoi(s.text)
		if err == nil {
			return value, true
		}
		l.report(n, OutOfBounds, w.String()+" is too large a number")
	case s.plain && s.tag == "!!int":
		p := l.report(n, Ambiguous, quote(s.text)+" is not the same number to every program")
		p.Hint = "write plain decimal digits"
	case s.plain && number:
		l.report(n, WrongType, w.String()+" must be a whole number, not "+s.describe())
	case !s.plain && decimal.MatchString(s.text):
		l.report(n, WrongType, w.String()+" must be a whole number, and this is text").Hint = unquote(s)
	default:
		l.report(n, WrongType, w.String()+" must be a whole number, not "+s.describe())
	}
	return 0, false
}
