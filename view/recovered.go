package view

import (
	"cmp"
	"fmt"
	"io"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/planner"
)

// Undone writes how the undoing of a run ended that somebody asked for. It
// writes once and returns the writer's error.
func Undone(w io.Writer, r *executor.Report, o Options) error {
	p := &page{Options: o}
	if r.Outcome == executor.RolledBack {
		anew(p, r.New)
		text := "The account is as it was before the run."
		if len(r.New) > 0 {
			text = "The account is as it was before the run, but for the ids."
		}
		p.line(0, count(len(r.Undone), "step")+" undone.")
		p.styled(green, 0, text)
	} else {
		partial(p, planner.File{}, r)
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// A Tagged is something that carries a run's tag. Name is its address, if it
// is of a kind that specs know.
type Tagged struct{ Name, ARN, Spec string }

// Lost writes what a run made whose journal is gone. It writes once and
// returns the writer's error.
func Lost(w io.Writer, run string, made []Tagged, o Options) error {
	p := &page{Options: o}
	if len(made) == 0 {
		p.line(0, fmt.Sprintf("Nothing in the account carries the tag of run %s.", Escape(run)))
	}
	for _, m := range made {
		spec := "of no spec"
		if m.Spec != "" {
			spec = "of spec " + m.Spec
		}
		p.item(0, alerts, Escape(cmp.Or(m.Name, "something")+" "+spec))
		p.styled(dim, 2, Escape(m.ARN))
	}
	if len(made) > 0 {
		p.blank()
		p.line(0, "What a spec owns shows in its next plan, which keeps, changes or deletes it as the spec says.")
	}
	_, err := w.Write(p.text.Bytes())
	return err
}
