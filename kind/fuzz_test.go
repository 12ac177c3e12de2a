package kind_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/internal/cost"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/spec"
)

// Whatever the text, reading it as a spec of the real sections ends in desired
// state or in problems with a position, and does not panic.
func FuzzSpec(f *testing.F) {
	for _, text := range [][]byte{samples.Minimal, samples.Guide, samples.Team} {
		f.Add(text)
	}
	for _, example := range kind.Examples() {
		for _, sections := range example {
			f.Add([]byte(head + sections + "\n"))
		}
	}
	sections := kind.Sections()
	f.Fuzz(func(t *testing.T, text []byte) {
		var loaded *spec.Loaded
		var err error
		cost.Within(t, func() {
			if loaded, err = spec.Load("fuzz.yaml", text, sections); err == nil {
				kind.Check(loaded.Desired)
			}
		})
		if err == nil {
			return
		}
		problems, ok := err.(spec.Problems)
		if !ok || len(problems) == 0 {
			t.Fatalf("Load returned %T %v, want Problems", err, err)
		}
		for _, p := range problems {
			if p.Position.Line < 1 || p.Position.Column < 1 {
				t.Errorf("problem without a position: %v", p)
			}
		}
	})
}
