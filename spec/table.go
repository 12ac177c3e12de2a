package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Table is what a mapping may hold: the tags of a struct, read. The parser,
// the JSON Schema and the manual are all made from it.
type Table struct {
	Type   reflect.Type
	Fields []Field // in the order of the struct, those of embedded structs included
}

// A Field is one key, or what may stand in place of the whole mapping.
type Field struct {
	Key      string // "" if the field has only a Scalar or List place
	Required bool
	Scalar   bool // filled by a scalar that stands in place of the mapping
	List     bool // filled by a list that stands in place of the mapping
	Doc      string
	Enum     []string
	Pattern  *regexp.Regexp // nil for any text
	Want     string
	Ref      string
	Min, Max *int
	Default  string
	Example  string
	Reserved string

	Shape Shape
	Type  reflect.Type // without the pointer
	Item  *Field       // of a List or Map: each value, with the rules that are for values
	Table *Table       // of a Struct

	literal bool  // variables have no meaning in it
	apart   bool  // it is read before the others, by itself
	free    bool  // text that may be empty
	index   []int // path to the Go field
}

// A Shape is the sort of value a field takes.
type Shape int

// The shapes.
const (
	Text Shape = iota + 1
	Bool
	Int
	List
	Map
	Struct
	Any
)

var treeType = reflect.TypeFor[json.RawMessage]()

// TableOf reads the tags of a struct type, as package entry describes them. It
// panics if they are not of that form: the tables are part of the program.
func TableOf(t reflect.Type) *Table { return tables{}.of(t) }

// tables are those made already, since many fields share a struct.
type tables map[reflect.Type]*Table

func (ts tables) of(t reflect.Type) *Table {
	if table, ok := ts[t]; ok {
		return table
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("spec: %v is not a struct", t))
	}
	table := &Table{Type: t}
	ts[t] = table
	ts.add(table, t, nil)
	return table
}

func (ts tables) add(table *Table, t reflect.Type, index []int) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		tag, tagged := sf.Tag.Lookup("spec")
		switch {
		case tagged:
			table.Fields = append(table.Fields, ts.field(t, sf, tag, at))
		case sf.Anonymous && sf.Type.Kind() == reflect.Struct:
			ts.add(table, sf.Type, at)
		}
	}
}

// field reads the tags of one field.
func (ts tables) field(t reflect.Type, sf reflect.StructField, tag string, index []int) Field {
	bad := func(format string, args ...any) {
		panic(fmt.Sprintf("spec: field %s of %v: ", sf.Name, t) + fmt.Sprintf(format, args...))
	}
	if !sf.IsExported() {
		bad("not exported")
	}
	parts := strings.Split(tag, ",")
	f := Field{
		Key:      parts[0],
		Doc:      sf.Tag.Get("doc"),
		Want:     sf.Tag.Get("want"),
		Ref:      sf.Tag.Get("ref"),
		Default:  sf.Tag.Get("default"),
		Example:  sf.Tag.Get("example"),
		Reserved: sf.Tag.Get("reserved"),
		index:    index,
	}
	for _, option := range parts[1:] {
		switch option {
		case "required":
			f.Required = true
		case "scalar":
			f.Scalar = true
		case "list":
			f.List = true
		case "literal":
			f.literal = true
		case "apart":
			f.apart = true
		default:
			bad("unknown option %q", option)
		}
	}
	if f.Key == "" && !f.Scalar && !f.List {
		bad("neither a key nor a place")
	}
	if enum := sf.Tag.Get("enum"); enum != "" {
		f.Enum = strings.Split(enum, ",")
	}
	if pattern := sf.Tag.Get("pattern"); pattern != "" {
		var err error
		if f.Pattern, err = regexp.Compile(pattern); err != nil {
			bad("%v", err)
		}
	}
	for name, bound := range map[string]**int{"min": &f.Min, "max": &f.Max} {
		if text, ok := sf.Tag.Lookup(name); ok {
			n, err := strconv.Atoi(text)
			if err != nil {
				bad("%s: %v", name, err)
			}
			*bound = &n
		}
	}
	ts.shape(&f, sf.Type, bad)
	if f.Scalar && f.Shape != Text && f.Shape != Bool && f.Shape != Int || f.List && f.Shape != List {
		bad("a %v cannot be filled so", f.Type)
	}
	return f
}

// shape works out what sort of value a field of type t takes.
func (ts tables) shape(f *Field, t reflect.Type, bad func(string, ...any)) {
	if t.Kind() == reflect.Pointer && (t.Elem().Kind() == reflect.Bool || t.Elem().Kind() == reflect.Struct) {
		t = t.Elem()
	}
	f.Type = t
	// A list or map passes on what is said of its values.
	item := func(elem reflect.Type) {
		f.Item = &Field{Key: f.Key, Enum: f.Enum, Pattern: f.Pattern, Want: f.Want, Ref: f.Ref}
		ts.shape(f.Item, elem, bad)
	}
	switch {
	case t == treeType:
		f.Shape = Any
	case t.Kind() == reflect.String:
		f.Shape = Text
	case t.Kind() == reflect.Bool:
		f.Shape = Bool
	case t.Kind() == reflect.Int:
		f.Shape = Int
	case t.Kind() == reflect.Slice:
		f.Shape = List
		item(t.Elem())
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		f.Shape = Map
		item(t.Elem())
		f.Item.free = true // such as the value of a tag
	case t.Kind() == reflect.Struct:
		f.Shape, f.Table = Struct, ts.of(t)
	default:
		bad("no value of a spec fits the type %v", t)
	}
}

// Empty reports whether text may be empty, as the value of a tag may.
func (f *Field) Empty() bool { return f.free }

// find returns the field of that key, or nil.
func (t *Table) find(key string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Key == key && key != "" {
			return &t.Fields[i]
		}
	}
	return nil
}

// keys lists the keys that may be used, sorted.
func (t *Table) keys() []string {
	keys := map[string]bool{}
	for _, f := range t.Fields {
		if f.Key != "" && f.Reserved == "" {
			keys[f.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// keyed reports whether there are keys at all, and not only what stands in
// place of them.
func (t *Table) keyed() bool {
	return slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Key != "" })
}

// place returns the field that a scalar fills which stands in place of the
// mapping: the one of the scalar's own sort, or else the only one.
func (t *Table) place(s scalar) *Field {
	sort := Text
	switch {
	case s.plain && s.tag == "!!bool":
		sort = Bool
	case s.plain && s.tag == "!!int":
		sort = Int
	}
	var fits *Field
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Scalar {
			if f.Shape == sort {
				return f
			}
			if fits == nil || f.Shape == Text {
				fits = f
			}
		}
	}
	return fits
}

// list returns the field that a list fills which stands in place of the mapping.
func (t *Table) list() *Field {
	for i := range t.Fields {
		if t.Fields[i].List {
			return &t.Fields[i]
		}
	}
	return nil
}
