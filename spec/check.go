package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// checkText checks a text against a field's rules.
func (l *loader) checkText(n *yaml.Node, text string, f *Field, w *where) bool {
	switch {
	case !f.allows(text) && len(f.Enum) > 0:
		p := l.report(n, NotAChoice, w.String()+" cannot be "+quote(text))
		p.Hint = l.suggest(text, f.Enum)
		p.Known = f.Enum
		return false
	case !f.allows(text):
		p := l.report(n, NoMatch, quote(text)+" is not of the right form for "+w.String())
		p.Help = "write " + expected(f)
		return false
	case text == "" && f.Pattern == nil && !f.Empty():
		l.report(n, NoValue, w.String()+" is empty").Help = "give it a value, or delete the key"
		return false
	}
	if f.Ref != "" {
		l.refs = append(l.refs, reference{n, w, f.Ref, text})
	}
	return true
}

// allows reports whether a text is one of the choices and matches the pattern.
func (f *Field) allows(text string) bool {
	return (len(f.Enum) == 0 || slices.Contains(f.Enum, text)) && (f.Pattern == nil || f.Pattern.MatchString(text))
}

// checkBounds checks a number, or how many values there are of what.
func (l *loader) checkBounds(n *yaml.Node, value int, f *Field, w *where, what string) bool {
	var bound string
	switch {
	case f.Min != nil && value < *f.Min:
		bound = fmt.Sprintf("at least %d", *f.Min)
	case f.Max != nil && value > *f.Max:
		bound = fmt.Sprintf("at most %d", *f.Max)
	default:
		return true
	}
	if what == "" {
		l.report(n, OutOfBounds, fmt.Sprintf("%s is %d; it must be %s", w, value, bound))
	} else {
		l.report(n, OutOfBounds, fmt.Sprintf("%s has %d %s; it must have %s", w, value, what, bound))
	}
	return false
}

// mismatch reports a value of the wrong sort.
func (l *loader) mismatch(n *yaml.Node, s scalar, f *Field, w *where) {
	is := describe(n)
	if n.Kind == yaml.ScalarNode {
		is = s.describe()
	}
	p := l.report(n, WrongType, w.String()+" must be "+expected(f)+", not "+is)
	switch {
	case n.Kind == yaml.ScalarNode && f.Shape == List && !strings.ContainsAny(s.text, "\n,[]{}:"):
		p.Help = "write [" + shorten(s.text) + "]"
	case n.Kind == yaml.SequenceNode && f.Shape == Struct && len(f.Table.Fields) > 0:
		p.Help = "write keys and values, without dashes"
	}
}

// expected says in plain words what a field takes.
func expected(f *Field) string {
	switch f.Shape {
	case Text:
		switch {
		case len(f.Enum) == 1:
			return f.Enum[0]
		case len(f.Enum) > 0:
			return "one of " + strings.Join(f.Enum, ", ")
		case f.Want != "" && f.Example != "":
			return f.Want + ", such as " + f.Example
		case f.Want != "":
			return f.Want
		case f.Example != "":
			return "text, such as " + f.Example
		}
		return "text"
	case Bool:
		return "true or false"
	case Int:
		return "a whole number"
	case List:
		return "a list"
	case Map:
		return "a mapping"
	case Any:
		return "a value"
	}
	var ways []string
	for i := range f.Table.Fields {
		if place := &f.Table.Fields[i]; place.Scalar || place.List {
			ways = append(ways, expected(place))
		}
	}
	if keys := f.Table.keys(); len(keys) > 6 {
		ways = append(ways, "a mapping")
	} else if len(keys) > 0 {
		ways = append(ways, "a mapping with the keys "+strings.Join(keys, ", "))
	}
	return strings.Join(ways, ", or ")
}

// checkReferences checks what names an entry of another section, now that all
// names are known.
func (l *loader) checkReferences() {
	for _, r := range l.refs {
		names := l.names[r.section]
		if _, ok := names.entries[r.name]; ok {
			continue
		}
		p := l.report(r.node, UnknownName, quote(r.name)+" is not in `"+r.section+"`")
		p.Hint = l.suggest(r.name, names.sorted)
		p.Known = atMost(names.sorted)
		p.Help = r.w.String() + " names entries of the section `" + r.section + "`"
	}
}
