package main

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/spec"
)

// usesVariable matches text with a variable in it, of whose value a schema
// knows nothing.
const usesVariable = `\$\(`

// specSchema describes specs with the given sections.
func specSchema(sections []entry.Section) *jsonschema.Schema {
	root := mapping(spec.Top(), true)
	root.Version = draft
	root.ID = "https://ssmctl.dev/schemas/spec.schema.json"
	root.Title = "ssmctl spec"
	describe(root, "Who may use AWS Systems Manager, on which nodes, and which nodes are managed.")
	root.Definitions = jsonschema.Definitions{}
	for _, s := range sections {
		e := mapping(spec.TableOf(reflect.TypeOf(s.New()).Elem()), false)
		e.Title = title(s.Noun)
		root.Definitions[s.Noun] = e
		root.Properties.Set(s.Name, section(s))
	}
	return root
}

// section describes one top-level map of names to entries.
func section(s entry.Section) *jsonschema.Schema {
	schema := &jsonschema.Schema{
		Title:                title(s.Name),
		Type:                 "object",
		AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/" + strings.ReplaceAll(s.Noun, " ", "%20")},
		PropertyNames: &jsonschema.Schema{Pattern: s.Pattern, Extras: map[string]any{
			"patternErrorMessage": "Expected " + s.Want + ".",
		}},
		Extras: map[string]any{"defaultSnippets": []any{map[string]any{
			"label": s.Noun, "description": s.Summary, "bodyText": s.Example,
		}}},
	}
	describe(schema, s.Summary)
	return schema
}

// mapping describes a mapping of known keys. Keys that begin with x- are free.
func mapping(t *spec.Table, top bool) *jsonschema.Schema {
	schema := &jsonschema.Schema{
		Type:                 "object",
		Properties:           jsonschema.NewProperties(),
		PatternProperties:    map[string]*jsonschema.Schema{"^x-": jsonschema.TrueSchema},
		AdditionalProperties: jsonschema.FalseSchema,
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Key == "" {
			continue
		}
		schema.Properties.Set(f.Key, key(f, top))
		if f.Required {
			schema.Required = append(schema.Required, f.Key)
		}
	}
	return schema
}

// key describes one key and its value.
func key(f *spec.Field, top bool) *jsonschema.Schema {
	if f.Reserved != "" {
		return &jsonschema.Schema{
			Not:    jsonschema.TrueSchema,
			Extras: map[string]any{"doNotSuggest": true, "errorMessage": "Cannot be used yet: " + f.Reserved + "."},
		}
	}
	schema := value(f, !top)
	schema.Title = title(f.Key)
	describe(schema, f.Doc)
	if f.Default != "" {
		schema.Default = literal(f, f.Default)
		schema.Extras["markdownDescription"] = f.Doc + "\n\nDefault: `" + f.Default + "`"
	}
	if f.Example != "" {
		schema.Examples = []any{example(f)}
	}
	return schema
}

// value describes what may stand after a key, or in a list. Where variables
// are possible, text that uses one is let through: what comes of it is not
// for a schema to know.
func value(f *spec.Field, variables bool) *jsonschema.Schema {
	s := &jsonschema.Schema{Extras: map[string]any{}}
	switch f.Shape {
	case spec.Text:
		text(s, f, variables)
	case spec.Bool, spec.Int:
		scalar(s, f, variables)
	case spec.List:
		s.Type, s.UniqueItems = "array", true
		s.Items = value(f.Item, variables)
		s.MinItems, s.MaxItems = count(f.Min), count(f.Max)
	case spec.Map:
		s.Type = "object"
		s.AdditionalProperties = value(f.Item, variables)
		s.MinProperties, s.MaxProperties = count(f.Min), count(f.Max)
		if !variables { // vars, where numbers and bools are values too
			s.AdditionalProperties = &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}}
		}
	case spec.Any:
		s.Extras["type"] = []string{"object", "array", "string", "number", "boolean"}
	case spec.Struct:
		places(s, f)
	}
	return s
}

// text describes text.
func text(s *jsonschema.Schema, f *spec.Field, variables bool) {
	s.Type = "string"
	switch {
	case len(f.Enum) > 0 && variables:
		s.Extras["errorMessage"] = "Expected one of " + strings.Join(f.Enum, ", ") + "."
		s.AnyOf = []*jsonschema.Schema{{Enum: list(f.Enum)}, {Pattern: usesVariable}}
	case len(f.Enum) > 0:
		s.Enum = list(f.Enum)
	case f.Pattern != nil && variables:
		s.Pattern = "(" + f.Pattern.String() + ")|" + usesVariable
	case f.Pattern != nil:
		s.Pattern = f.Pattern.String()
	case !f.Empty():
		s.MinLength = new(uint64(1))
	}
	if f.Want != "" {
		s.Extras["patternErrorMessage"] = "Expected " + f.Want + "."
		s.Extras["errorMessage"] = "Expected " + f.Want + "."
	}
}

// scalar describes a number or a bool.
func scalar(s *jsonschema.Schema, f *spec.Field, variables bool) {
	name := "boolean"
	if f.Shape == spec.Int {
		name = "integer"
		if f.Min != nil {
			s.Minimum = json.Number(strconv.Itoa(*f.Min))
		}
		if f.Max != nil {
			s.Maximum = json.Number(strconv.Itoa(*f.Max))
		}
	}
	if !variables {
		s.Type = name
		return
	}
	s.Extras["type"] = []string{name, "string"}
	s.Pattern = `^` + usesVariable // holds for text alone
}

// places describes a mapping that other values may stand in place of. Editors
// complete a key well only if all its types stand beside it.
func places(s *jsonschema.Schema, f *spec.Field) {
	var ways []*jsonschema.Schema
	var types []string
	for i := range f.Table.Fields {
		place := &f.Table.Fields[i]
		switch {
		case place.Scalar:
			way := value(place, true)
			describe(way, place.Doc)
			ways = append(ways, way)
			types = append(types, scalarTypes(place.Shape)...)
		case place.List:
			ways = append(ways, value(place, true))
			types = append(types, "array")
		}
	}
	object := mapping(f.Table, false)
	if object.Properties.Len() > 0 {
		ways = append(ways, object)
		types = append(types, "object")
	}
	if len(ways) == 1 {
		extras := s.Extras
		*s = *ways[0]
		s.Extras = extras
		return
	}
	s.Extras["type"] = unique(types)
	s.AnyOf = ways
}
