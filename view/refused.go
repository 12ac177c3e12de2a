package view

import (
	"io"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Refused writes why no plan was made: each reason with its code, what it is
// about, where the spec gives rise to it, and what to do. It writes once and
// returns the writer's error.
func Refused(w io.Writer, reasons planner.Refused, o Options) error {
	p := &page{Options: o}
	for i, r := range reasons {
		if i > 0 {
			p.blank()
		}
		lead := "error: "
		if r.Code != "" {
			lead = "error[" + Escape(r.Code) + "]: "
		}
		p.led(0, red, lead, Escape(r.Text))
		if at := r.Position; at != nil {
			p.put(2, p.paint(dim, "--> ")+Escape(at.String()))
		}
		if r.ID != (resource.ID{}) && !strings.Contains(r.Text, r.ID.String()) {
			p.led(3, plain, "= about: ", Escape(r.ID.String()))
		}
		if r.Help != "" {
			p.led(3, plain, "= help: ", Escape(r.Help))
		}
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// Stale writes what moved since a plan was approved, object by object: what
// was approved and what is there now. It writes once and returns the writer's
// error; it writes nothing if nothing moved.
func Stale(w io.Writer, moved []planner.Moved, o Options) error {
	if len(moved) == 0 {
		return nil
	}
	p := &page{Options: o}
	p.led(0, red, "error: ", "the approved plan no longer holds; "+count(len(moved), "difference")+" since. Nothing was changed.")
	address := ""
	for i, m := range moved {
		if m.Address != address || i == 0 {
			address = m.Address
			where := Escape(address)
			if where == "" {
				where = "the plan as a whole"
			}
			p.item(2, changes, where)
		}
		p.line(6, Escape(m.Field))
		for _, side := range []struct {
			symbol symbol
			text   string
		}{{destroys, "approved: " + m.Approved}, {adds, "now:      " + m.Now}} {
			text := Escape(side.text)
			if !o.Full {
				text = cut(text, maxMoved, o.ellipsis())
			}
			p.item(8, side.symbol, text)
		}
	}
	p.line(0, "Make a new plan and have that approved.")
	_, err := w.Write(p.text.Bytes())
	return err
}

// maxMoved is how many columns of a value that moved are shown by default;
// they may be whole policies.
const maxMoved = 400
