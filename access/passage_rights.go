package access

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// Rights are what some policies allow together, by the numbers of their texts:
// each layer must allow, and a deny of any counts. The first layer is that of
// an identity's policies.
type rights struct{ layers [][]int }

// noRights are those of who does not exist.
var noRights = rights{[][]int{nil}}

// newRights returns the rights by layers, each text once and in order.
func newRights(layers ...[]int) rights {
	for i, layer := range layers {
		layer = slices.DeleteFunc(slices.Clone(layer), func(n int) bool { return n == none })
		layers[i] = sortedOnce(layer)
	}
	return rights{layers}
}

// key is the same for rights that say the same.
func (r rights) key() string {
	var b strings.Builder
	for _, layer := range r.layers {
		b.WriteByte('|')
		for _, n := range layer {
			b.WriteString(strconv.Itoa(n))
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// with returns the rights given the facts.
func (r rights) with(l *texts, f facts) rights {
	layers := make([][]int, len(r.layers))
	for i, layer := range r.layers {
		layers[i] = make([]int, len(layer))
		for j, n := range layer {
			layers[i][j] = l.with(n, f)
		}
	}
	return newRights(layers...)
}

// A proof is whether there is a request that some rights allow and others do
// not. The zero proof claims nothing.
type proof struct {
	verdict policy.InclusionVerdict
	what    string // the request, or why nobody knows whether there is one
}

func (a proof) none() bool { return a.verdict == policy.Included }

// mostSteps bounds the search for one answer, to about a tenth of a second.
const mostSteps = 100_000

// beyond asks whether there is a request that all of the first rights allow and
// none of the others. What it found out it remembers.
func (p *Passage) beyond(all, others []rights) proof {
	key := keyOf(all) + "\n" + keyOf(others)
	p.mu.RLock()
	a, ok := p.answers[key]
	p.mu.RUnlock()
	if ok {
		return a
	}
	if p.covered(all, others) {
		a = proof{verdict: policy.Included}
	} else {
		a = p.prove(all, others)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[key] = a
	return a
}

// keyOf is the same for lists of the same rights.
func keyOf(list []rights) string {
	return strings.Join(set(apply(list, rights.key)), "\n ")
}

// covered reports whether it is plain from which statements there are that no
// request is beyond. All of a layer that allows is in the other rights, which
// deny nothing that is not denied here and are bound by no more.
func (p *Passage) covered(all, others []rights) bool {
	var layers []map[int]bool
	denies := map[int]bool{}
	for _, r := range all {
		for _, layer := range r.layers {
			allows, denied := p.said(layer)
			if len(allows) == 0 {
				return true
			}
			layers = append(layers, allows)
			maps.Copy(denies, denied)
		}
	}
	allows := map[int]bool{}
	for _, r := range others {
		free := true
		for i, layer := range r.layers {
			these, denied := p.said(layer)
			free = free && contained(denied, denies) &&
				(i == 0 || slices.ContainsFunc(layers, func(mine map[int]bool) bool { return contained(mine, these) }))
		}
		if free {
			these, _ := p.said(r.layers[0])
			maps.Copy(allows, these)
		}
	}
	return slices.ContainsFunc(layers, func(mine map[int]bool) bool { return contained(mine, allows) })
}

// said returns the statements of texts.
func (p *Passage) said(layer []int) (allows, denies map[int]bool) {
	allows, denies = map[int]bool{}, map[int]bool{}
	for _, n := range layer {
		t := p.texts.at(n)
		for _, s := range t.allows {
			allows[s] = true
		}
		for _, s := range t.denies {
			denies[s] = true
		}
	}
	return allows, denies
}

func contained(a, b map[int]bool) bool {
	if len(a) > len(b) {
		return false
	}
	for n := range a {
		if !b[n] {
			return false
		}
	}
	return true
}

// mostUnknown bounds how many policies nobody may know of that do not stand
// together: each triples what has to be asked.
const mostUnknown = 3

// What a policy that nobody knows may say of a request.
var suppositions = []policy.Document{
	policy.New(),
	policy.New(policy.Allow("*").On("*")),
	policy.New(policy.Deny("*").On("*")),
}

// prove asks package policy. A policy that nobody knows says nothing of a
// request, or allows or denies it: since requests are decided one by one, no
// text could do worse than the worst of these. Those that stand in the same
// places say the same.
func (p *Passage) prove(all, others []rights) proof {
	groups, names := p.unknowns(slices.Concat(all, others))
	if len(groups) > mostUnknown {
		return proof{what: "nobody knows the texts of " + list(names)}
	}
	supposed := map[int]policy.Document{}
	var suppose func(group int) proof
	suppose = func(group int) proof {
		if group < len(groups) {
			for _, d := range suppositions {
				for _, n := range groups[group] {
					supposed[n] = d
				}
				if a := suppose(group + 1); !a.none() {
					return a
				}
			}
			return proof{verdict: policy.Included}
		}
		policies := func(r rights) policy.Policies { return p.policies(r, supposed) }
		allow, refuse := apply(all, policies), apply(others, policies)
		found := policy.Beyond(allow, refuse, policy.Budget{Nodes: mostSteps})
		a := proof{found.Verdict, found.Reason}
		if found.Witness != nil {
			a.what = inWords(p.here(*found.Witness, allow, refuse))
		}
		if !a.none() && len(names) > 0 {
			a.what += ", as far as can be known without the text of " + list(names)
		}
		return a
	}
	return suppose(0)
}

// unknowns returns the texts that nobody knows, those that stand in the same
// places together, and their names.
func (p *Passage) unknowns(all []rights) (groups [][]int, names []string) {
	places := map[int]string{}
	for i, r := range all {
		for j, layer := range r.layers {
			for _, n := range layer {
				if t := p.texts.at(n); t.unknown != "" {
					places[n] += fmt.Sprint(i, ".", j, " ")
					names = append(names, t.unknown)
				}
			}
		}
	}
	at := map[string]int{}
	for _, n := range slices.Sorted(maps.Keys(places)) {
		i, ok := at[places[n]]
		if !ok {
			i = len(groups)
			at[places[n]] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], n)
	}
	return groups, set(names)
}

// policies returns the rights in the terms of package policy, to which any
// layer but the first is as a level of an organisation.
func (p *Passage) policies(r rights, supposed map[int]policy.Document) policy.Policies {
	var ps policy.Policies
	for i, layer := range r.layers {
		documents := make([]policy.Document, len(layer))
		for j, n := range layer {
			t := p.texts.at(n)
			if t.unknown != "" {
				t.document = supposed[n]
			}
			documents[j] = t.document
		}
		if i == 0 {
			ps.Identity = documents
		} else {
			ps.SCPs = append(ps.SCPs, documents)
		}
	}
	return ps
}

// here returns the request on a resource of the account, if that shows the same.
func (p *Passage) here(r policy.Request, allow, refuse []policy.Policies) policy.Request {
	f := fields(r.Resource)
	if r.Resource == "*" || f[4] == "" {
		return r
	}
	f[4] = p.place.Account
	if f[3] != "" && p.place.Region != "" {
		f[3] = p.place.Region
	}
	moved := r
	moved.Resource = strings.Join(f[:], ":")
	allows := func(ps policy.Policies) bool { return ps.Decide(moved).Verdict == policy.Allowed }
	refuses := func(ps policy.Policies) bool { return !allows(ps) }
	if slices.ContainsFunc(allow, refuses) || slices.ContainsFunc(refuse, allows) {
		return r
	}
	return moved
}

// inWords returns a request for people: "ssm:SendCommand on arn:…, with
// aws:SourceIp 203.0.113.0".
func inWords(r policy.Request) string {
	words := r.Action
	if r.Resource != "*" {
		words += " on " + r.Resource
	}
	for i, key := range sortedKeys(r.Context) {
		switch {
		case i == 0:
			words += ", with "
		default:
			words += " and "
		}
		words += key + " " + strings.Join(r.Context[key].List(), ", ")
	}
	return words
}
