package simulation

import (
	"context"
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
)

// check holds the account against what the report says.
func (t *deepTrial) check(r *executor.Report) {
	t.server.ClearFaults() // so that others can look
	by := foreigner(t.server)
	for _, a := range t.acts {
		if err := a.stands(context.Background(), by); err != nil {
			t.violate("P4", "what somebody else did is undone: %v", err)
			return
		}
	}
	if r.Outcome != executor.Partial {
		for _, a := range slices.Backward(t.acts) {
			if err := a.revert(context.Background(), by); err != nil {
				t.violate("P4", "what somebody else did is changed: %v", err)
				return
			}
		}
		t.acts = nil
	}
	if err := contradiction(r, t.recoveries > 0); err != nil {
		t.violate("P6", "%v", err)
	}
	switch r.Outcome {
	case executor.Applied:
		if t.site.after != "" {
			t.same(t.site.after)
		}
		if t.site.after == "" || t.rand.IntN(16) == 0 {
			t.planIsEmpty()
		}
	case executor.RolledBack, executor.NotStarted:
		t.same(t.site.before)
	case executor.Partial:
		t.allNamed(r)
	}
}

// allNamed checks that a report names every object that is not as it was.
func (t *deepTrial) allNamed(r *executor.Report) {
	ctx := context.Background()
	session := t.session(ctx)
	if err := session.Attend(ctx, "test", t.site.changes); err != nil {
		panic(err) // no fault strikes
	}
	was := map[resource.ID]resource.Object{}
	for _, s := range t.site.plan.Steps {
		if _, later := was[s.ID()]; !later && !s.Event() {
			was[s.ID()] = s.Before
		}
	}
	now, err := session.Read(ctx, slices.SortedFunc(maps.Keys(was), resource.ID.Compare))
	if err != nil {
		panic(err)
	}
	for id, before := range was {
		theirs := slices.ContainsFunc(t.acts, func(a act) bool { return a.makes == id })
		if !theirs && !left(r, id) && !resource.Equal(now.Get(id), before) {
			t.violate("P6", "%s was %v, is %v, and the report does not say so", id, before, now.Get(id))
		}
	}
}

// same checks that the account is as it should be.
func (t *deepTrial) same(want string) {
	got := string(t.server.Dump())
	if got == want || untagged(got) == untagged(want) {
		return
	}
	t.violate(map[bool]string{true: "P1", false: "P2"}[want == t.site.after], "the account differs (-want +got):\n%s", gocmp.Diff(want, got))
}

// planIsEmpty checks that after an apply there is nothing left to do.
func (t *deepTrial) planIsEmpty() {
	ctx := context.Background()
	p, err := planFor(ctx, t.session(ctx), t.site.text)
	if err != nil || len(p.Steps) > 0 {
		t.violate("P1", "after the apply there is more to do: %v, %v", p, err)
	}
}

// session is that of somebody who looks on, and whom no fault strikes.
func (t *deepTrial) session(ctx context.Context) *kind.Session {
	t.server.ClearFaults()
	session, err := kind.Connect(ctx, kind.Target{Region: t.server.Region(), HTTPClient: t.server.Client()})
	if err != nil {
		panic(err)
	}
	return session
}
