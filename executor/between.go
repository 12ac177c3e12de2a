package executor

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/ssmctl/ssmctl/resource"
)

// between reports whether live can be what several calls left behind that
// were on the way from one object to another, and were interrupted: each of
// its fields is as in one of the two, or, if the object is a
// resource.Transient, as it says. If not, somebody else had a hand in it.
//
// Where one of the two does not exist, its fields count as empty, and any
// value that is empty as well.
func between(live, from, to resource.Object) bool {
	if live == nil {
		return from == nil || to == nil
	}
	if t, ok := live.(resource.Transient); ok {
		live = t.Settled(from, to)
	}
	l, okL := data(live)
	f, okF := data(from)
	t, okT := data(to)
	return okL && okF && okT && mixed(l, f, t)
}

// data returns o as its JSON says, nil for nil.
func data(o resource.Object) (any, bool) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err = d.Decode(&v)
	return v, err == nil
}

func mixed(live, from, to any) bool {
	if reflect.DeepEqual(live, from) || reflect.DeepEqual(live, to) {
		return true
	}
	if empty(live) && (empty(from) || empty(to)) {
		return true
	}
	l, okL := fields(live)
	f, okF := fields(from)
	t, okT := fields(to)
	if !okL || !okF || !okT {
		return false
	}
	for _, keys := range []map[string]any{l, f, t} {
		for k := range keys {
			if !mixed(l[k], f[k], t[k]) {
				return false
			}
		}
	}
	return true
}

// fields returns the fields of an object, none for what is not there.
func fields(v any) (map[string]any, bool) {
	if v == nil {
		return nil, true
	}
	m, ok := v.(map[string]any)
	return m, ok
}

// empty reports whether a value says nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
