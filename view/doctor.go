package view

import (
	"io"
	"strings"
)

// A Checked is one thing that was looked at.
type Checked struct {
	What  string `json:"what"`
	Text  string `json:"text"` // what was found, in one or more lines
	Wrong bool   `json:"wrong,omitempty"`
}

// Doctor writes what was looked at, each with what was found. It writes once
// and returns the writer's error.
func Doctor(w io.Writer, all []Checked, o Options) error {
	p := &page{Options: o}
	wrong := 0
	for _, c := range all {
		s := done
		if c.Wrong {
			s = failed
			wrong++
		}
		for i, line := range strings.Split(c.Text, "\n") {
			if i == 0 {
				p.item(0, s, pad(Escape(c.What), 9)+" "+Escape(line))
			} else {
				p.line(12, Escape(line))
			}
		}
	}
	p.blank()
	if wrong == 0 {
		p.styled(green, 0, "All is well.")
	} else {
		p.styled(bold, 0, count(wrong, "thing")+" to mend.")
	}
	_, err := w.Write(p.text.Bytes())
	return err
}
