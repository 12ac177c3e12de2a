package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// A value is a piece of JSON with the members of objects in the order they
// were written, which is the order its author thought of them in.
type value struct {
	kind   byte    // '{', '[', '"', '0' for other scalars, and 0 for null or nothing at all
	text   string  // of a string: decoded; of another scalar: as JSON
	fields []field // of an object
	items  []value // of an array
}

type field struct {
	name string
	value
}

// maxDepth bounds how deep a value is taken apart; what lies deeper is shown
// as one compact text. Policies go to nine or so.
const maxDepth = 64

// parse takes raw apart. Nothing at all is the same as null.
func parse(raw json.RawMessage) (value, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return value{}, nil
	}
	if !json.Valid(raw) {
		return value{}, fmt.Errorf("not JSON: %s", cut(Escape(string(raw)), 60, "..."))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return read(d, 0)
}

// read takes the next value from d.
func read(d *json.Decoder, depth int) (value, error) {
	if depth == maxDepth {
		var deep json.RawMessage
		if err := d.Decode(&deep); err != nil {
			return value{}, err
		}
		return value{kind: '0', text: string(deep)}, nil
	}
	token, err := d.Token()
	if err != nil {
		return value{}, err
	}
	switch t := token.(type) {
	case nil:
		return value{}, nil
	case string:
		return value{kind: '"', text: t}, nil
	case json.Delim:
		v := value{kind: byte(t)}
		for d.More() {
			var f field
			if t == '{' {
				name, err := d.Token()
				if err != nil {
					return value{}, err
				}
				f.name, _ = name.(string)
			}
			if f.value, err = read(d, depth+1); err != nil {
				return value{}, err
			}
			if t == '{' {
				v.fields = append(v.fields, f)
			} else {
				v.items = append(v.items, f.value)
			}
		}
		_, err := d.Token() // the closing one
		return v, err
	default:
		return value{kind: '0', text: fmt.Sprint(t)}, nil
	}
}

// get returns the member of that name, or nothing.
func (v value) get(name string) value {
	for _, f := range v.fields {
		if f.name == name {
			return f.value
		}
	}
	return value{}
}

// members returns the members of an object by their names.
func (v value) members() map[string]value {
	out := make(map[string]value, len(v.fields))
	for _, f := range v.fields {
		out[f.name] = f.value
	}
	return out
}

// scalar reports whether v is a string, number or boolean.
func (v value) scalar() bool { return v.kind == '"' || v.kind == '0' }

// empty reports whether v says nothing: null, "", [] or {}.
func (v value) empty() bool {
	switch v.kind {
	case '"':
		return v.text == ""
	case '{':
		return len(v.fields) == 0
	case '[':
		return len(v.items) == 0
	}
	return v.kind == 0
}

// document reports whether v is an IAM policy document.
func (v value) document() bool { return !v.get("Statement").empty() }

// list returns the items of an array, and anything else as its only item, as
// the policy language reads its lists.
func (v value) list() []value {
	switch v.kind {
	case 0:
		return nil
	case '[':
		return v.items
	}
	return []value{v}
}

// compact returns v as JSON without white space, unescaped for any terminal.
func (v value) compact() string {
	switch v.kind {
	case 0:
		return "null"
	case '"':
		return quote(v.text)
	case '0':
		return v.text
	}
	var parts []string
	for _, f := range v.fields {
		parts = append(parts, quote(f.name)+":"+f.compact())
	}
	for _, item := range v.items {
		parts = append(parts, item.compact())
	}
	return string(v.kind) + strings.Join(parts, ",") + string(v.kind+2) // ] and } follow [ and { by two
}

// lines returns v as JSON indented by two blanks, a line each, unescaped for
// any terminal.
func (v value) lines() []string {
	if v.empty() || v.scalar() {
		return []string{v.compact()}
	}
	lines := []string{string(v.kind)}
	add := func(prefix string, child value, last bool) {
		for i, line := range child.lines() {
			if i == 0 {
				line = prefix + line
			}
			lines = append(lines, "  "+line)
		}
		if !last {
			lines[len(lines)-1] += ","
		}
	}
	for i, f := range v.fields {
		add(quote(f.name)+": ", f.value, i == len(v.fields)-1)
	}
	for i, item := range v.items {
		add("", item, i == len(v.items)-1)
	}
	return append(lines, string(v.kind+2))
}

// quote writes text as a JSON string, without the \u0026 that Go prefers for
// the sake of HTML.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// show returns a scalar escaped, as it is to be read in a plan: bare where that
// cannot be mistaken for anything else, in quotes otherwise.
func (v value) show() string {
	if v.kind != '"' {
		return Escape(v.compact())
	}
	if v.text == "" || strings.ContainsAny(v.text, " \"',()") || json.Valid([]byte(v.text)) {
		return `"` + Escape(v.text) + `"`
	}
	return Escape(v.text)
}
