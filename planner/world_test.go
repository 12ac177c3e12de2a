package planner_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// The size of a world.
const (
	users    = 3
	groups   = 3
	policies = 4
	rights   = 6
)

// A document allows some rights and denies others: a bit each.
type document struct{ allows, denies uint8 }

// A world is who is in which group, and which policies are attached where: a
// bit for each group or policy. A group that is not there gives nothing.
type world struct {
	group   uint8
	member  [users]uint8
	ofUser  [users]uint8
	ofGroup [groups]uint8
	text    [policies]document
}

// rights returns what a user may do: what some policy allows and none denies.
func (w *world) rights(user int) uint8 {
	held := w.ofUser[user]
	for g, attached := range w.ofGroup {
		if w.group&w.member[user]>>g&1 == 1 {
			held |= attached
		}
	}
	var all document
	for p, text := range w.text {
		if held>>p&1 == 1 {
			all.allows |= text.allows
			all.denies |= text.denies
		}
	}
	return all.allows &^ all.denies
}

// draw returns each of n bits with one of so many chances.
func draw(r *rand.Rand, n, chances int) uint8 {
	var bits uint8
	for i := range n {
		if r.IntN(chances) == 0 {
			bits |= 1 << i
		}
	}
	return bits
}

// drawWorld draws a world in which a policy is a deny with that likelihood.
func drawWorld(r *rand.Rand, deny float64) world {
	w := world{group: ^draw(r, groups, 8)}
	for p := range policies {
		if rights := draw(r, rights, 2); r.Float64() < deny {
			w.text[p].denies = rights
		} else {
			w.text[p].allows = rights
		}
	}
	for u := range users {
		w.member[u] = draw(r, groups, 4) & w.group
		w.ofUser[u] = draw(r, policies, 8)
	}
	for g := range groups {
		if w.group>>g&1 == 1 {
			w.ofGroup[g] = draw(r, policies, 4)
		}
	}
	return w
}

// editText adds a right to a policy, or takes one from it.
func (w *world) editText(r *rand.Rand) {
	d := &w.text[r.IntN(policies)]
	if d.denies != 0 {
		d.denies ^= 1 << r.IntN(rights)
	} else {
		d.allows ^= 1 << r.IntN(rights)
	}
}

// drawEdits returns a world that differs from w in a few places.
func drawEdits(r *rand.Rand, w world) world {
	for range 2 + r.IntN(4) {
		u, g, p := r.IntN(users), r.IntN(groups), r.IntN(policies)
		switch r.IntN(4) {
		case 0:
			w.member[u] ^= w.group & (1 << g)
		case 1:
			w.ofGroup[g] ^= w.group >> g & 1 << p
		case 2:
			w.ofUser[u] ^= 1 << p
		case 3:
			w.editText(r)
		}
	}
	return w
}

// drawRewrite returns a world that has the policies of w, but for a right of
// one at times, and in which all else is as it comes.
func drawRewrite(r *rand.Rand, w world, deny float64) world {
	after := drawWorld(r, deny)
	after.text = w.text
	if r.IntN(2) == 0 {
		after.editText(r)
	}
	return after
}

// An edit is one difference between two worlds.
type edit struct {
	what    string // "group", "member", "group policy", "user policy" or "text"
	u, g, p int
}

func (e edit) String() string { return e.what + " " + digits[e.u] + digits[e.g] + digits[e.p] }

var (
	digits  = []string{"0", "1", "2", "3"}
	allBits = func() (all [1 << rights]string) {
		for i := range all {
			all[i] = fmt.Sprintf("%06b", i)
		}
		return all
	}()
)

// of returns the bits of w that an edit is about, and which of them it is. A
// text has none.
func (e edit) of(w *world) (bits *uint8, i int) {
	switch e.what {
	case "group":
		return &w.group, e.g
	case "member":
		return &w.member[e.u], e.g
	case "group policy":
		return &w.ofGroup[e.g], e.p
	case "user policy":
		return &w.ofUser[e.u], e.p
	}
	return nil, 0
}

