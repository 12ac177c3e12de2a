package main

import (
	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// order puts the steps of the plan into an order in which nobody holds a right
// on the way that they hold neither before nor after, and lacks none that they
// hold both before and after.
func (o *options) order(p *prepared) (planner.Refused, error) {
	if len(p.plan.Steps) == 0 {
		return nil, nil
	}
	accepted := make([]resource.ID, len(o.allowTransient))
	for i, text := range o.allowTransient {
		var err error
		if accepted[i], err = who(text); err != nil {
			return nil, err
		}
	}
	changed := make([]resource.ID, len(p.plan.Steps))
	for i, s := range p.plan.Steps {
		changed[i] = s.ID()
	}
	passage := access.NewPassage(p.survey.Access(nil), p.survey.Access(p.changes()), changed)
	return planner.RefuseTransient(p.plan.Secure(watch{passage}, accepted)), nil
}

// A watch lets the planner ask package access, which does not know plans.
type watch struct{ *access.Passage }

func (w watch) Parties() []planner.Party {
	found := w.Passage.Parties()
	parties := make([]planner.Party, len(found))
	for i, p := range found {
		parties[i] = planner.Party(p)
	}
	return parties
}

func (w watch) Judge(party int, done []bool) []planner.Breach {
	found := w.Passage.Judge(party, done)
	breaches := make([]planner.Breach, len(found))
	for i, b := range found {
		breaches[i] = planner.Breach{Principal: b.Principal, Effect: planner.Effect(b.Effect), Text: b.Text}
	}
	return breaches
}
