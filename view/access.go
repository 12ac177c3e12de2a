package view

import (
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
	column := whoColumn(changes)
	for _, c := range changes {
		s := adds
		if c.Effect == planner.Loss {
			s = destroys
		}
		who := p.sign(s) + " " + pad(Escape(c.Principal.String()), column) + "  "
		p.led(2, looks[s].style, who, Escape(c.Text()))
		if text := aside(c); text != "" {
			p.styled(dim, 6, text)
		}
	}
}

// Access writes who may do what, as it is rather than as it changes. Of says
// of what, such as "account 123456789012 us-east-1". It writes once and returns
// the writer's error.
func Access(w io.Writer, rights []planner.AccessChange, of string, o Options) error {
	p := &page{Options: o}
	p.styled(bold, 0, "Access: "+Escape(of))
	if len(rights) == 0 {
		p.line(2, "Nobody may do anything through Systems Manager.")
	}
	column := whoColumn(rights)
	last := ""
	for _, c := range rights {
		who := c.Principal.String()
		if who == last {
			who = ""
		} else {
			last = who
		}
		p.led(2, bold, pad(Escape(who), column)+"  ", Escape(c.Text()))
		if text := aside(c); text != "" {
			p.styled(dim, 6, text)
		}
	}
	_, err := w.Write(p.text.Bytes())
	return err
}

// whoColumn is how wide the column of the principals is.
func whoColumn(changes []planner.AccessChange) int {
	column := 0
	for _, c := range changes {
		column = max(column, width(Escape(c.Principal.String())))
	}
	return min(column, 24)
}

// aside says through what a principal has the right, and why that changes.
func aside(c planner.AccessChange) string {
	var parts []string
	if c.Service {
		parts = append(parts, "only services of AWS act as it")
	}
	if len(c.Members) > 0 {
		parts = append(parts, "members "+someNames(c.Members))
	}
	if via := chain(c.Via); via != "" {
		parts = append(parts, "via "+via)
	}
	if because := causes(c); because != "" {
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
	var texts []string
	file := ""
	for _, cause := range c.Cause {
		text := cause.Address.String()
		if at := cause.Source; at != nil {
			text = fmt.Sprintf(":%d", at.Line)
			if at.File != file {
				file, text = at.File, at.File+text
			}
		}
		if text = Escape(text); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
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
