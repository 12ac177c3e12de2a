package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A where says in words which value is being read, and is only spelled out
// when something is wrong with it.
type where struct {
	up   *where
	noun string // of an entry: "group"
	name string
}

func (w *where) String() string {
	switch {
	case w == nil || w.name == "":
		return "the spec"
	case w.noun != "":
		return w.noun + " " + quote(w.name)
	case w.up == nil || w.up.name == "":
		return quote(w.name)
	}
	return quote(w.name) + " of " + w.up.String()
}

// A reference is a value that must be the name of an entry.
type reference struct {
	node    *yaml.Node
	w       *where
	section string
	name    string
}

// decode fills target with the value of a node, as the field's rules say. It
// reports what is wrong and goes on, so that everything comes out at once.
func (l *loader) decode(n *yaml.Node, f *Field, w *where, target reflect.Value) {
	if l.broken[n] {
		return
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	var s scalar
	if n.Kind == yaml.ScalarNode && f.Shape != Any {
		var ok bool
		if s, ok = l.read(n, w, f.literal); !ok {
			return
		}
	}
	switch {
	case f.Shape == Any:
		if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style == 0 {
			l.read(n, w, true)
			return
		}
		if data, ok := l.tree(n, w); ok && l.checkTree(n, data, w) {
			target.SetBytes(data)
		}
	case f.Shape == Struct:
		l.decodeStruct(n, s, f, w, target)
	case f.Shape == List && n.Kind == yaml.SequenceNode:
		l.decodeList(n, f, w, target)
	case f.Shape == Map && n.Kind == yaml.MappingNode:
		l.decodeMap(n, f, w, target)
	case n.Kind != yaml.ScalarNode || f.Shape == List || f.Shape == Map:
		l.mismatch(n, s, f, w)
	case f.Shape == Text:
		if text, ok := l.asText(n, s, f, w); ok && l.checkText(n, text, f, w) {
			target.SetString(text)
		}
	case f.Shape == Bool:
		if value, ok := l.asBool(n, s, w); ok {
			target.SetBool(value)
		}
	case f.Shape == Int:
		if value, ok := l.asInt(n, s, w); ok && l.checkBounds(n, value, f, w, "") {
			target.SetInt(int64(value))
		}
	}
}

// decodeStruct reads a mapping of known keys, or what stands in its place.
func (l *loader) decodeStruct(n *yaml.Node, s scalar, f *Field, w *where, target reflect.Value) {
	switch n.Kind {
	case yaml.MappingNode:
		if !f.Table.keyed() {
			l.mismatch(n, s, f, w)
			return
		}
		l.decodeKeys(n, f.Table, w, target, nil)
	case yaml.SequenceNode:
		if place := f.Table.list(); place != nil {
			l.decode(n, place, w, target.FieldByIndex(place.index))
			return
		}
		l.mismatch(n, s, f, w)
	default:
		if place := f.Table.place(s); place != nil {
			l.decode(n, place, w, target.FieldByIndex(place.index))
			return
		}
		l.mismatch(n, s, f, w)
	}
}

// decodeKeys reads the known keys of a mapping into a struct, reports the
// others and those that are missing. Keys in besides are known, and for
// someone else to read.
func (l *loader) decodeKeys(n *yaml.Node, t *Table, w *where, target reflect.Value, besides []string) {
	var found []*Field
	for key, value := range pairs(n) {
		if l.broken[key] {
			continue
		}
		f := t.find(key.Value)
		switch {
		case f == nil && (strings.HasPrefix(key.Value, "x-") || slices.Contains(besides, key.Value)):
		case f == nil:
			l.unknownKey(key, slices.Concat(t.keys(), besides), w)
		case f.Reserved != "":
			l.report(key, ReservedKey, quote(f.Key)+" cannot be used yet: "+f.Reserved)
		default:
			found = append(found, f)
			if f.apart {
				continue
			}
			l.decode(value, f, &where{up: w, name: f.Key}, target.FieldByIndex(f.index))
		}
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Required && f.Key != "" && !slices.Contains(found, f) {
			p := l.report(n, MissingKey, w.String()+" has no "+quote(f.Key))
			p.Help = "add `" + f.Key + ":` with " + expected(f)
		}
	}
}

// unknownKey reports a key that means nothing where it stands.
func (l *loader) unknownKey(key *yaml.Node, known []string, w *where) {
	p := l.report(key, UnknownKey, "unknown key "+quote(key.Value)+" in "+w.String())
	slices.Sort(known)
	p.Known = known
	p.Hint = l.suggest(key.Value, known)
}

// decodeList reads a list, whose values must all differ.
func (l *loader) decodeList(n *yaml.Node, f *Field, w *where, target reflect.Value) {
	if !l.checkBounds(n, len(n.Content), f, w, "items") {
		return
	}
	list := reflect.MakeSlice(target.Type(), len(n.Content), len(n.Content))
	var seen firsts
	for i, item := range n.Content {
		before := l.problems.count()
		l.decode(item, f.Item, w, list.Index(i))
		if l.broken[item] || l.problems.count() > before {
			continue
		}
		if first := seen.add(l.identity(item, list.Index(i), w), item); first != nil {
			what := "the same item"
			if list.Index(i).Kind() == reflect.String {
				what = quote(list.Index(i).String())
			}
			p := l.report(item, DuplicateItem, what+" stands twice in "+w.String())
			p.Also = l.also(first, "first here")
			p.Help = "delete one of the two"
		}
	}
	target.Set(list)
}

// identity returns the same text for items that say the same.
func (l *loader) identity(n *yaml.Node, value reflect.Value, w *where) string {
	if value.Kind() == reflect.String {
		return value.String()
	}
	data, _ := l.tree(n, w) // it has been read without a problem
	return string(data)
}

// decodeMap reads a mapping whose keys are free.
func (l *loader) decodeMap(n *yaml.Node, f *Field, w *where, target reflect.Value) {
	if !l.checkBounds(n, len(n.Content)/2, f, w, "keys") {
		return
	}
	m := reflect.MakeMapWithSize(target.Type(), len(n.Content)/2)
	for key, node := range pairs(n) {
		if l.broken[key] {
			continue
		}
		value := reflect.New(target.Type().Elem()).Elem()
		l.decode(node, f.Item, &where{up: w, name: key.Value}, value)
		m.SetMapIndex(reflect.ValueOf(key.Value).Convert(target.Type().Key()), value)
	}
	target.Set(m)
}

// tree returns a value as JSON, in the order of the file. Every scalar but
// true, false and null becomes text as it is written: a date or an account id
// must not turn into a number on the way.
func (l *loader) tree(n *yaml.Node, w *where) (json.RawMessage, bool) {
	if l.broken[n] {
		return nil, false
	}
	switch n.Kind {
	case yaml.MappingNode:
		out, ok := []byte{'{'}, true
		for key, value := range pairs(n) {
			data, good := l.tree(value, &where{up: w, name: key.Value})
			if ok = ok && good && !l.broken[key]; !ok {
				continue
			}
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(append(out, text(key.Value)...), ':'), data...)
		}
		return append(out, '}'), ok
	case yaml.SequenceNode:
		out, ok := []byte{'['}, true
		for _, item := range n.Content {
			data, good := l.tree(item, w)
			if ok = ok && good; !ok {
				continue
			}
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, data...)
		}
		return append(out, ']'), ok
	}
	if n.Style == 0 && n.Tag == "!!null" {
		return json.RawMessage("null"), true
	}
	s, ok := l.read(n, w, false)
	if !ok {
		return nil, false
	}
	if s.plain && (s.tag == "!!bool" || legacyBool(s.text)) {
		value, ok := l.asBool(n, s, w)
		return fmt.Append(nil, value), ok
	}
	return text(s.text), true
}

// checkTree bounds a value of free form, whose meaning somebody else has to
// make out.
func (l *loader) checkTree(n *yaml.Node, data json.RawMessage, w *where) bool {
	if len(data) > maxTree {
		l.report(n, TooMany, fmt.Sprintf("%s takes %d bytes as JSON; it may take %d", w, len(data), maxTree)).Help = "split it, or say it in fewer words"
		return false
	}
	return true
}

// text returns s as JSON.
func text(s string) json.RawMessage {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string is refused
	}
	return data
}
