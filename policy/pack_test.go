package policy

import (
	"fmt"
	"strings"
	"testing"
)

// wide returns a restriction of so many nodes.
func wide(nodes int) Restriction {
	r := Restriction{Documents: Names{List: []string{"deploy"}}}
	for i := range nodes {
		r.Nodes.IDs = append(r.Nodes.IDs, fmt.Sprintf("i-%017x", i))
	}
	return r
}

var testPlace = Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"}

func TestLargestRestrictions(t *testing.T) {
	t.Parallel()
	one := func(last int) Restriction {
		r := Restriction{Nodes: Nodes{All: true}}
		for i := range 35 {
			r.Documents.List = append(r.Documents.List, fmt.Sprintf("%0100d", i))
		}
		r.Documents.List = append(r.Documents.List, strings.Repeat("a", last))
		return r
	}
	small, err := one(3).Compile(testPlace)
	if err != nil {
		t.Fatal(err)
	}
	fits := 3 + MaxManaged - small[0].Size()
	for name, test := range map[string]struct {
		r        Restriction
		policies int // 0 is too large
	}{
		"just one":                   {one(fits), 1},
		"just two":                   {one(fits + 1), 2},
		"a few":                      {wide(200), 3},
		"nearly all":                 {wide(810), 10},
		"more than it packs loosely": {wide(850), 10},
		"too many":                   {wide(900), 0},
		"two for boundary":           {Restriction{Documents: Names{List: []string{"deploy"}}, Nodes: wide(100).Nodes, Enforce: "boundary"}, 0},
		"two for what denies":        {Restriction{Documents: Names{List: []string{"deploy"}}, Nodes: wide(100).Nodes, Enforce: "deny"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents, err := test.r.Compile(testPlace)
			if len(documents) != test.policies || (err == nil) != (test.policies > 0) {
				t.Fatalf("%d policies, want %d: %v", len(documents), test.policies, err)
			}
			for i, d := range documents {
				if d.Size() > MaxManaged || len(documents) > 1 && d.Size() > room {
					t.Errorf("policy %d has %d characters", i+1, d.Size())
				}
			}
		})
	}
}
