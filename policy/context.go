package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A Context holds the keys of a request. Keys compare without case; of two that
// differ only so, the one that sorts first counts.
type Context map[string]Value

// A Value is what a context key holds: one value, or the values of a key that
// can have many. The zero Value is a key of one value that is not there. It is
// safe for concurrent use.
//
// Its JSON is a string, or a list of strings for a key of many values. A number,
// true and false are read as they are written.
type Value struct {
	list []string
	many bool
}

// One returns the value of a key that has one.
func One(v string) Value { return Value{list: []string{v}} }

// Many returns the values of a key that can have many, such as aws:TagKeys, be
// they one or several. With none, the key is not there.
func Many(vs ...string) Value { return Value{list: slices.Clone(vs), many: true} }

// List returns the values; the caller must not change them.
func (v Value) List() []string { return v.list }

// IsMany reports whether v is the value of a key that can have many.
func (v Value) IsMany() bool { return v.many }

// Equal reports whether v and w are the same.
func (v Value) Equal(w Value) bool { return v.many == w.many && slices.Equal(v.list, w.list) }

// MarshalJSON returns a string, or a list of strings.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.many && v.list == nil:
		return []byte("[]"), nil
	case v.many:
		return json.Marshal(v.list)
	case len(v.list) == 0:
		return []byte("null"), nil
	}
	return json.Marshal(v.list[0])
}

// UnmarshalJSON accepts a string, a number, true, false or a list of them, and
// null for the zero Value.
func (v *Value) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return err
	}
	read := Value{}
	items, many := raw.([]any)
	switch {
	case many:
		read.many = true
	case raw != nil:
		items = []any{raw}
	}
	for _, item := range items {
		switch item := item.(type) {
		case string:
			read.list = append(read.list, item)
		case json.Number, bool:
			read.list = append(read.list, fmt.Sprint(item))
		default:
			return errors.New("a context key holds a string, a number, true, false, or a list of them")
		}
	}
	*v = read
	return nil
}

// get returns the value that was given for a key.
func (c Context) get(key string) (Value, bool) {
	if v, ok := c[key]; ok {
		return v, len(v.list) > 0
	}
	found := ""
	for k := range c {
		if match.EqualFold(k, key) && (found == "" || k < found) {
			found = k
		}
	}
	v := c[found]
	return v, len(v.list) > 0
}

// lookup returns the value of a key, given or derived.
func (c Context) lookup(key string, by caller, owner string) (Value, bool) {
	if v, ok := c.get(key); ok {
		return v, true
	}
	if v, ok := by.derived(key, owner); ok {
		return One(v), true
	}
	return Value{}, false
}

// contextKeyName returns a condition key in AWS's spelling, if that is known, with a
// tag's key as it is written.
func contextKeyName(key string) string {
	spelled := spellKey(key)
	for i := range len(key) {
		if key[i] == '/' {
			return spelled[:i] + key[i:]
		}
	}
	return spelled
}

// absentKeys are keys that were asked for and not there.
type absentKeys map[string]string // by folded key

func (m *absentKeys) add(keys ...string) {
	for _, key := range keys {
		if *m == nil {
			*m = absentKeys{}
		}
		folded, name := match.Fold(key), contextKeyName(key)
		if known, ok := (*m)[folded]; !ok || name < known {
			(*m)[folded] = name
		}
	}
}

// sorted returns the keys, nil if there are none.
func (m absentKeys) sorted() []string {
	var keys []string
	for _, name := range m {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys
}