// apply makes w in that one thing as another world is.
func (e edit) apply(w, as *world) {
	if e.what == "text" {
		w.text[e.p] = as.text[e.p]
		return
	}
	bits, i := e.of(w)
	other, _ := e.of(as)
	*bits = *bits&^(1<<i) | *other&(1<<i)
}

// differ reports whether there is anything to apply.
func (e edit) differ(a, b world) bool {
	was := a
	e.apply(&a, &b)
	return a != was
}

// A turn is a plan from one world to another.
type turn struct {
	before, after world
	edits         []edit // one a step
	plan          *planner.Plan
	parties       []planner.Party
	user          []int // by party
	low, high     [users]uint8
}

// newTurn returns the plan that leads from one world to another: groups that
// come first, those that go last, the rest anyhow.
func newTurn(before, after world) *turn {
	t := &turn{before: before, after: after, plan: &planner.Plan{}}
	var made, rest, gone []edit
	add := func(to *[]edit, e edit) {
		if e.differ(before, after) {
			*to = append(*to, e)
		}
	}
	for g := range groups {
		if after.group>>g&1 == 1 {
			add(&made, edit{what: "group", g: g})
		} else {
			add(&gone, edit{what: "group", g: g})
		}
		for p := range policies {
			add(&rest, edit{what: "group policy", g: g, p: p})
		}
		for u := range users {
			add(&rest, edit{what: "member", g: g, u: u})
		}
	}
	for p := range policies {
		add(&rest, edit{what: "text", p: p})
	}
	for u := range users {
		t.low[u], t.high[u] = before.rights(u)&after.rights(u), before.rights(u)|after.rights(u)
		for p := range policies {
			add(&rest, edit{what: "user policy", u: u, p: p})
		}
	}
	t.edits = slices.Concat(made, rest, gone)
	for i, e := range t.edits {
		s := planner.Step{Change: resource.Change{Before: thing{Name: e.String()}, After: thing{Name: e.String(), Value: "new"}}}
		for j, other := range t.edits[:i] {
			of := e.what != "text" && e.what != "user policy" && other.what != "text" && other.what != "user policy" && e.g == other.g
			if of && (other.what == "group" || e.what == "group") {
				s.Waits = append(s.Waits, j)
			}
		}
		t.plan.Steps = append(t.plan.Steps, s)
	}
	for u := range users {
		var steps []int
		for i, e := range t.edits {
			if t.concerns(u, e) {
				steps = append(steps, i)
			}
		}
		if len(steps) > 1 {
			t.parties = append(t.parties, planner.Party{Principals: []resource.ID{userID(u)}, Steps: steps})
			t.user = append(t.user, u)
		}
	}
	return t
}

// concerns reports whether an edit may have a bearing on a user at some time.
func (t *turn) concerns(u int, e edit) bool {
	in := t.before.member[u] | t.after.member[u]
	switch e.what {
	case "member", "user policy":
		return e.u == u
	case "text":
		held := t.before.ofUser[u] | t.after.ofUser[u]
		for g := range groups {
			if in>>g&1 == 1 {
				held |= t.before.ofGroup[g] | t.after.ofGroup[g]
			}
		}
		return held>>e.p&1 == 1
	}
	return in>>e.g&1 == 1
}

func userID(u int) resource.ID { return resource.ID{Kind: "user", Name: digits[u]} }

func (t *turn) Parties() []planner.Party { return t.parties }

func (t *turn) Judge(party int, done []bool) []planner.Breach {
	w := t.before
	for i, step := range t.parties[party].Steps {
		if done[i] {
			t.edits[step].apply(&w, &t.after)
		}
	}
	return t.breaches(nil, t.user[party], &w)
}

// breaches adds to all what is wrong with a user's rights.
func (t *turn) breaches(all []planner.Breach, user int, w *world) []planner.Breach {
	has := w.rights(user)
	if more := has &^ t.high[user]; more != 0 {
		all = append(all, planner.Breach{Principal: userID(user), Effect: planner.Gain, Text: allBits[more]})
	}
	if less := t.low[user] &^ has; less != 0 {
		all = append(all, planner.Breach{Principal: userID(user), Effect: planner.Loss, Text: allBits[less]})
	}
	return all
}
