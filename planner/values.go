package planner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// missing stands for a value that is not there, which is not the same as null.
type missing struct{}

// parse returns JSON as data: maps, slices, strings, json.Numbers, bools, nil.
// What is no JSON stands for itself, so that it still equals only itself.
func parse(v json.RawMessage) any {
	if isNull(v) {
		return missing{}
	}
	d := json.NewDecoder(bytes.NewReader(v))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return string(v)
	}
	return x
}

// values reports where two values differ, as deep down as that can be told.
func (m *moves) values(path string, approved, now any) {
	if reflect.DeepEqual(approved, now) {
		return
	}
	switch a := approved.(type) {
	case map[string]any:
		if n, ok := now.(map[string]any); ok {
			m.maps(path, a, n)
			return
		}
	case []any:
		if n, ok := now.([]any); ok && !allScalars(a, n) {
			m.lists(path, a, n)
			return
		}
	}
	m.words(label(path), text(approved), text(now))
}

func (m *moves) maps(path string, approved, now map[string]any) {
	keys := maps.Clone(approved)
	maps.Copy(keys, now)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		m.values(join(path, k), at(approved, k), at(now, k))
	}
}

// lists compares element by element what is between the elements that both
// begin with and those that both end with, so that one statement more does not
// make all that follow look different. A list of scalars is reported whole.
func (m *moves) lists(path string, approved, now []any) {
	head := 0
	for head < min(len(approved), len(now)) && reflect.DeepEqual(approved[head], now[head]) {
		head++
	}
	a, n := approved[head:], now[head:]
	for len(a) > 0 && len(n) > 0 && reflect.DeepEqual(a[len(a)-1], n[len(n)-1]) {
		a, n = a[:len(a)-1], n[:len(n)-1]
	}
	for i := range max(len(a), len(n)) {
		var x, y any = missing{}, missing{}
		if i < len(a) {
			x = a[i]
		}
		if i < len(n) {
			y = n[i]
		}
		m.values(fmt.Sprintf("%s[%d]", path, head+i), x, y)
	}
}

func at(values map[string]any, key string) any {
	if v, ok := values[key]; ok {
		return v
	}
	return missing{}
}

func allScalars(lists ...[]any) bool {
	for _, l := range lists {
		for _, v := range l {
			switch v.(type) {
			case map[string]any, []any:
				return false
			}
		}
	}
	return true
}

// text returns a value as JSON on one line.
func text(v any) string {
	if v == (missing{}) {
		return "absent"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// join adds a key to a path; "planned " is a path with no key yet.
func join(path, key string) string {
	if path == "" || path == "planned " {
		return path + key
	}
	return path + "." + key
}

// label names a path that has no key, which is the object as a whole.
func label(path string) string {
	if path == "" || path == "planned " {
		return path + "object"
	}
	return path
}
