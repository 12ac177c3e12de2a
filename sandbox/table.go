package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A table holds things by key, in the order of their keys. The zero table is
// empty and ready to use. Its JSON is a list.
type table[T keyed] struct {
	byKey map[string]T
	keys  []string
}

// A keyed thing has a key of its own. Names that IAM holds to be the same
// although they differ in case have the same key.
type keyed interface{ key() string }

// get returns the thing with that key, or the zero T.
func (t *table[T]) get(key string) T { return t.byKey[key] }

func (t *table[T]) has(key string) bool {
	_, ok := t.byKey[key]
	return ok
}

func (t *table[T]) len() int { return len(t.keys) }

// put adds x, in place of any other thing of its key.
func (t *table[T]) put(x T) {
	key := x.key()
	if t.byKey == nil {
		t.byKey = map[string]T{}
	}
	if _, there := t.byKey[key]; !there {
		i, _ := slices.BinarySearch(t.keys, key)
		t.keys = slices.Insert(t.keys, i, key)
	}
	t.byKey[key] = x
}

// remove takes away the thing with that key, if there is one.
func (t *table[T]) remove(key string) {
	if i, there := slices.BinarySearch(t.keys, key); there {
		t.keys = slices.Delete(t.keys, i, i+1)
		delete(t.byKey, key)
	}
}

// all yields everything, in order.
func (t *table[T]) all(yield func(T) bool) { t.after("")(yield) }

// after yields what comes after key.
func (t *table[T]) after(key string) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		i, there := slices.BinarySearch(t.keys, key)
		if there {
			i++
		}
		for _, k := range t.keys[i:] {
			if !yield(t.byKey[k]) {
				return
			}
		}
	}
}

// MarshalJSON writes the things in order.
func (t *table[T]) MarshalJSON() ([]byte, error) {
	list := make([]T, 0, len(t.keys))
	for x := range t.all {
		list = append(list, x)
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes. Two things of the same key are
// an error, and so is null.
func (t *table[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if begin, err := d.Token(); err != nil || begin != json.Delim('[') {
		return errors.New("there is no list where one has to be")
	}
	*t = table[T]{byKey: map[string]T{}}
	for d.More() {
		var x *T
		if err := d.Decode(&x); err != nil {
			return err
		}
		if x == nil {
			return errors.New("a list holds null")
		}
		key := (*x).key()
		if t.has(key) {
			return fmt.Errorf("%q is there twice", key)
		}
		t.byKey[key] = *x
	}
	t.keys = slices.Sorted(maps.Keys(t.byKey)) // once, since the file may have any order
	return nil
}

// Paging of IAM: what is asked for, and what is answered.
type (
	paging struct {
		Marker   string `is:"marker"`
		MaxItems int    `is:"maxItems"`
	}
	truncation struct {
		IsTruncated bool
		Marker      *string
	}
)

// size is how many items IAM puts on a page unless told otherwise.
func (p paging) size() int {
	if p.MaxItems == 0 {
		return 100
	}
	return p.MaxItems
}

// page returns one page of those things in t that keep accepts; nil accepts all.
func page[T keyed](c *call, t *table[T], p paging, keep func(T) bool) ([]T, truncation, error) {
	last, err := c.readMarker(p.Marker)
	if err != nil {
		return nil, truncation{}, err
	}
	var items []T
	for x := range t.after(last) {
		if keep != nil && !keep(x) {
			continue
		}
		if len(items) == p.size() {
			return items, truncatedAt(items[len(items)-1].key()), nil
		}
		items = append(items, x)
	}
	return items, truncation{}, nil
}

// pageOf returns one page of a list whose items keys tells apart and orders.
func pageOf[T any](c *call, list []T, p paging, key func(T) string) ([]T, truncation, error) {
	last, err := c.readMarker(p.Marker)
	if err != nil {
		return nil, truncation{}, err
	}
	list = slices.SortedFunc(slices.Values(list), func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if p.Marker != "" {
		i, there := slices.BinarySearchFunc(list, last, func(x T, last string) int { return strings.Compare(key(x), last) })
		if there {
			i++
		}
		list = list[i:]
	}
	if len(list) > p.size() {
		list = list[:p.size()]
		return list, truncatedAt(key(list[len(list)-1])), nil
	}
	return list, truncation{}, nil
}

func truncatedAt(key string) truncation {
	return truncation{IsTruncated: true, Marker: new(marker(key))}
}

// A marker says after which key the next page begins. Clients must not look
// inside, so it does not look as if they could.
func marker(key string) string { return base64.RawURLEncoding.EncodeToString([]byte("after:" + key)) }

func (c *call) readMarker(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	key, ok := strings.CutPrefix(string(data), "after:")
	if err != nil || !ok {
		switch c.service.name {
		case "ec2":
			return "", errorf("InvalidParameterValue", "Unable to parse pagination token")
		case "ssm":
			return "", errorf("InvalidNextToken", "The specified token is not valid.")
		case "tagging":
			return "", errorf("PaginationTokenExpiredException", "The PaginationToken is not valid.")
		}
		return "", c.invalid("Invalid Marker.")
	}
	return key, nil
}

// tokenPage pages a list as EC2 and SSM do: everything when max is 0, and a
// token for the rest.
func tokenPage[T any](c *call, list []T, token string, max int, key func(T) string) ([]T, *string, error) {
	if max == 0 {
		max = 1 << 30
	}
	items, t, err := pageOf(c, list, paging{Marker: token, MaxItems: max}, key)
	return items, t.Marker, err
}
