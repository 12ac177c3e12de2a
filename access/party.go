package access

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A party is one principal of one snapshot, with its policies taken apart.
type party struct {
	Principal
	effective Effective
	entries   []entry
	bounded   bool
	books     [2][]int                // the numbers of the documents in the library, of each layer
	keys      map[string]policy.Value // what the principal settles, by key in lower case
	class     string                  // the same for principals that differ in nothing that their policies ask about
}

// An entry is one statement that bears on a party.
type entry struct {
	*statement
	layer policy.Layer // identity or boundary
	book  int          // number of its document in the library
}

// lookup returns the value of a key that the party settles.
func (p *party) lookup(key string) (policy.Value, bool) {
	value, ok := p.keys[strings.ToLower(key)]
	return value, ok
}

// settled returns what a principal settles of a request's context. The id that
// AWS made for it is not known; the name of the variable stands in for it, so
// that a policy that has the variable in two places says what it means.
func settled(p Principal) policy.Context {
	c := policy.Context{
		"aws:userid":                     policy.One("${aws:userid}"),
		"aws:SecureTransport":            policy.One("true"),
		"aws:PrincipalIsAWSService":      policy.One("false"),
		"ssm:SessionDocumentAccessCheck": policy.One("true"),
	}
	for _, key := range sortedKeys(p.Tags) {
		if name := "aws:PrincipalTag/" + strings.ToLower(key); c[name].List() == nil {
			c[name] = policy.One(p.Tags[key])
		}
	}
	r := policy.Request{Principal: p.ARN, Context: c}
	for _, key := range []string{"aws:username", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:ResourceAccount"} {
		if value, ok := r.Lookup(key); ok {
			c[key] = value
		}
	}
	return c
}

// A library holds documents taken apart, each once.
type library struct {
	actions []string
	next    int                       // number of the next statement
	byFirst map[*policy.Statement]int // documents that share their statements
	byText  map[string]int
	books   [][]*statement
}

func newLibrary(actions []string) *library {
	return &library{actions: actions, byFirst: map[*policy.Statement]int{}, byText: map[string]int{}}
}

// number returns which of the library's documents says exactly what d does.
func (l *library) number(d policy.Document) int {
	var first *policy.Statement
	if len(d.Statements) > 0 {
		first = &d.Statements[0]
		if n, ok := l.byFirst[first]; ok && len(l.books[n]) == len(d.Statements) && l.books[n][0].version == d.Version {
			return n
		}
	}
	text := d.Version + d.String()
	n, ok := l.byText[text]
	if !ok {
		n = len(l.books)
		l.books = append(l.books, takeApart(d, l.actions, l.next))
		l.next += len(d.Statements)
		l.byText[text] = n
	}
	if first != nil {
		l.byFirst[first] = n
	}
	return n
}

// party takes a principal's policies apart.
func (l *library) party(p Principal, e Effective) *party {
	q := &party{Principal: p, effective: e, bounded: len(e.Policies.Boundary) > 0}
	var class strings.Builder
	needs := map[string]bool{}
	add := func(layer policy.Layer, documents []policy.Document) {
		numbers := make([]int, len(documents))
		for i, d := range documents {
			numbers[i] = l.number(d)
			for _, s := range l.books[numbers[i]] {
				if slices.Contains(numbers[:i], numbers[i]) {
					break // held twice
				}
				q.entries = append(q.entries, entry{s, layer, numbers[i]})
				for _, t := range s.onCall {
					for _, key := range t.needs {
						needs[key] = true
					}
				}
				for _, key := range s.thingNeeds {
					needs[key] = true
				}
			}
		}
		q.books[layer] = slices.Clone(numbers)
		slices.Sort(numbers)
		for _, n := range slices.Compact(numbers) {
			class.WriteString(strconv.Itoa(n))
			class.WriteByte(' ')
		}
		class.WriteByte('|')
	}
	add(policy.LayerIdentity, e.Policies.Identity)
	if q.bounded {
		class.WriteByte('b')
	}
	add(policy.LayerBoundary, e.Policies.Boundary)
	maps.DeleteFunc(needs, func(key string, _ bool) bool { return !ofPrincipal(key) })
	q.keys = map[string]policy.Value{}
	for key, value := range settled(p) {
		q.keys[strings.ToLower(key)] = value
	}
	writeValues(&class, sortedKeys(needs), q.lookup)
	for _, u := range e.Unread {
		class.WriteString("\x00" + u.ARN + u.Name)
	}
	q.class = class.String()
	return q
}

// applies reports whether the conditions of an entry that do not depend on the
// thing acted on hold in a world, for an action.
func (p *party) applies(e entry, w world, action string) bool {
	if w.bound != exact && len(e.circumspect) > 0 {
		return (w.bound == wide) != e.deny && p.holds(e, func(t test) bool { return slices.ContainsFunc(t.needs, ofCall) }, w, action)
	}
	return p.holds(e, func(test) bool { return false }, w, action)
}

// holds reports whether the conditions of an entry hold but for those to skip.
func (p *party) holds(e entry, skip func(test) bool, w world, action string) bool {
	lookup := p.in(w, action)
	for _, t := range e.onCall {
		if !skip(t) && !t.holds(lookup) {
			return false
		}
	}
	return true
}

// in returns the lookup of what the party and a world settle, for an action.
func (p *party) in(w world, action string) func(string) (policy.Value, bool) {
	return func(key string) (policy.Value, bool) {
		key = strings.ToLower(key)
		if key == "ssm:sessiondocumentaccesscheck" && !strings.EqualFold(action, "ssm:StartSession") {
			return policy.Value{}, false
		}
		if value, ok := p.keys[key]; ok {
			return value, true
		}
		return w.lookup(key)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// about returns the party with only those statements that speak of any of the
// actions.
func (p *party) about(actions bits) *party {
	q := *p
	q.entries = nil
	for _, e := range p.entries {
		if e.covers.meets(actions) {
			q.entries = append(q.entries, e)
		}
	}
	return &q
}
