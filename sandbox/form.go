package sandbox

import (
	"cmp"
	"encoding/base64"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A node is a form as a tree: the key Tags.member.1.Key leads through four
// nodes to its value. Nil is a node with nothing in it.
type node struct {
	value string
	set   bool
	kids  map[string]*node
}

// maxDepth is how many dots a key may have: no operation needs more than nine.
const maxDepth = 12

// parseForm makes a tree of a form. Keys that are too deep are left out.
func parseForm(form url.Values) *node {
	root := &node{}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		parts := strings.Split(key, ".")
		if len(parts) > maxDepth || len(form[key]) == 0 {
			continue
		}
		n := root
		for _, part := range parts {
			kid := n.kids[part]
			if kid == nil {
				kid = &node{}
				if n.kids == nil {
					n.kids = map[string]*node{}
				}
				n.kids[part] = kid
			}
			n = kid
		}
		n.value, n.set = form[key][0], true
	}
	return root
}

func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	return n.kids[name]
}

func (n *node) text() string {
	if n == nil {
		return ""
	}
	return n.value
}

// elements returns the nodes numbered 1, 2, ... in that order.
func (n *node) elements() []*node {
	type numbered struct {
		number int
		node   *node
	}
	var list []numbered
	for name, kid := range n.kids {
		if i, err := strconv.Atoi(name); err == nil {
			list = append(list, numbered{i, kid})
		}
	}
	slices.SortFunc(list, func(a, b numbered) int { return cmp.Compare(a.number, b.number) })
	elements := make([]*node, len(list))
	for i, e := range list {
		elements[i] = e.node
	}
	return elements
}

// decode fills the struct that into points to. Fields take the parameters of
// their own names, or of their "form" tags; lists are numbered, after
// ".member" in the query protocol. Parameters without a field are ignored, as
// AWS does.
func (n *node) decode(into any, p protocol) error {
	return n.decodeStruct(reflect.ValueOf(into).Elem(), p)
}

func (n *node) decodeStruct(v reflect.Value, p protocol) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if inlined(f) {
			if err := n.decodeStruct(v.Field(i), p); err != nil {
				return err
			}
			continue
		}
		name := f.Name
		if tag := f.Tag.Get("form"); tag != "" {
			name = tag
		}
		if kid := n.child(name); kid != nil {
			if err := kid.decodeValue(v.Field(i), name, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// inlined reports whether the fields of a field count as the struct's own. A
// type parameter cannot be embedded, so it takes a tag.
func inlined(f reflect.StructField) bool { return f.Anonymous || f.Tag.Get("form") == ",inline" }

func (n *node) decodeValue(v reflect.Value, name string, p protocol) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.decodeValue(v.Elem(), name, p)
	case reflect.Struct:
		return n.decodeStruct(v, p)
	case reflect.String:
		v.SetString(n.value)
	case reflect.Bool:
		b, err := strconv.ParseBool(n.value)
		if err != nil {
			return unparsable(n.value, name, p)
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.ParseInt(n.value, 10, 32)
		if err != nil {
			return unparsable(n.value, name, p)
		}
		v.SetInt(i)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			data, err := base64.StdEncoding.DecodeString(n.value)
			if err != nil {
				return unparsable(n.value, name, p)
			}
			v.SetBytes(data)
			return nil
		}
		list := n
		if p == awsQuery {
			list = n.child("member")
		}
		if list == nil {
			return nil
		}
		elements := list.elements()
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
		for i, e := range elements {
			if err := e.decodeValue(v.Index(i), name, p); err != nil {
				return err
			}
		}
	default:
		panic("sandbox: no form holds a " + v.Type().String())
	}
	return nil
}

func unparsable(value, name string, p protocol) error {
	if p == ec2Query {
		return errorf("InvalidParameterValue", "Value (%s) for parameter %s is invalid.", value, name)
	}
	return errorf("MalformedInput", "The value %q of %s could not be read.", value, name)
}

// time writes a date of the XML protocols. EC2 has milliseconds.
func (p protocol) time(t time.Time) string {
	if p == ec2Query {
		return t.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
