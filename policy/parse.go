package policy

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a policy document in JSON.
//
// It is strict, so that what it returns is all that was written: an unknown
// element, an element that is there twice, null, and anything beyond RFC 8259
// are errors. So is a text of more than 256 KiB, one nested deeper than 64, and an
// object of more than 1,000 elements.
// One statement may stand in place of a list of them, as may one string in
// place of a list of strings; condition values may be bools and numbers, which
// are taken as written.
//
// An error is a *Problem. Whether IAM would accept the document is for Check
// to say; here it must only have the grammar of one.
func Parse(data []byte) (Document, error) {
	text := string(data)
	root, bad := scan(text)
	r := reader{text: text, bad: bad}
	d := r.document(root)
	if r.bad != nil {
		return Document{}, r.bad
	}
	d.source = &source{text: text}
	return d, nil
}

// UnmarshalJSON accepts what Parse accepts, and null for the zero Document.
func (d *Document) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*d = Document{}
		return nil
	}
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// A reader turns nodes into the parts of a document. It keeps the first
// problem; what it returns after that does not count.
type reader struct {
	text string
	bad  *Problem
}

func (r *reader) fail(n node, path Path, text, help string) {
	if r.bad == nil {
		r.bad = &Problem{position(r.text, n.offset), path, text, help}
	}
}

func (r *reader) document(n node) (d Document) {
	for name, value := range r.object(n, nil, "a policy", "Version", "Id", "Statement") {
		path := Path{name}
		switch name {
		case "Version":
			d.Version = r.string(value, path)
			if d.Version != Version2012 && d.Version != Version2008 {
				r.fail(value, path, "the policy language has no version "+quote(d.Version), "write "+Version2012)
			}
		case "Id":
			d.ID = r.string(value, path)
		case "Statement":
			if value.kind != '[' {
				d.Statements = []Statement{r.statement(value, path)}
				break
			}
			for i, item := range value.items {
				d.Statements = append(d.Statements, r.statement(item, path.at(strconv.Itoa(i))))
			}
		}
	}
	if len(d.Statements) == 0 {
		r.fail(n, Path{"Statement"}, "there is no statement, so the policy says nothing", "add one, or remove the policy")
	}
	return d
}

func (r *reader) statement(n node, path Path) (s Statement) {
	for name, value := range r.object(n, path, "a statement", "Sid", "Effect", "Principal", "NotPrincipal",
		"Action", "NotAction", "Resource", "NotResource", "Condition") {
		path := path.at(name)
		switch name {
		case "Sid":
			s.Sid = r.string(value, path)
		case "Effect":
			s.Effect = r.string(value, path)
			if s.Effect != "Allow" && s.Effect != "Deny" {
				r.fail(value, path, quote(s.Effect)+" is not an effect", "write Allow or Deny, in just these letters")
			}
		case "Principal":
			s.Principal = r.principals(value, path)
		case "NotPrincipal":
			s.NotPrincipal = r.principals(value, path)
		case "Action":
			s.Action = r.list(value, path)
		case "NotAction":
			s.NotAction = r.list(value, path)
		case "Resource":
			s.Resource = r.list(value, path)
		case "NotResource":
			s.NotResource = r.list(value, path)
		case "Condition":
			s.Condition = r.condition(value, path)
		}
	}
	switch {
	case s.Effect == "":
		r.fail(n, path, "Effect is missing", "write Allow or Deny")
	case s.Action == nil && s.NotAction == nil:
		r.fail(n, path, "Action is missing", "say what the statement is about, such as ssm:SendCommand")
	case s.Action != nil && s.NotAction != nil:
		r.fail(n, path, "Action and NotAction exclude each other", "keep one of them")
	case s.Resource != nil && s.NotResource != nil:
		r.fail(n, path, "Resource and NotResource exclude each other", "keep one of them")
	case s.Principal != nil && s.NotPrincipal != nil:
		r.fail(n, path, "Principal and NotPrincipal exclude each other", "keep one of them")
	}
	return s
}

func (r *reader) principals(n node, path Path) *Principals {
	if n.kind == '"' {
		if n.text != "*" {
			r.fail(n, path, quote(n.text)+" does not say what kind of principal it is", `write {"AWS": ...} or {"Service": ...}`)
		}
		return &Principals{Anyone: true}
	}
	p := new(Principals)
	for name, value := range r.object(n, path, "a principal", "AWS", "Service", "Federated", "CanonicalUser") {
		list := r.list(value, path.at(name))
		switch name {
		case "AWS":
			p.AWS = list
		case "Service":
			p.Service = list
		case "Federated":
			p.Federated = list
		case "CanonicalUser":
			p.CanonicalUser = list
		}
	}
	return p
}

func (r *reader) condition(n node, path Path) Condition {
	c := Condition{}
	for written, keys := range r.object(n, path, "a condition") {
		path, operator := path.at(written), spellOperator(written)
		if c[operator] != nil {
			r.fail(keys, path, fmt.Sprintf("the operator %s is there twice, in different case", operator), "put both under one")
		}
		c[operator] = map[string][]string{}
		seen := map[string]bool{}
		for key, value := range r.object(keys, path, "an operator's keys") {
			path := path.at(key)
			if seen[fold(key)] {
				r.fail(value, path, fmt.Sprintf("the key %s is there twice, in different case, which to IAM is the same key", key), "keep one of them")
			}
			seen[fold(key)] = true
			values := []string{}
			items := value.items
			if value.kind != '[' {
				items = []node{value}
			}
			for i, item := range items {
				if item.kind != '"' && item.kind != '0' && item.kind != 'b' {
					path := path
					if value.kind == '[' {
						path = path.at(strconv.Itoa(i))
					}
					r.fail(item, path, "expected a string, a number, true or false, found "+item.name(), "")
				}
				values = append(values, item.text)
			}
			c[operator][key] = values
		}
	}
	return c
}

// object yields the members of an object. If any names are given, there may be
// no others.
func (r *reader) object(n node, path Path, what string, names ...string) iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		if r.bad == nil && n.kind != '{' {
			r.fail(n, path, fmt.Sprintf("expected %s in braces, found %s", what, n.name()), "")
		}
		for _, m := range n.members {
			if len(names) > 0 && !slices.Contains(names, m.name) {
				help := "remove it; it may have " + strings.Join(names, ", ")
				if i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, m.name) }); i >= 0 {
					help = "write " + names[i]
				}
				r.fail(node{offset: m.offset}, path.at(m.name), what+" has no element "+quote(m.name), help)
			}
			if r.bad != nil || !yield(m.name, m.value) {
				return
			}
		}
	}
}

// list reads a string or a list of them; the result is never nil.
func (r *reader) list(n node, path Path) []string {
	if n.kind != '[' {
		return []string{r.string(n, path)}
	}
	list := make([]string, len(n.items))
	for i, item := range n.items {
		list[i] = r.string(item, path.at(strconv.Itoa(i)))
	}
	return list
}

func (r *reader) string(n node, path Path) string {
	if r.bad == nil && n.kind != '"' {
		r.fail(n, path, "expected a string, found "+n.name(), "")
	}
	return n.text
}

// name says what a node is.
func (n node) name() string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return quote(n.text)
	}
	return shorten(n.text)
}

// quote puts a text into a message, shortened if need be.
func quote(s string) string { return strconv.Quote(shorten(s)) }

// shorten keeps what a message shows of a text fit to be read.
func shorten(s string) string {
	const most = 100
	for i, n := 0, 0; i < len(s); n++ {
		if n == most {
			return s[:i] + "…"
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return s
}
