package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// Plan writes a plan for people: where it applies, who gains and loses which
// access and, on the way, for a moment; what changes, grouped by what a reader
// thinks of; what cannot be undone; and a summary in the words of Terraform. It
// writes once; an error is the writer's, or names the change whose data is not
// JSON, with nothing written.
func Plan(w io.Writer, f planner.File, o Options) error {
	r := renderer{Options: o, where: f.Environment}
	p := &page{Options: o}
	p.line(0, r.place(f.Spec))
	groups, ledgers, err := groups(f)
	if err != nil {
		return err
	}
	accessChanges(p, f.AccessChanges)
	transient(p, f.Transient)
	if len(groups)+len(ledgers) > 0 {
		p.heading("Changes")
		r.changes(p, groups)
		for _, l := range ledgers {
			p.styled(dim, 2, ledgerText(l))
		}
	}
	undoing(p, f)
	notes(p, f.Notes)
	p.blank()
	summary(p, f)
	caveats(p, f)
	_, err = w.Write(p.text.Bytes())
	return err
}

// A renderer turns the data of a plan into rows.
type renderer struct {
	Options
	where planner.Environment
}

// place returns the head line: which spec, where, as whom, from which file.
func (r renderer) place(s planner.Spec) string {
	where := "account " + Escape(r.where.Account) + " " + Escape(r.where.Region)
	if r.where.Sandbox {
		where = "the sandbox (" + where + ")"
	}
	caller := r.where.Caller
	if prefix, name, ok := strings.Cut(caller, "::"+r.where.Account+":"); ok && strings.HasPrefix(prefix, "arn:") {
		caller = name
	}
	line := Escape(s.Name) + " -> " + where
	if caller != "" {
		line += ", as " + Escape(caller)
	}
	return line + "   " + Escape(s.File)
}

// sourceColumn is where the file and line stand, if what is left of it is not
// too long.
const sourceColumn = 48

// changes writes the groups.
func (r renderer) changes(p *page, groups []*group) {
	for _, g := range groups {
		head := Escape(g.head)
		if g.own != nil {
			if name := g.own.after.get("name"); name.kind == '"' && !strings.HasSuffix(g.head, "/"+name.text) {
				head += "  " + name.show()
			}
		}
		source := ""
		if at := g.source(); at != nil {
			source = Escape(fmt.Sprintf("%s:%d", at.File, at.Line))
		}
		p.head(g.symbol(), head, source)
		p.rows(6, r.rows(g))
	}
}

// ledgerText says in one line what a ledger's change comes to.
func ledgerText(l object) string {
	before, after := l.before.get("links").items, l.after.get("links").items
	if l.after.kind == 0 {
		return "ledger: removed, " + count(len(before), "link") + " dropped"
	}
	text := "ledger: " + count(len(without(after, before)), "link") + " recorded"
	if dropped := len(without(before, after)); dropped > 0 {
		text += fmt.Sprintf(", %d dropped", dropped)
	}
	return text
}

// notes writes what a reviewer should know besides.
func notes(p *page, notes []planner.Note) {
	if len(notes) == 0 {
		return
	}
	p.heading("Notes")
	for _, n := range notes {
		text := Escape(n.Text)
		if n.Code != "" {
			text += " [" + Escape(n.Code) + "]"
		}
		if n.Resource != (resource.ID{}) {
			text = Escape(n.Resource.String()) + ": " + text
		}
		if n.Source != nil {
			text += " (" + Escape(fmt.Sprintf("%s:%d", n.Source.File, n.Source.Line)) + ")"
		}
		p.item(2, alerts, text)
	}
}

// Notes writes what a reviewer should know, as a plan does. It writes once, or
// not at all if there is nothing, and returns the writer's error.
func Notes(w io.Writer, all []planner.Note, o Options) error {
	if len(all) == 0 {
		return nil
	}
	p := &page{Options: o}
	notes(p, all)
	p.blank()
	_, err := w.Write(p.text.Bytes())
	return err
}

// summary writes the last lines, the first of them in Terraform's words, since
// scripts look for those.
func summary(p *page, f planner.File) {
	unchanged := count(f.Unchanged, "resource") + " unchanged."
	if len(f.ResourceChanges) == 0 {
		if f.Complete && !f.Errored {
			p.styled(bold, 0, "No changes. The account matches "+Escape(f.Spec.File)+".")
		} else {
			p.styled(bold, 0, "No changes.")
		}
		p.line(0, unchanged)
		return
	}
	n := countChanges(f.ResourceChanges)
	p.styled(bold, 0, fmt.Sprintf("Plan: %d to add, %d to change, %d to destroy.%s", n.Add, n.Change, n.Destroy, n.eventText()))
	p.line(0, count(len(f.Steps), "step")+"; "+undoText(f)+". "+unchanged)
	order(p, f)
}

// caveats says what the summary leaves open.
func caveats(p *page, f planner.File) {
	if !f.Complete {
		p.item(0, alerts, "Applying this plan does not reach all that "+Escape(f.Spec.File)+" asks for.")
	}
	if f.Errored {
		p.item(0, alerts, "This plan was made in spite of an error and is not to be applied.")
	}
}

// counts are the changes as Terraform counts them, and of what merely happens
// how much there is of each kind.
type counts struct {
	planner.Counts
	events map[string]int
}

func countChanges(list []planner.ResourceChange) counts {
	n := counts{planner.File{ResourceChanges: list}.Counts(), map[string]int{}}
	for _, rc := range list {
		if rc.Event {
			n.events[rc.Type]++
		}
	}
	return n
}

// eventText returns " 3 restarts." or "".
func (n counts) eventText() string {
	text := ""
	for _, kind := range slices.Sorted(maps.Keys(n.events)) {
		text += " " + count(n.events[kind], Escape(kind)) + "."
	}
	return text
}
