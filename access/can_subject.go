package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
	"github.com/ssmctl/ssmctl/resource"
)

// A subject is a principal and all that bears on it, to be asked about.
type subject struct {
	account   *Account
	principal Principal
	effective Effective
	asked     map[string]*asking // by action
}

// An asking is what bears on a subject for one action.
type asking struct {
	party   *party
	entries []entry // those that speak of the action
	view    view
}

// people are the users and roles of an account.
type people struct {
	holdings *Holdings
	list     []*subject // sorted by ID
	byID     map[resource.ID]*subject
	become   map[resource.ID][]Assumer // who can become a role at once, once it was asked
}

func newPeople(a *Account) *people {
	all := &people{holdings: a.Holdings(), byID: map[resource.ID]*subject{}, become: map[resource.ID][]Assumer{}}
	for _, p := range a.Principals {
		s := &subject{account: a, principal: p, effective: all.holdings.effective(p.ID), asked: map[string]*asking{}}
		all.list = append(all.list, s)
		all.byID[p.ID] = s
	}
	slices.SortStableFunc(all.list, func(x, y *subject) int { return x.principal.ID.Compare(y.principal.ID) })
	return all
}

// about returns what bears on the subject for an action.
func (s *subject) about(action string) *asking {
	if a, ok := s.asked[action]; ok {
		return a
	}
	a := &asking{party: newLibrary([]string{action}).party(s.principal, s.effective)}
	var covering []*statement
	for _, e := range a.party.entries {
		if e.covers.has(0) {
			a.entries = append(a.entries, e)
			covering = append(covering, e.statement)
		}
	}
	if r := s.effective.Policies.Resource; r != nil {
		for _, st := range takeApart(*r, []string{action}, 0) {
			if st.covers.has(0) {
				covering = append(covering, st)
			}
		}
	}
	a.view = look(covering, a.party.lookup)
	s.asked[action] = a
	return a
}

// facing returns the subject before the policy of a resource.
func (s *subject) facing(resource policy.Document) *subject {
	f := *s
	f.effective.Policies.Resource = &resource
	f.asked = map[string]*asking{}
	return &f
}

// speaksOf reports whether any of the principal's own policies allows the
// action on anything, whatever else forbids it.
func (s *subject) speaksOf(action string) bool {
	for _, d := range s.effective.Policies.Identity {
		for _, st := range d.Statements {
			if st.Effect == "Allow" && st.Covers(action) {
				return true
			}
		}
	}
	return false
}

// anyTarget returns what could fill a leg of a call of the action: all that
// the account has of its types, and samples of everything else that the
// principal's policies tell apart, with the tags they ask for.
func (s *subject) anyTarget(action string, l Leg) []Target {
	if l.Type == NoLeg {
		return []Target{{Leg: NoLeg, ARN: "*"}}
	}
	var targets []Target
	known := map[string]bool{}
	for _, kind := range l.Types {
		for _, t := range s.account.inventory(kind) {
			known[t.ARN] = true
			targets = append(targets, t)
		}
	}
	var variants []map[string]string
	for _, e := range s.about(action).entries {
		variants = append(variants, tagsFor(e, s.about(action).party)...)
	}
	variants = combine(variants)
	for _, kind := range l.Types {
		for _, t := range s.samples(action, kind, s.account.Place) {
			if known[t.ARN] {
				continue
			}
			for _, tags := range variants {
				t.Leg, t.Tags = l.Type, tags
				targets = append(targets, t)
			}
		}
		if arn := s.account.documentARN(runShellScript); kind == "document" && !known[arn] {
			targets = append(targets, Target{Leg: l.Type, Name: runShellScript, ARN: arn, Known: true})
		}
	}
	return targets
}

// samples returns samples of the resources of a type that the principal's
// policies tell apart for an action, by their ARNs at a place.
func (s *subject) samples(action, kind string, at policy.Place) []Target {
	r, _ := catalogue.Type(service(action), kind)
	forms := apply(r.ARNs, func(format string) string { return globOf(format, at) })
	var patterns []string
	about := s.about(action)
	for _, e := range about.entries {
		for _, p := range slices.Concat(e.source.Resource, e.source.NotResource) {
			p, ok := fill(p, e.version, about.party.lookup)
			if ok && !slices.Contains(patterns, p) && slices.ContainsFunc(forms, func(form string) bool { return alike(form, p) }) {
				patterns = append(patterns, p)
			}
		}
	}
	return apply(samples(forms, patterns, at), func(one sample) Target {
		return Target{Leg: kind, ARN: readable(one.arn, patterns)}
	})
}

// alike reports whether two patterns of ARNs could match the same, by what their
// last fields begin with.
func alike(a, b string) bool {
	begin := func(p string) string {
		last := fields(p)[5]
		if i := strings.IndexAny(last, "*?"); i >= 0 {
			last = last[:i]
		}
		return last
	}
	x, y := begin(a), begin(b)
	return strings.HasPrefix(x, y) || strings.HasPrefix(y, x)
}

// runShellScript is the document of AWS's that runs anything.
const runShellScript = "AWS-RunShellScript"

// readable returns a sample with words in place of what it leaves open, if the
// same patterns match it then.
func readable(arn string, patterns []string) string {
	var b strings.Builder
	open := false
	for _, r := range arn {
		if r != fresh {
			b.WriteRune(r)
		} else if !open {
			b.WriteString("example")
		}
		open = r == fresh
	}
	worded := b.String()
	for _, p := range patterns {
		if policy.MatchARN(p, arn) != policy.MatchARN(p, worded) {
			return arn
		}
	}
	return worded
}
