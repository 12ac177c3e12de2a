package access

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Passage is the way of an account from what it is before a plan to what it
// is after it. It judges the states between, in which some of the plan's steps
// are done and others are not: whether anybody has a right there that they have
// neither before nor after, or lacks one that they have both before and after.
//
// Rights are requests that policies allow, of any action, on any resource, with
// any context, as policy.Beyond has it: what a state is cleared of is proven.
// Where that cannot be done, because of a policy whose text is not known or a
// question too hard for its budget, it is a breach.
//
//   - What a user or role may do follows from its policies, those of its
//     groups and its boundary. What a right needs besides, such as other legs
//     of a call, is not asked.
//   - Keys that a principal settles, such as aws:username and
//     aws:PrincipalTag/team, have its values, which a step may change. A
//     session of a role may have other tags, if the role lets sessions be
//     tagged. All other keys vary freely, so what turns on two keys that always
//     hold the same, as ssm:resourceTag and aws:ResourceTag do, may be found
//     though no request can show it.
//   - Where a step retags, launches or terminates a node, what a principal may
//     do with it by conditions on its tags is judged apart.
//   - Who may assume a role follows from its trust policy and from theirs. What
//     the role may do, they may do: a right must not come to them by one of
//     both being early, nor be lacking by one being late. One role at a time is
//     looked at, and the principal itself; not roles that are assumed from
//     roles, and not rights that one role gives before and another after, which
//     may be lacking between. Where somebody may assume a role only in certain
//     circumstances, in others than in the state judged, the role's rights do
//     not count as theirs at that end. Those outside of the account, such as
//     services, have no rights but by roles.
//
// What an instance profile carries says as whom a node acts, which is nobody's
// right, so the steps that change only that have no bearing. Neither do those
// of objects that the account's access does not know, such as a group without
// members. A Passage is safe for concurrent use, and remembers its answers.
type Passage struct {
	place   policy.Place
	step    map[resource.ID]int
	texts   *texts
	members []*member
	byID    map[resource.ID]*member
	judged  []judged

	mu      sync.RWMutex
	answers map[string]proof
	trusted map[trustKey]trusts
}

// A Party is a principal, or several, whose access depends on several steps.
type Party struct {
	Principals []resource.ID // at least one, sorted; those that fare alike but for their names
	Steps      []int         // at least two, ascending
}

// A Breach is a right in a state between that somebody has neither before nor
// after, or lacks though they have it both before and after.
type Breach struct {
	Principal resource.ID
	Effect    string // Gain: had on the way only; Loss: lacked on the way only
	Text      string // what, for people
}

// A judged is a party and what is judged of it.
type judged struct {
	Party
	members []*member
	alike   bool // nothing that is asked tells one member from another
	judge   func(m *member, at state) []Breach
}

// NewPassage returns the passage from one snapshot of an account to another.
// Steps are the objects that the steps of the plan change, each by its index:
// a step that is done puts what comes from its object as after has it, in the
// place of what before has. Of objects that several steps change, as those that
// only mark what a plan may touch, no access comes: they are ignored, and so
// are steps whose IDs neither account knows. An object that differs between the
// accounts without a step stays as it is before.
func NewPassage(before, after *Account, steps []resource.ID) *Passage {
	p := &Passage{
		place: before.Place, step: map[resource.ID]int{}, texts: newTexts(),
		byID: map[resource.ID]*member{}, answers: map[string]proof{}, trusted: map[trustKey]trusts{},
	}
	for i, id := range steps {
		if _, again := p.step[id]; again {
			p.step[id] = noStep
			continue
		}
		p.step[id] = i
	}
	p.populate(before, after)
	classes := p.classes()
	for _, class := range classes {
		p.addRights(class)
	}
	p.addNodes(classes, before, after)
	p.addRoles(classes)
	return p
}

// stepOf returns the one step that changes an object.
func (p *Passage) stepOf(id resource.ID) int {
	if i, ok := p.step[id]; ok {
		return i
	}
	return noStep
}

// Parties returns those whose access depends on more than one step, each with
// the steps that it depends on: what other steps do has no bearing on a party.
// Those who only gain, or only lose, are left out, since no order harms them. A
// principal can be of several parties, which are about different rights of
// its. The caller must not change them.
func (p *Passage) Parties() []Party {
	parties := make([]Party, len(p.judged))
	for i, j := range p.judged {
		parties[i] = j.Party
	}
	return parties
}

