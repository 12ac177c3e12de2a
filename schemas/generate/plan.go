package main

import (
	"encoding/json"
	"path/filepath"
	"reflect"

	"github.com/invopop/jsonschema"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

const module = "github.com/ssmctl/ssmctl/"

// planSchema describes plan files, in the words of the comments in the Go
// source. It runs in the directory from, which is given relative to the module.
func planSchema(from string) (*jsonschema.Schema, error) {
	r := jsonschema.Reflector{
		Anonymous:      true,
		ExpandedStruct: true,
		// A later version may say more; who reads a plan is to pass over it.
		AllowAdditionalProperties: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[json.RawMessage]():
				return &jsonschema.Schema{Extras: map[string]any{"type": []string{"object", "null"}}}
			case reflect.TypeFor[resource.ID]():
				return &jsonschema.Schema{Type: "string", Pattern: "^[^/]+/.+$"}
			case reflect.TypeFor[planner.Effect]():
				return &jsonschema.Schema{Type: "string", Enum: []any{planner.Gain, planner.Loss}}
			case reflect.TypeFor[planner.Verdict]():
				return &jsonschema.Schema{Type: "string", Enum: []any{planner.OrderSafe, planner.OrderTransient, planner.OrderUnchecked}}
			case reflect.TypeFor[resource.Action]():
				return &jsonschema.Schema{Type: "string", Enum: []any{resource.Create, resource.Update, resource.Delete}}
			}
			return nil
		},
	}
	for _, pkg := range []string{"planner", "resource"} {
		path, err := filepath.Rel(from, pkg)
		if err == nil {
			err = r.AddGoComments(module+from, path)
		}
		if err != nil {
			return nil, err
		}
	}
	s := r.Reflect(&planner.File{})
	s.Version = draft
	s.ID = "https://ssmctl.dev/schemas/plan.schema.json"
	s.Title = "ssmctl plan"
	s.Description = "A plan, as `ssmctl plan --json` prints it: a superset of the part of Terraform's plan JSON that tools read."
	return s, nil
}
