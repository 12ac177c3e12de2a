package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ssmctl/ssmctl/schemas"
)

// What `plan --json` prints is what the published schema says, before an apply
// and, with nothing to do, after it.
func TestPlanMatchesSchema(t *testing.T) {
	t.Parallel()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Plan))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"guide", "minimal"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := filepath.Join("..", "..", "samples", name+".yaml")
			in := "--sandbox=" + filepath.Join(t.TempDir(), "a.json")
			valid := func() {
				t.Helper()
				status, out, problems := command("plan", "--json", in, spec)
				if status != exitDone {
					t.Fatalf("plan %s: status %d\n%s", spec, status, problems)
				}
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(value); err != nil {
					t.Errorf("plan %s: %v", spec, err)
				}
			}
			valid()
			if status, _, problems := command("apply", "--auto-approve", in, spec); status != exitDone {
				t.Fatalf("apply %s: status %d\n%s", spec, status, problems)
			}
			valid()
		})
	}
}

// command runs one command in this process.
func command(args ...string) (status int, out, problems []byte) {
	var stdout, stderr bytes.Buffer
	status = run(args, stdio{in: bytes.NewReader(nil), out: &stdout, err: &stderr})
	return status, stdout.Bytes(), stderr.Bytes()
}
