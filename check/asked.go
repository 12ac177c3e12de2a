package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// CallsOf returns all that a plan asks of IAM, each request once: to do it, to
// undo it, and to read the account. Calls is as in Input.
func CallsOf(p *planner.Plan, calls func(resource.Change) []policy.Request) []policy.Request {
	return askedOf(p, calls).calls
}

// An asked is what a plan asks of IAM.
type asked struct {
	calls    []policy.Request // each once: those that undo, those that do, those of every plan
	do, undo [][]int          // by step: the calls, as indexes; none undo what cannot be undone
	always   []int            // the calls of every plan
}

func askedOf(p *planner.Plan, calls func(resource.Change) []policy.Request) *asked {
	a := &asked{do: make([][]int, len(p.Steps)), undo: make([][]int, len(p.Steps))}
	known := map[string]int{}
	add := func(c resource.Change) []int {
		requests := calls(c)
		all := make([]int, len(requests))
		for i, q := range requests {
			key := content(q)
			n, ok := known[key]
			if !ok {
				n = len(a.calls)
				known[key], a.calls = n, append(a.calls, q)
			}
			all[i] = n
		}
		return all
	}
	for i, s := range p.Steps {
		if !s.Loss.Final {
			a.undo[i] = add(s.Inverse())
		}
	}
	for i, s := range p.Steps {
		a.do[i] = add(s.Change)
	}
	a.always = add(resource.Change{})
	return a
}

// undoing returns the requests that undo the plan.
func (a *asked) undoing() []policy.Request {
	undoes := make([]bool, len(a.calls))
	for _, calls := range a.undo {
		for _, n := range calls {
			undoes[n] = true
		}
	}
	var all []policy.Request
	for n, q := range a.calls {
		if undoes[n] {
			all = append(all, q)
		}
	}
	return all
}

// content is the same for two requests that ask the same, whoever asks.
func content(q policy.Request) string {
	var b strings.Builder
	b.WriteString(q.Action + "\x00" + q.Resource)
	for _, k := range slices.Sorted(maps.Keys(q.Context)) {
		v := q.Context[k]
		b.WriteString("\x00" + k)
		if v.IsMany() {
			b.WriteByte('\x02')
		}
		for _, one := range v.List() {
			b.WriteString("\x01" + one)
		}
	}
	return b.String()
}
