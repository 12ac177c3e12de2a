package view

import (
	"fmt"
	"io"
)

// A Finding is one thing that is wrong, or that there is to know.
type Finding struct {
	Where    string   `json:"where"`          // "file:12:5", or what it is about: "policy/deploy"
	Path     string   `json:"path,omitempty"` // within that: "Statement[1].Action[0]"; may be ""
	Code     string   `json:"code"`
	Severity string   `json:"severity"` // "error", "warning", "suggestion"
	Text     string   `json:"text"`
	Steps    []string `json:"steps,omitempty"` // how one gets from one right to the next, for an escalation
	Fix      string   `json:"fix"`             // what to do; may be ""
}

// The style of each severity.
var severities = map[string]string{"error": red, "warning": yellow, "suggestion": dim}

// Findings writes what was found, each with its place and its cure, and how
// much it was. It writes once and returns the writer's error.
func Findings(w io.Writer, all []Finding, o Options) error {
	p := &page{Options: o}
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Severity]++
		where := Escape(f.Where)
		if f.Path != "" {
			where += " " + Escape(f.Path)
		}
		p.led(0, severities[f.Severity], Escape(fmt.Sprintf("%s[%s]: ", f.Severity, f.Code)), Escape(f.Text))
		p.styled(dim, 2, "--> "+where)
		for i, step := range f.Steps {
			p.line(2, fmt.Sprintf("%d. %s", i+1, Escape(step)))
		}
		if f.Fix != "" {
			p.led(2, bold, "fix: ", Escape(f.Fix))
		}
		p.blank()
	}
	p.styled(bold, 0, findingCounts(counts))
	_, err := w.Write(p.text.Bytes())
	return err
}

func findingCounts(n map[string]int) string {
	if len(n) == 0 {
		return "Nothing found."
	}
	return count(n["error"], "error") + ", " + count(n["warning"], "warning") + ", " + count(n["suggestion"], "suggestion") + "."
}
