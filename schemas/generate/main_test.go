package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/schemas"
)

// What is embedded is what the tables say now.
func TestStale(t *testing.T) {
	t.Parallel()
	files, err := generate("schemas/generate")
	if err != nil {
		t.Fatal(err)
	}
	reference, err := os.ReadFile("../../docs/spec.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"spec.schema.json": schemas.Spec, "plan.schema.json": schemas.Plan, "../docs/spec.md": reference} {
		if diff := cmp.Diff(string(files[name]), string(got)); diff != "" {
			t.Errorf("%s is stale; run `go generate ./schemas` (-want +got):\n%s", name, diff)
		}
	}
}
