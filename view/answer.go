package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/policy"
)

// verdicts say how an answer begins, and what it looks like.
var verdicts = map[access.Verdict]struct{ text, style string }{
	access.Yes:     {"yes", green},
	access.No:      {"no", red},
	access.Depends: {"it depends", yellow},
	access.Unknown: {"unknown", yellow},
}

// maxCalls is how many nodes an answer gives reasons for, if it is not to be
// in full.
const maxCalls = 3

// Answer writes whether somebody may do something, and the chain that decides,
// for each resource that the call touches. Of says what was asked, such as
// "account 123456789012 us-east-1". It writes once and returns the writer's
// error.
func Answer(w io.Writer, a access.Answer, of string, o Options) error {
	p := &page{Options: o}
	v := verdicts[a.Verdict]
	text := a.Who.String() + " " + a.Action + touched(a)
	if a.When != "" {
		text += ", " + a.When
	}
	p.led(0, v.style, v.text+": ", Escape(text))
	for i, c := range a.Calls {
		if i == maxCalls && !o.Full {
			p.styled(dim, 2, fmt.Sprintf("%d more like these; --full shows them", len(a.Calls)-i))
			break
		}
		p.call(c, len(a.Calls) > 1)
	}
	if len(a.AssumedBy) > 0 {
		names := make([]string, len(a.AssumedBy))
		for i, by := range a.AssumedBy {
			names[i] = by.String()
			if by.When != "" {
				names[i] += " (" + by.When + ")"
			}
		}
		p.line(2, "to be assumed by "+Escape(strings.Join(names, ", ")))
	}
	for _, n := range a.Notes {
		p.item(2, alerts, Escape(n))
	}
	p.styled(dim, 0, "Asked: "+Escape(of)+".")
	_, err := w.Write(p.text.Bytes())
	return err
}

// touched names what a single call touches: " on web-1 with AWS-RunShellScript".
func touched(a access.Answer) string {
	if len(a.Calls) != 1 {
		return ""
	}
	text := ""
	if a.Calls[0].On != "" {
		text = " on " + a.Calls[0].On
	}
	for _, l := range a.Calls[0].Legs {
		if l.Leg == access.DocumentLeg && l.Target.Name != "" && l.Target.Name != a.Calls[0].On {
			text += " with " + l.Target.Name
		}
	}
	return text
}

// call writes the answer for one call, and for each resource that it touches.
func (p *page) call(c access.CallReply, several bool) {
	indent := 2
	if several {
		v := verdicts[c.Verdict]
		text := c.On
		if c.When != "" {
			text += ", " + c.When
		}
		p.led(indent, v.style, v.text+": ", Escape(text))
		indent = 4
	}
	for _, l := range c.Legs {
		lead, s := l.Leg, done
		switch {
		case l.Target.Name != "":
			lead += " " + l.Target.Name
		case l.Target.ARN != "" && l.Target.ARN != "*":
			lead += " " + l.Target.ARN
		}
		if l.Leg == access.NoLeg {
			lead = "the call"
		}
		if l.Verdict != policy.Allowed {
			s = failed
		}
		text := Escape(lead)
		if l.Reason != "" {
			text += ": " + Escape(l.Reason)
		}
		p.item(indent, s, text)
		if len(l.Allowed) > 1 {
			p.styled(dim, indent+4, "also "+someNames(slices.DeleteFunc(slices.Clone(l.Allowed), func(n string) bool { return n == l.Target.Name || n == l.Target.ARN })))
		}
		for _, chain := range l.Chains {
			p.line(indent+4, Escape(chain.String()))
			if p.Full {
				p.styled(dim, indent+6, Escape(chain.Text))
			}
		}
	}
}

// Holders writes who may do something as a table. It writes once and returns
// the writer's error.
func Holders(w io.Writer, holders []access.Holder, of string, o Options) error {
	p := &page{Options: o}
	if len(holders) == 0 {
		p.styled(bold, 0, "Nobody.")
	} else {
		p.table(holderRows(holders))
	}
	p.styled(dim, 0, "Asked: "+Escape(of)+".")
	_, err := w.Write(p.text.Bytes())
	return err
}

func holderRows(holders []access.Holder) [][]string {
	rows := [][]string{{"PRINCIPAL", "THROUGH", "LIMITS"}}
	for _, h := range holders {
		limits := strings.Join(h.Limits, ", ")
		if limits == "" {
			limits = "none"
		}
		if h.Verdict == access.Unknown {
			limits = "cannot be told: not all of its policies could be read"
		}
		through := h.Way()
		if len(h.AssumedBy) > 0 {
			through += " (for " + strings.Join(h.AssumedBy, ", ") + ")"
		}
		rows = append(rows, []string{h.Who.String(), through, limits})
	}
	return rows
}

// table writes rows in columns. The last column is wrapped, the others are as
// wide as they need.
func (p *page) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			row[i] = Escape(cell)
			widths[i] = max(widths[i], width(row[i]))
		}
	}
	for n, row := range rows {
		lead := ""
		for i, cell := range row[:len(row)-1] {
			lead += pad(cell, widths[i]) + "  "
		}
		style := plain
		if n == 0 {
			style = bold
		}
		p.led(0, style, lead, row[len(row)-1])
	}
}
