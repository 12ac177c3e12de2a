package check

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// fitting returns the statement in as few parts as it takes for each to fit a
// managed policy: of its resources, or the values of a condition that is one
// list.
func fitting(s policy.Statement) []policy.Statement {
	if fits(s) {
		return []policy.Statement{s}
	}
	var n int
	var part func(from, to int) policy.Statement
	switch operator, key, values, ok := listed(s.Condition); {
	case len(s.Resource) > 1:
		n, part = len(s.Resource), func(from, to int) policy.Statement {
			return policy.Statement{Effect: s.Effect, Action: s.Action, Resource: s.Resource[from:to], Condition: s.Condition}
		}
	case ok && len(values) > 1:
		n, part = len(values), func(from, to int) policy.Statement {
			return s.If(operator, key, values[from:to]...)
		}
	default:
		return []policy.Statement{s} // all actions of IAM fit one, and bind bounds what tags take
	}
	// As many as fit, and at least one, which may have to be split by something else.
	first := max(1, sort.Search(n, func(i int) bool { return !fits(part(0, i+1)) }))
	return append(fitting(part(0, first)), fitting(part(first, n))...)
}

func fits(s policy.Statement) bool { return emptySize+size(s) <= policy.MaxManaged }

// size is how much a document grows by the statement, with a Sid.
func size(s policy.Statement) int {
	s = s.As(sidOf(s) + "9999")
	return policy.New(s, s).Size() - policy.New(s).Size()
}

// emptySize is how much a document without a statement takes.
var emptySize = policy.New().Size()

// packed puts the statements into as few documents as come of taking each into
// the first that has room, and names them.
func packed(all []policy.Statement) []policy.Document {
	var bins [][]policy.Statement
	var sizes []int
	for _, s := range all {
		n := size(s)
		at := slices.IndexFunc(sizes, func(have int) bool { return have+n <= policy.MaxManaged })
		if at < 0 {
			bins, sizes, at = append(bins, nil), append(sizes, emptySize), len(bins)
		}
		bins[at], sizes[at] = append(bins[at], s), sizes[at]+n
	}
	documents := make([]policy.Document, len(bins))
	for i, bin := range bins {
		taken := map[string]int{}
		for j, s := range bin {
			sid := sidOf(s)
			if taken[sid]++; taken[sid] > 1 {
				sid += fmt.Sprint(taken[sid])
			}
			bin[j] = s.As(sid)
		}
		documents[i] = policy.New(bin...)
	}
	return documents
}

// sidOf names a statement by what it is for: "ReadIAM", or the first of the
// calls that write, "IAMAttachUserPolicyAnd1More".
func sidOf(s policy.Statement) string {
	writes := slices.DeleteFunc(slices.Clone(s.Action), reads)
	if len(writes) == 0 {
		service, _, _ := strings.Cut(s.Action[0], ":")
		return "Read" + strings.ToUpper(service)
	}
	service, name, _ := strings.Cut(writes[0], ":")
	sid := strings.ToUpper(service) + name
	if more := len(s.Action) - 1; more > 0 {
		sid += fmt.Sprintf("And%dMore", more)
	}
	return sid
}

// reads reports whether a call only looks.
func reads(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe")
}

// compareStatements orders statements for people: by service, what reads first,
// then by what they say.
func compareStatements(a, b policy.Statement) int {
	rank := func(s policy.Statement) string {
		service, _, _ := strings.Cut(s.Action[0], ":")
		return service + map[bool]string{true: " 1", false: " 2"}[!slices.ContainsFunc(s.Action, func(a string) bool { return !reads(a) })]
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), slices.Compare(a.Action, b.Action), slices.Compare(a.Resource, b.Resource), cmp.Compare(keyOf(a.Condition), keyOf(b.Condition)))
}
