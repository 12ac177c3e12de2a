package view

import (
	"fmt"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// transient writes what somebody would have or lack only while the plan is
// under way.
func transient(p *page, breaches []planner.Breach) {
	if len(breaches) == 0 {
		return
	}
	p.heading("Access on the way")
	for _, b := range breaches {
		p.led(2, yellow, p.sign(alerts)+" ", Escape(b.String()))
		if b.From != (resource.ID{}) && b.Until != (resource.ID{}) {
			p.styled(dim, 6, "from "+Escape(b.From.String())+" until "+Escape(b.Until.String()))
		}
	}
}

// order says in a line how access fares on the way, if anybody looked.
func order(p *page, f planner.File) {
	pauses := ""
	if n := f.Pauses(); n > 0 {
		pauses = "; " + count(n, "pause") + " while AWS spreads changes"
	}
	switch f.Order {
	case planner.OrderSafe:
		p.line(0, "Order: safe at every step"+pauses+".")
	case planner.OrderTransient:
		text := fmt.Sprintf("not safe at every step, see the %s under \"Access on the way\"", count(len(f.Transient), "line"))
		p.led(0, yellow, "Order: ", text+pauses+".")
	}
}

// undoing names, in the order in which they run, what undoing does not bring
// back, and then what cannot be undone.
func undoing(p *page, f planner.File) {
	lossy, final := losses(f)
	if len(lossy) > 0 {
		p.heading("Undoing these would not bring everything back")
		lost(p, lossy)
	}
	if len(final) > 0 {
		p.heading("Point of no return")
		p.line(2, fmt.Sprintf("Past it there is no way back (to accept: --accept-irreversible %d):", len(final)))
		lost(p, final)
	}
}

// lost names changes with what is lost.
func lost(p *page, changes []planner.ResourceChange) {
	for _, rc := range changes {
		text := Escape(rc.Address)
		if rc.Loses != "" {
			text += ": " + Escape(rc.Loses)
		}
		p.item(2, alerts, text)
	}
}

// undoText says in a few words how much of a plan can be undone.
func undoText(f planner.File) string {
	lossy, final := losses(f)
	text := "all can be undone"
	if n := len(final); n > 0 {
		text = fmt.Sprintf("%d cannot be undone (to accept: --accept-irreversible %d)", n, n)
	}
	if n := len(lossy); n > 0 {
		text += fmt.Sprintf(", %d not without loss", n)
	}
	return text
}

// losses returns the changes that cannot be undone without a loss, and those
// that cannot be undone at all, in the order in which they run.
func losses(f planner.File) (lossy, final []planner.ResourceChange) {
	changes := make(map[string]planner.ResourceChange, len(f.ResourceChanges))
	for _, rc := range f.ResourceChanges {
		changes[rc.Address] = rc
	}
	for _, s := range f.Steps {
		rc := changes[s.Resource.String()]
		delete(changes, rc.Address) // one that takes two steps is named once
		switch {
		case rc.Final:
			final = append(final, rc)
		case rc.Loses != "":
			lossy = append(lossy, rc)
		}
	}
	return lossy, final
}