// Judge returns what is wrong with the access of a party, by its index in
// Parties, when exactly those of its steps are done: nothing if its access lies
// between before and after. Done is parallel to the party's Steps. The same
// question has the same answer, by principal, gains first.
func (p *Passage) Judge(party int, done []bool) []Breach {
	j := &p.judged[party]
	if !slices.Contains(done, true) || !slices.Contains(done, false) {
		return nil
	}
	at := state(func(step int) int {
		if i, ok := slices.BinarySearch(j.Steps, step); ok && done[i] {
			return afterSide
		}
		return beforeSide
	})
	var breaches []Breach
	for i, m := range j.members {
		if i == 0 || !j.alike {
			breaches = append(breaches, j.judge(m, at)...)
		}
	}
	if j.alike {
		first := breaches
		for _, m := range j.members[1:] {
			for _, b := range first {
				b.Principal = m.id
				breaches = append(breaches, b)
			}
		}
	}
	slices.SortStableFunc(breaches, func(a, b Breach) int {
		return cmp.Or(a.Principal.Compare(b.Principal), strings.Compare(a.Effect, b.Effect), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(breaches)
}

// add adds what is judged of a party, if it takes more than one step. Trusts are
// the texts that are asked besides the members' policies.
func (p *Passage) add(who []*member, steps stepSet, judge func(*member, state) []Breach, trusts ...int) {
	if len(steps) < 2 {
		return
	}
	j := judged{Party: Party{Steps: steps.sorted()}, members: who, judge: judge}
	j.alike = !who[0].asks(p, ofPrincipal) && !slices.ContainsFunc(trusts, func(n int) bool {
		return n != none && slices.ContainsFunc(p.texts.at(n).keys, ofPrincipal)
	})
	for _, m := range who {
		j.Principals = append(j.Principals, m.id)
	}
	p.judged = append(p.judged, j)
}

// addRights adds what a class may do by itself.
func (p *Passage) addRights(class []*member) {
	if slices.ContainsFunc(class, func(m *member) bool { return !m.oneWay(p) }) {
		p.add(class, p.bearing(class[0]), p.judgeRights)
	}
}

// bearing returns the steps that bear on what a member may do.
func (p *Passage) bearing(m *member) stepSet {
	steps := m.steps(whole, false)
	if retold := m.retold(); len(retold) > 0 && m.asks(p, func(key string) bool { return retold[key] }) {
		steps.add(m.exists.step, true)
	}
	return steps
}

// judgeRights compares what a principal may do with what it may at the ends:
// first what anybody may by these policies, which is the same for many, and if
// that is not cleared, what this one may.
func (p *Passage) judgeRights(m *member, at state) []Breach {
	r := on(at, func(at state) rights { return m.rights(at, whole) })
	retold := m.retold()
	if !m.asks(p, func(key string) bool { return retold[key] }) && len(p.between(m.id, r, "")) == 0 {
		return nil
	}
	var breaches []Breach
	for _, t := range m.tellings(p) {
		breaches = append(breaches, p.between(m.id, p.told(m, at, t), "")...)
	}
	return breaches
}

// on returns what there is before, in the state, and after.
func on(at state, of func(state) rights) [3]rights {
	return [3]rights{of(ends[0]), of(at), of(ends[1])}
}

// told returns what a member may do, given what is known of it.
func (p *Passage) told(m *member, at state, t telling) [3]rights {
	return on(at, func(at state) rights { return m.rights(at, whole).with(p.texts, m.facts(at, t)) })
}

// between returns what is wrong with the rights in the middle, of which more
// says how they come about.
func (p *Passage) between(who resource.ID, r [3]rights, more string, pins ...rights) []Breach {
	before, now, after := r[0], r[1], r[2]
	return slices.Concat(
		breach(who, Gain, p.beyond(slices.Concat(pins, []rights{now}), []rights{before, after}), more),
		breach(who, Loss, p.beyond(slices.Concat(pins, []rights{before, after}), []rights{now}), more),
	)
}

// breach returns the breach that an answer means, if any.
func breach(who resource.ID, effect string, a proof, more string) []Breach {
	if a.none() {
		return nil
	}
	b := Breach{Principal: who, Effect: effect, Text: a.what + more}
	if a.verdict == policy.Undecided {
		b.Text = "perhaps something" + more + ": " + a.what
	}
	return []Breach{b}
}
