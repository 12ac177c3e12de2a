package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/language"
)

// A prover searches for a request that some policies all allow, and that each
// of others refuses.
//
// A statement is a box: a conjunction of atoms over dimensions that vary
// freely. The request has to be in a box of every layer of the policies that
// must allow it and in no box that denies there; and, of each of those that
// must refuse it, in no box of some layer, or in one that denies. For each group of actions that all statements treat
// alike the prover chooses boxes to be in, and for each box to be out of an
// atom to break, and gives a choice up as soon as what it demands of one
// dimension cannot be. It is the method by which solvers decide such questions
// (Nieuwenhuis, Oliveras and Tinelli, "Solving SAT and SAT Modulo Theories",
// 2006), without their learning: policies are small.
type prover struct {
	allowing, refusing []Policies
	mine               side   // all that must allow, as one
	theirs             []side // each that must refuse
	callers            []*box // what the keys of each kind of caller are like
	sought             string // what such a request is, for people

	topics         []topic
	topicIndex     map[string]int
	questions      []question
	questionIndex  map[string]int
	atoms          []atom
	atomIndex      map[atom]int
	dimensions     []dimension
	dimensionIndex map[string]int

	documentedOnly bool // leave out what AWS does not document of services that it does

	steps       int    // that are left
	unconfirmed string // why a choice that could not be given up did not lead to a request
	found       map[string]finding

	// The choices so far.
	action   string
	assigned []int8 // by atom: 1 holds, -1 does not, 0 not chosen
	slots    []slot // by dimension
	trail    []undo
	witness  *Request
	account  string // of the request that is being made
	name     string // of who makes it
}

// A side is policies that allow or refuse together: all layers must allow.
type side struct {
	layers [][]*box // what each layer allows
	denies []*box
}

func newProver(allowing, refusing []Policies, budget Budget) *prover {
	p := &prover{
		allowing: allowing, refusing: refusing,
		topicIndex: map[string]int{}, questions: []question{{}}, questionIndex: map[string]int{},
		atoms: make([]atom, 2), atomIndex: map[atom]int{},
		dimensions: []dimension{{absent: true, one: true}}, dimensionIndex: map[string]int{},
		steps: budget.Nodes, found: map[string]finding{},
		account: exampleAccounts[0], name: exampleNames[0],
	}
	if p.steps == 0 {
		p.steps = DefaultNodes
	}
	for _, policies := range allowing {
		s := p.side(policies)
		p.mine.layers = append(p.mine.layers, s.layers...)
		p.mine.denies = append(p.mine.denies, s.denies...)
	}
	for _, policies := range refusing {
		p.theirs = append(p.theirs, p.side(policies))
	}
	p.callers = p.callerBoxes()
	return p
}

// side compiles policies, layer by layer.
func (p *prover) side(policies Policies) (s side) {
	layer := func(documents []Document) {
		var allows []*box
		for _, d := range documents {
			for _, statement := range d.Statements {
				b, ok := p.box(statement, d.Version)
				switch {
				case !ok:
				case statement.Effect == "Deny":
					s.denies = append(s.denies, b)
				case statement.Effect == "Allow":
					allows = append(allows, b)
				}
			}
		}
		s.layers = append(s.layers, allows)
	}
	layer(policies.Identity)
	if len(policies.Boundary) > 0 {
		layer(policies.Boundary)
	}
	for _, level := range policies.SCPs {
		layer(level)
	}
	if len(policies.Session) > 0 {
		layer(policies.Session)
	}
	return s
}

// prove answers.
func (p *prover) prove() Inclusion {
	if text := p.reserved(); text != "" {
		return Inclusion{Reason: fmt.Sprintf("%q holds a character that IAM takes in no policy; remove it", text)}
	}
	if len(p.dimensions) > language.MaxUnknown {
		return Inclusion{Reason: fmt.Sprintf("the policies test more than %d condition keys; compare fewer statements at a time", language.MaxUnknown)}
	}
	for _, c := range p.classes() {
		if p.class(c) {
			return Inclusion{Verdict: Widened, Witness: p.witness}
		}
		if p.steps < 0 {
			return Inclusion{Reason: "the search came to the end of its budget; allow more nodes, or compare fewer statements at a time"}
		}
	}
	if p.unconfirmed != "" {
		return Inclusion{Reason: p.unconfirmed}
	}
	return Inclusion{Verdict: Included}
}

// class looks for a request for one group of actions.
func (p *prover) class(c class) bool {
	p.action = c.action
	mine := c.of(p.mine)
	theirs := make([]side, len(p.theirs))
	for i, s := range p.theirs {
		theirs[i] = c.of(s)
	}
	p.assigned = make([]int8, len(p.atoms))
	p.slots = make([]slot, len(p.dimensions))
	for i, d := range p.dimensions {
		p.slots[i] = slot{absent: d.absent, one: d.one, many: d.many, last: -1}
	}
	if slices.ContainsFunc(mine.denies, func(b *box) bool { return len(b.atoms) == 0 }) || slices.ContainsFunc(mine.layers, func(layer []*box) bool { return len(layer) == 0 }) {
		return false
	}
	for _, caller := range p.callers {
		if p.within(caller, func() bool { return p.presence(mine, theirs, 1) }) {
			return true
		}
	}
	return false
}

// reserved returns a text of the policies with characters that the search uses
// for itself, "" if there is none.
func (p *prover) reserved() string {
	for _, t := range p.questions {
		for _, text := range t.written {
			if strings.ContainsFunc(text, func(r rune) bool { return r >= markers }) {
				return text
			}
		}
	}
	return ""
}
