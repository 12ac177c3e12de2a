package planner

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// checkFields reports, with its position, the first field in data that a File
// does not have or that stands there twice, and data that is nested too deep
// or goes on after the plan. encoding/json by itself takes the last of two
// fields and does not mind their case, so that two readers of one file could
// see two different plans.
func checkFields(data []byte) error {
	r := fieldReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	return r.value(reflect.TypeFor[File](), "", 0)
}

// A fieldReader walks through JSON along a type.
type fieldReader struct {
	data  []byte
	dec   *json.Decoder
	start int64 // of the token just read
}

// token reads the next token.
func (r *fieldReader) token() (json.Token, error) {
	rest := r.data[r.dec.InputOffset():]
	r.start = int64(len(r.data) - len(bytes.TrimLeft(rest, " \t\r\n,:")))
	token, err := r.dec.Token()
	if err != nil {
		return nil, located(r.data, err)
	}
	return token, nil
}

// value reads one value that is to be decoded into a t; a nil t takes
// anything. Values of the wrong sort are left to encoding/json to report.
func (r *fieldReader) value(t reflect.Type, path string, depth int) error {
	if depth > maxFileDepth {
		return r.fault("%s is nested more than %d deep", path, maxFileDepth)
	}
	token, err := r.token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for i := 0; r.dec.More(); i++ {
			if err := r.value(element(t), fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		if err := r.object(t, path, depth); err != nil {
			return err
		}
	default:
		return r.text(t, token, path)
	}
	_, err = r.token() // the closing bracket
	return err
}

func (r *fieldReader) object(t reflect.Type, path string, depth int) error {
	fields := fieldsOf(t)
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		name := token.(string)
		inner := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return r.fault("%s is there twice", inner)
		}
		seen[name] = true
		ft, ok := fields[name]
		if fields != nil && !ok {
			return r.fault("%s is not a field of a plan", inner)
		}
		if err := r.value(ft, inner, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// text checks a scalar that has a text form of its own, such as a resource.ID.
func (r *fieldReader) text(t reflect.Type, token json.Token, path string) error {
	s, ok := token.(string)
	if t == nil || !ok {
		return nil
	}
	if u, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(s)); err != nil {
			return r.fault("%s: %w", path, err)
		}
	}
	return nil
}

// fault returns an error at the token just read.
func (r *fieldReader) fault(format string, args ...any) error {
	return fmt.Errorf("%s: %w", lineColumn(r.data, r.start), fmt.Errorf(format, args...))
}

// fieldsOf returns the fields that an object may have which is to be decoded
// into a t, by name; nil if it may have any.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	return fields
}

// element returns the type of the elements of a list; nil if it may be any.
func element(t reflect.Type) reflect.Type {
	if t == nil || t.Kind() != reflect.Slice || t == reflect.TypeFor[json.RawMessage]() {
		return nil
	}
	return t.Elem()
}
