package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// accessChanges writes whose access the plan changes: who, what, where, through
// what, and which line of the spec makes it so.
func accessChanges(p *page, changes []planner.AccessChange) {
	if len(changes) == 0 {
		return
	}
	p.heading("Access")
	rights(p, foldServices(changes), func(c planner.AccessChange) symbol {
		if c.Effect == planner.Loss {
			return destroys
		}
		return adds
	})
}

// rights writes a line a right and, beneath, through what and why. Whoever has
// several is named once.
func rights(p *page, all []right, sign func(planner.AccessChange) symbol) {
	column := 0
	for _, r := range all {
		column = max(column, width(r.who))
	}
	column = min(column, 28)
	last := ""
	for _, r := range all {
		s := sign(r.AccessChange)
		who := r.who
		if key := string(s) + who; key == last {
			who = ""
		} else {
			last = key
		}
		p.led(2, looks[s].style, p.sign(s)+" "+pad(who, column)+"  ", Escape(r.Text()))
		if text := aside(r); text != "" {
			p.styled(dim, 6, text)
		}
	}
}

// A right is an access change, and whose it is, escaped.
type right struct {
	planner.AccessChange
	who    string
	others int // how many more principals it is of
}

// foldServices makes one of the changes that are the same to several roles
// which only services act as: an account has many of those, all alike.
func foldServices(changes []planner.AccessChange) []right {
	var all []right
	at := map[string]int{}
	for _, c := range changes {
		key := c.String()
		if i, ok := at[key]; ok && c.Service {
			all[i].others++
			all[i].who = Escape(all[i].Principal.String()) + fmt.Sprintf(" and %d more", all[i].others)
			if chain(all[i].Via) != chain(c.Via) {
				all[i].Via = nil
			}
			all[i].Cause = append(slices.Clone(all[i].Cause), c.Cause...)
			continue
		}
		if c.Service {
			at[key] = len(all)
		}
		all = append(all, right{AccessChange: c, who: Escape(c.Principal.String())})
	}
	return all
}

// Access writes who may do what, as it is rather than as it changes. Of says
// of what, such as "account 123456789012 us-east-1". It writes once and returns
// the writer's error.
func Access(w io.Writer, held []planner.AccessChange, of string, o Options) error {
	p := &page{Options: o}
	p.styled(bold, 0, "Access: "+Escape(of))
	if len(held) == 0 {
		p.line(2, "Nobody may do anything through Systems Manager.")
	}
	rights(p, foldServices(held), func(planner.AccessChange) symbol { return has })
	_, err := w.Write(p.text.Bytes())
	return err
}

// aside says through what a principal has the right, and why that changes.
func aside(c right) string {
	var parts []string
	if c.Service {
		parts = append(parts, "only services of AWS act as "+map[bool]string{false: "it", true: "them"}[c.others > 0])
	}
	if len(c.Members) > 0 {
		parts = append(parts, "members "+someNames(c.Members))
	}
	if via := chain(c.Via); via != "" {
		parts = append(parts, "via "+via)
	}
	if because := causes(c.AccessChange); because != "" {
		parts = append(parts, because)
	}
	return strings.Join(parts, "; ")
}

// chain turns the objects that give a right into what a reader knows them by:
// the group that somebody is in, and the policy.
func chain(via []resource.ID) string {
	var names []string
	for _, id := range via {
		name := id.String()
		switch id.Kind {
		case "membership":
			group, _, _ := strings.Cut(id.Name, "/")
			name = "group/" + group
		case "attachment":
			name = id.Name[strings.LastIndexByte(id.Name, '/')+1:]
			name = strings.TrimPrefix(name, "aws:")
		case "inline":
			name = "inline " + id.Name[strings.LastIndexByte(id.Name, '/')+1:]
		case "policy":
			continue // the attachment has its name
		}
		names = append(names, Escape(name))
	}
	return strings.Join(names, " -> ")
}

// causes names the lines of the spec that make the difference, and what does
// so though no line of it asks for it any more.
func causes(c planner.AccessChange) string {
	var places []resource.Position
	var texts []string
	for _, cause := range c.Cause {
		if at := cause.Source; at != nil {
			places = append(places, resource.Position{File: at.File, Line: at.Line})
		} else {
			texts = append(texts, Escape(cause.Address.String()))
		}
	}
	slices.SortFunc(places, func(a, b resource.Position) int { return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line) })
	var lines []string
	file := ""
	for _, at := range slices.Compact(places) {
		text := fmt.Sprintf(":%d", at.Line)
		if at.File != file {
			file, text = at.File, at.File+text
		}
		lines = append(lines, Escape(text))
	}
	texts = append(lines, texts...)
	if len(texts) == 0 {
		return ""
	}
	if more := len(texts) - maxNames; more > 0 {
		texts = append(texts[:maxNames], fmt.Sprintf("%d more", more))
	}
	return "by " + strings.Join(texts, ", ")
}

// maxNames is how many names are listed before the rest is only counted.
const maxNames = 5

// someNames lists names, the first few of many.
func someNames(names []string) string {
	shown := names[:min(len(names), maxNames)]
	text := Escape(strings.Join(shown, ", "))
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
