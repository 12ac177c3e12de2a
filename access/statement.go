package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A statement is one of a policy, taken apart by what each part depends on.
// Nobody changes it once it is made.
type statement struct {
	id          int // of the same statement of the same document
	number      int // in its document
	source      policy.Statement
	version     string // of its document
	deny        bool
	covers      bits     // which of the actions it speaks of
	onThing     []test   // conditions that depend on the thing acted on
	onCall      []test   // conditions that do not
	thingNeeds  []string // the other keys that onThing and the variables of the resources depend on
	circumspect []string // the keys of all of it that only the circumstances of a call tell
}

// A test is one key of one operator of a condition.
type test struct {
	operator, key string
	values        []string
	version       string
	parsed        policy.ParsedCondition
	id            string // the same for tests that are the same
	needs         []string
}

// takeApart returns the statements of a document for a list of actions.
// Numbers from id on are theirs.
func takeApart(d policy.Document, actions []string, id int) []*statement {
	all := make([]*statement, len(d.Statements))
	for i, source := range d.Statements {
		s := &statement{
			id: id + i, number: i, source: source, version: d.Version,
			deny: source.Effect == "Deny", covers: newBits(len(actions)),
		}
		for j, action := range actions {
			if source.Covers(action) {
				s.covers.add(j)
			}
		}
		var needs []string
		for _, r := range slices.Concat(source.Resource, source.NotResource) {
			needs = append(needs, variables(r, d.Version)...)
		}
		for _, operator := range slices.Sorted(maps.Keys(source.Condition)) {
			keys := source.Condition[operator]
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				t := test{operator: operator, key: key, values: keys[key], version: d.Version}
				t.parsed = policy.ParseCondition(t.operator, t.key, t.values, t.version)
				t.id = strings.Join(append([]string{operator, strings.ToLower(key), d.Version}, t.values...), "\x00")
				t.needs = []string{strings.ToLower(key)}
				for _, v := range t.values {
					t.needs = append(t.needs, variables(v, d.Version)...)
				}
				t.needs = set(t.needs)
				if slices.ContainsFunc(t.needs, ofThing) {
					s.onThing = append(s.onThing, t)
					needs = append(needs, t.needs...)
				} else {
					s.onCall = append(s.onCall, t)
				}
			}
		}
		s.thingNeeds = slices.DeleteFunc(set(needs), ofThing)
		s.circumspect = slices.Clone(s.thingNeeds)
		for _, t := range s.onCall {
			s.circumspect = append(s.circumspect, t.needs...)
		}
		s.circumspect = slices.DeleteFunc(set(s.circumspect), func(key string) bool { return !ofCall(key) })
		all[i] = s
	}
	return all
}

// set returns the list sorted, each once.
func set(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// variables returns the keys, in lower case, of the variables in a text of a
// policy. Defaults and escapes are not told from keys that are absent.
func variables(text, version string) []string {
	if version != policy.Version2012 {
		return nil
	}
	var keys []string
	for {
		_, rest, found := strings.Cut(text, "${")
		inner, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return keys
		}
		key, _, _ := strings.Cut(inner, ",")
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "*", "?", "$":
		default:
			keys = append(keys, key)
		}
		text = after
	}
}

// ofThing reports whether the key, in lower case, is settled by the thing that
// a call acts on.
func ofThing(key string) bool {
	return key == "aws:requestedregion" || strings.Contains(key, ":resourcetag/")
}

// ofPrincipal reports whether the key is settled by who makes a call. Whatever
// else they are: all calls go over TLS, and nobody here is a service of AWS.
func ofPrincipal(key string) bool {
	switch key {
	case "aws:username", "aws:userid", "aws:principalarn", "aws:principalaccount", "aws:principaltype",
		"aws:resourceaccount", "aws:securetransport", "aws:principalisawsservice", "ssm:sessiondocumentaccesscheck":
		return true
	}
	return strings.HasPrefix(key, "aws:principaltag/")
}

// ofCall reports whether the key depends on the circumstances of a call: how
// the principal signed in, from where, when, and with which parameters.
func ofCall(key string) bool { return !ofThing(key) && !ofPrincipal(key) }
