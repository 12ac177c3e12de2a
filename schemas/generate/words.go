package main

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/ssmctl/ssmctl/spec"
)

// describe gives a schema its description twice, since editors that render
// Markdown escape what stands in the plain one.
func describe(s *jsonschema.Schema, doc string) {
	if doc == "" {
		return
	}
	if s.Extras == nil {
		s.Extras = map[string]any{}
	}
	s.Description = doc
	s.Extras["markdownDescription"] = doc
}

// title returns a key as a heading: "permissions_boundary" as "Permissions boundary".
func title(key string) string {
	switch key {
	case "id", "ami", "mfa", "oidc", "saml":
		return strings.ToUpper(key)
	case "ids":
		return "IDs"
	}
	return strings.ToUpper(key[:1]) + strings.ReplaceAll(key[1:], "_", " ")
}

// literal returns a value that a tag gives as text.
func literal(f *spec.Field, text string) any {
	switch {
	case f.Shape == spec.Bool:
		return text == "true"
	case f.Shape == spec.Int:
		n := 0
		for _, digit := range text {
			n = 10*n + int(digit-'0')
		}
		return n
	}
	return strings.Trim(text, `"`)
}

// example returns a field's example, in the shape that the field has.
func example(f *spec.Field) any {
	switch {
	case f.Shape == spec.List:
		return []any{literal(f.Item, f.Example)}
	case f.Shape == spec.Struct && slices.ContainsFunc(f.Table.Fields, func(p spec.Field) bool { return p.List }):
		return []any{f.Example}
	}
	return literal(f, f.Example)
}

// scalarTypes names the JSON types of a scalar, text with a variable included.
func scalarTypes(s spec.Shape) []string {
	switch s {
	case spec.Bool:
		return []string{"boolean", "string"}
	case spec.Int:
		return []string{"integer", "string"}
	}
	return []string{"string"}
}

func list(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

func count(n *int) *uint64 {
	if n == nil {
		return nil
	}
	return new(uint64(*n))
}
