// Command generate writes the JSON Schemas that package schemas embeds, and the
// reference of the spec language in docs. Run it with go generate, in the
// directory schemas.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/invopop/jsonschema"

	"github.com/ssmctl/ssmctl/kind"
)

// draft is as much of JSON Schema as every editor understands.
const draft = "http://json-schema.org/draft-07/schema#"

// generate returns what each file is to hold. It runs in the directory from,
// which is given relative to the module.
func generate(from string) (map[string][]byte, error) {
	plan, err := planSchema(from)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"../docs/spec.md": manual(kind.Sections())}
	for name, schema := range map[string]*jsonschema.Schema{
		"spec.schema.json": specSchema(kind.Sections()),
		"plan.schema.json": plan,
	} {
		if files[name], err = encode(schema); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

func main() {
	log.SetFlags(0)
	files, err := generate("schemas")
	if err != nil {
		log.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// encode returns a schema as text that is pleasant to read and to compare.
func encode(s *jsonschema.Schema) ([]byte, error) {
	compact, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var value any // to sort the keys and to write < and > as they are
	if err := json.Unmarshal(compact, &value); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
