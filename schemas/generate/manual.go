package main

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/spec"
)

// manual returns the reference of the spec language, in Markdown.
func manual(sections []entry.Section) []byte {
	var b bytes.Buffer
	b.WriteString(`# The spec, key by key

Made from the tables that the parser works by; ` + "`go generate ./...`" + ` makes it anew.

A spec is one YAML file. What a section declares, ssmctl creates, changes and,
once it leaves the file, deletes; what a spec only mentions must exist already.
Keys that begin with ` + "`x-`" + ` are free. ` + "`$(var.NAME)`, `$(name)`, `$(account)` and `$(region)`" + `
stand for values; ` + "`${...}`" + ` belongs to IAM and is left alone.

## At the top

`)
	rows(&b, "", spec.Top())
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```yaml\n%s:\n  %s\n```\n\nA name is %s.\n\n", s.Name, s.Summary, s.Name, s.Example, s.Want)
		rows(&b, "", spec.TableOf(reflect.TypeOf(s.New()).Elem()))
	}
	return b.Bytes()
}

// rows writes a table of keys, those of nested mappings under their path.
func rows(b *bytes.Buffer, path string, t *spec.Table) {
	if path == "" {
		b.WriteString("| key | value | |\n|---|---|---|\n")
	}
	for _, f := range t.Fields {
		if f.Reserved != "" || f.Key == "" {
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", path+f.Key, cell(takes(f)), cell(says(f)))
		nested, key := f, path+f.Key
		for ; nested.Item != nil; nested = *nested.Item {
			key += map[spec.Shape]string{spec.List: "[]", spec.Map: "{}"}[nested.Shape]
		}
		if nested.Table != nil {
			rows(b, key+".", nested.Table)
		}
	}
}

// takes says what sort of value a key has.
func takes(f spec.Field) string {
	switch {
	case len(f.Enum) > 0:
		return "`" + strings.Join(f.Enum, "`, `") + "`"
	case f.Shape == spec.List:
		return "list; each " + takes(*f.Item)
	case f.Shape == spec.Map:
		return "map; each " + takes(*f.Item)
	case f.Shape == spec.Struct:
		return strings.Join(forms(f.Table), ", or ")
	case f.Ref != "":
		return "a name from `" + f.Ref + "`"
	case f.Want != "" && f.Shape == spec.Text:
		return f.Want
	}
	return map[spec.Shape]string{spec.Text: "text", spec.Bool: "`true`, `false`", spec.Int: "number", spec.Any: "as in IAM"}[f.Shape]
}

// forms lists what may stand where a struct may: plain values, lists, a map.
func forms(t *spec.Table) (all []string) {
	keys := false
	for _, f := range t.Fields {
		if f.Key == "" {
			all = append(all, takes(f))
		}
		keys = keys || f.Key != ""
	}
	if keys {
		all = append(all, "a map")
	}
	return all
}

// says is what there is to know about a key.
func says(f spec.Field) string {
	text := f.Doc
	if f.Table != nil {
		for _, form := range f.Table.Fields {
			if form.Key == "" && form.Doc != "" {
				if len(form.Enum) == 1 {
					text += " " + form.Enum[0] + ":"
				}
				text += " " + form.Doc
			}
		}
	}
	if f.Required {
		text = "Required. " + text
	}
	if f.Default != "" {
		text += " Without it: `" + f.Default + "`."
	}
	if f.Example != "" {
		text += " Example: `" + f.Example + "`."
	}
	return strings.TrimSpace(text)
}

// cell makes text fit a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
