package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/lint"
	"github.com/ssmctl/ssmctl/resource"
)

// Documents lints what a spec itself has people granted: its inline policies,
// its restrictions as compiled, and the trust policies of its roles. What can
// only be a mistake is refused, in the order of the spec; what may be one is
// noted. The account is that of the spec by itself.
func Documents(a *access.Account, d *resource.Desired) (planner.Refused, []planner.Note) {
	r := &run{steps: map[resource.ID]planner.Step{}}
	for id, at := range d.Source {
		r.steps[id] = planner.Step{Source: &at}
	}
	seen := map[resource.ID]bool{}
	look := func(of resource.ID, doc policy.Document, use policy.Use) {
		if d.State.Get(of) == nil || seen[of] {
			return
		}
		seen[of] = true
		for _, f := range lint.Document(doc, use, a.Place) {
			text := f.Text
			if f.Path != nil {
				text = f.Path.String() + ": " + text
			}
			switch f.Severity {
			case lint.Error:
				r.refuse(f.Code, of, fmt.Sprintf("%s: %s", of, text), f.Fix)
			case lint.Warning:
				r.notes = append(r.notes, planner.Note{Resource: of, Code: f.Code, Text: text + "; " + f.Fix, Source: r.steps[of].Source})
			}
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(a.Policies)) {
		if m := a.Policies[arn]; m.From != (resource.ID{}) {
			look(m.From, m.Document, policy.ForIdentity)
		}
	}
	for _, g := range a.Grants {
		if g.Document != nil {
			look(g.From, *g.Document, policy.ForIdentity)
		}
	}
	for _, p := range a.Principals {
		if !p.Trust.IsZero() {
			look(p.ID, p.Trust, policy.ForTrust)
		}
	}
	r.sort()
	return r.refused, r.notes
}
