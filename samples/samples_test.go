package samples_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/spec"
)

// Every sample is a spec that nothing is wrong with, and asks for as many
// principals, memberships and policies as a reader counts in it.
func TestSamples(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data []byte
		want map[string]int
	}{
		"minimal": {samples.Minimal, map[string]int{"group": 1, "membership": 2, "role": 1}},
		"guide":   {samples.Guide, map[string]int{"group": 3, "membership": 3, "role": 3, "policy": 1}},
		"team":    {samples.Team, map[string]int{"group": 4, "membership": 30, "user": 1, "role": 5, "policy": 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := spec.Load(name+".yaml", test.data, kind.Sections())
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for o := range loaded.Desired.State.All() {
				switch k := o.ID().Kind; k {
				case "group", "membership", "user", "role", "policy":
					got[k]++
				}
				if (loaded.Desired.Source[o.ID()] == resource.Position{}) {
					t.Errorf("%s has no position", o.ID())
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}
