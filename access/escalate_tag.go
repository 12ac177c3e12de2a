package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// guardTags finds the nodes that a principal can tag into its reach.
func (x *explorer) guardTags(s *subject) []Escalation {
	writable := newBits(len(x.account.Nodes))
	for _, action := range tagActions {
		if s.speaksOf(action) {
			writable.or(x.acts(s, action))
		}
	}
	if writable.empty() {
		return nil
	}
	var found []Escalation
	for _, action := range []string{"ssm:StartSession", send} {
		out := minus(writable, x.acts(s, action))
		if out.empty() || !s.speaksOf(action) {
			continue
		}
		var with []slot
		if action == send {
			with = append(with, shared(aDocument, s.anyTarget(action, aDocument)))
		}
		guards := s.guards(action)
		for _, tag := range sortedKeys(guards) {
			nodes := x.unlike(s, action, tag, out)
			if e, ok := x.tagged(s, action, tag, guards[tag], nodes, with); ok {
				found = append(found, e)
			}
		}
	}
	return found
}

// unlike returns one of each kind of nodes that the policies of a principal
// tell apart for an action, whatever a tag is, and for writing the tag.
func (x *explorer) unlike(s *subject, action, tag string, nodes bits) []int {
	index := x.matrix.engine.nodes[0]
	var sets []bits
	for _, of := range append([]string{action}, tagActions...) {
		about := s.about(of)
		for _, e := range about.entries {
			sets = append(sets, index.resources(e.statement, about.party.lookup))
			for _, t := range e.onThing {
				if _, key, _ := strings.Cut(t.key, "/"); of == action && strings.EqualFold(key, tag) {
					continue
				}
				if !slices.ContainsFunc(t.needs, ofCall) {
					sets = append(sets, index.holds(t, service(of), about.party.lookup))
				}
			}
		}
	}
	var unlike []int
	seen := map[string]bool{}
	for i := range nodes.each() {
		n := x.account.Nodes[i]
		kind := make([]byte, 0, len(sets)/8+3)
		for j, set := range sets {
			if j%8 == 0 {
				kind = append(kind, 0)
			}
			if set.has(i) {
				kind[len(kind)-1] |= 1 << (j % 8)
			}
		}
		_, has := n.Tags[tag]
		key := fmt.Sprint(string(kind), strings.Contains(n.ARN, ":instance/"), has)
		if !seen[key] {
			seen[key] = true
			unlike = append(unlike, i)
		}
	}
	return unlike
}

// guards returns the tags of nodes that statements about an action ask for,
// with the values they ask for, one they do not, and "" for none.
func (s *subject) guards(action string) map[string][]string {
	guards := map[string][]string{}
	about := s.about(action)
	for _, e := range about.entries {
		for _, t := range e.onThing {
			if prefix, tag, _ := strings.Cut(t.key, "/"); strings.HasSuffix(strings.ToLower(prefix), ":resourcetag") {
				guards[tag] = append(guards[tag], "other", "")
			}
		}
		for _, tags := range tagsFor(e, about.party) {
			for tag, value := range tags {
				guards[tag] = append(guards[tag], readable(value, nil))
			}
		}
	}
	for tag, values := range guards {
		values = set(values)
		// What is asked for is the likeliest.
		rank := func(v string) int { return slices.Index([]string{"other", ""}, v) }
		slices.SortStableFunc(values, func(a, b string) int { return rank(a) - rank(b) })
		guards[tag] = values
	}
	return guards
}

// tagged finds a node that is in reach with one of the values of a tag, or
// without the tag, and that the principal may tag.
func (x *explorer) tagged(s *subject, action, tag string, values []string, nodes []int, with []slot) (Escalation, bool) {
	for _, value := range values {
		for _, i := range nodes {
			n := x.account.Nodes[i]
			write := tagWrite(n, value)
			if have, ok := n.Tags[tag]; ok && have == value || !ok && value == "" || !s.speaksOf(write) {
				continue
			}
			after := nodeTarget(n)
			after.Tags = retagged(n.Tags, tag, value)
			a := s.decide(action, append([]slot{one(after)}, with...), nil)
			if a.verdict == No {
				continue
			}
			given := policy.Context{"aws:TagKeys": policy.Many(tag)}
			if value != "" {
				given["aws:RequestTag/"+tag] = policy.One(value)
			}
			if _, ok := s.passes(write, given, one(nodeTarget(n))); !ok {
				continue
			}
			if _, can := x.runsOn(s, []int{i}); can {
				continue // it can do as much on the node already
			}
			gains := x.account.Requests(s.principal, action, []Target{after}, a.best.keys)[0]
			set := write + " of " + tag
			if value != "" {
				set += "=" + value
			}
			text := fmt.Sprintf("%s can bring %s into its reach by %s", s.principal.ID, after.Name, set)
			return finding(escalateGuardTag, s, weight{severity: High, gains: &gains}, text, set+" on "+after.Name, action+" on "+after.Name), true
		}
	}
	return Escalation{}, false
}

// retagged returns tags with one of them set, or without it if its value is "".
func retagged(tags map[string]string, tag, value string) map[string]string {
	after := map[string]string{}
	for key, have := range tags {
		if !strings.EqualFold(key, tag) {
			after[key] = have
		}
	}
	if value != "" {
		after[tag] = value
	}
	return after
}

// tagWrite returns the action that sets or removes a tag of a node.
func tagWrite(n Node, value string) string {
	ec2 := strings.Contains(n.ARN, ":instance/")
	switch {
	case ec2 && value == "":
		return "ec2:DeleteTags"
	case ec2:
		return "ec2:CreateTags"
	case value == "":
		return "ssm:RemoveTagsFromResource"
	}
	return "ssm:AddTagsToResource"
}
