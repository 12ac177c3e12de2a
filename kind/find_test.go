package kind_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
)

// Looking at one object shows what reading all of its kind shows, in every
// state of every kind's example, and nothing once it is gone.
func TestFindAgreesWithRead(t *testing.T) {
	t.Parallel()
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				seen := map[resource.ID]bool{}
				for _, sections := range append(append([]string(nil), example...), "groups: {}") {
					text := head + sections + "\n"
					mustApply(t, account, text)
					session := connect(t, account)
					loaded := load(t, text)
					survey, err := session.Survey(context.Background(), loaded.Spec.Name, loaded.Desired)
					if err != nil {
						t.Fatal(err)
					}
					for o := range survey.Live.State.All() {
						seen[o.ID()] = true
					}
					for id := range seen {
						found, err := session.Read(context.Background(), []resource.ID{id})
						if err != nil {
							t.Fatalf("reading %s: %v", id, err)
						}
						if want, got := survey.Live.State.Get(id), found.Get(id); !resource.Equal(want, got) {
							t.Errorf("%s alone is not as among all (-all +alone):\n%s\n%s", id, text, cmp.Diff(asText(want), asText(got)))
						}
					}
				}
			})
		})
	}
}
