package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// why says why a target is not allowed, with the chains to what denies it or
// to what comes nearest to allowing it.
func (s *subject) why(action string, t Target, d policy.Decision, given policy.Context) (string, []Chain) {
	if d.Verdict == policy.ExplicitDeny {
		chains := s.effective.chains(s.principal.ID, d.By)
		var names []string
		for _, c := range chains {
			names = append(names, c.Short())
		}
		slices.Sort(names)
		return firstOf(slices.Compact(names), 3) + " denies it", chains
	}
	for _, layer := range d.Lacking {
		switch layer {
		case policy.LayerIdentity:
			reason, chains := s.nearest(action, t, given, policy.LayerIdentity, s.effective.Policies.Identity)
			if reason == "" {
				reason = "no policy allows " + action
			}
			return reason, chains
		case policy.LayerBoundary:
			reason, chains := s.nearest(action, t, given, policy.LayerBoundary, s.effective.Policies.Boundary)
			if reason == "" {
				reason = "it allows no " + action
			}
			return "the boundary " + s.effective.Boundary[0].Name + " keeps it from that: " + reason, chains
		}
	}
	return "", nil
}

// nearest returns what comes nearest to allowing a target, of the statements
// of a layer: one whose conditions do not hold, else those that allow the
// action on other resources of the kind.
func (s *subject) nearest(action string, t Target, given policy.Context, layer policy.Layer, documents []policy.Document) (string, []Chain) {
	request := s.account.Requests(s.principal, action, []Target{t}, given)[0]
	var elsewhere []string
	var chains []Chain
	for i, d := range documents {
		for j, st := range d.Statements {
			if st.Effect != "Allow" || !st.Covers(action) {
				continue
			}
			c, ok := s.effective.chain(s.principal.ID, policy.Deciding{Layer: layer, Document: i, Statement: j})
			if !ok {
				continue
			}
			if reaches, _ := st.Reaches(t.ARN, d.Version, request.Lookup); reaches {
				return c.Short() + " allows it only " + strings.Join(s.unmet(st, d.Version, request), " and "), []Chain{c}
			}
			if names := s.resourceNames(st, d.Version, action, t); len(names) > 0 && (len(chains) == 0 || chains[0].Short() == c.Short()) {
				elsewhere = append(elsewhere, names...)
				chains = append(chains, c)
			}
		}
	}
	if len(chains) == 0 {
		return "", nil
	}
	slices.Sort(elsewhere)
	return chains[0].Short() + " allows only " + firstOf(slices.Compact(elsewhere), 5), chains
}

// unmet returns, in words, the conditions of a statement that do not hold.
func (s *subject) unmet(st policy.Statement, version string, r policy.Request) []string {
	var words []string
	for _, operator := range slices.Sorted(maps.Keys(st.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(st.Condition[operator])) {
			values := st.Condition[operator][key]
			if holds, _ := policy.TestCondition(operator, key, values, version, r.Lookup); holds {
				continue
			}
			resolved := apply(values, func(v string) string {
				if known, ok := fill(v, version, r.Lookup); ok {
					return known
				}
				return v
			})
			words = append(words, conditionWords(operator, key, resolved))
		}
	}
	return words
}

// conditionWords says what a condition asks for.
func conditionWords(operator, key string, values []string) string {
	folded := strings.ToLower(operator)
	list := strings.Join(values, " or ")
	switch {
	case strings.HasPrefix(folded, "null"):
		if list == "true" {
			return "without " + key
		}
		return "with " + key
	case strings.HasPrefix(folded, "dateless"):
		return "until " + list
	case strings.HasPrefix(folded, "dategreater"):
		return "from " + list + " on"
	case strings.Contains(folded, "not"):
		return "not " + phrase(key, list)
	case strings.HasPrefix(folded, "numeric") && !strings.Contains(folded, "equals"):
		return fmt.Sprintf("with %s %s %s", key, operator, list)
	}
	return phrase(key, list)
}

// phrase says that a key has a value.
func phrase(key, value string) string {
	prefix, tag, _ := strings.Cut(key, "/")
	switch strings.ToLower(prefix) {
	case "aws:multifactorauthpresent":
		if value == "true" {
			return "with MFA"
		}
		return "without MFA"
	case "aws:sourceip", "aws:sourcevpc":
		return "from " + value
	case "aws:sourcevpce":
		return "through " + value
	case "iam:passedtoservice":
		return "to " + value
	case "aws:resourcetag", "ssm:resourcetag", "ec2:resourcetag", "iam:resourcetag":
		return "tagged " + tag + "=" + value
	case "aws:requesttag":
		return "setting tag " + tag + "=" + value
	}
	return "with " + key + " " + value
}

// resourceNames returns, for the reader, those resources of a statement that
// are of the type of the target.
func (s *subject) resourceNames(st policy.Statement, version, action string, t Target) []string {
	var names []string
	for _, r := range catalogue.ResourcesOf(action) {
		can := func(arn string) bool {
			return slices.ContainsFunc(r.ARNs, func(format string) bool { return catalogue.ARNMatches(format, arn) })
		}
		if !can(t.ARN) {
			continue
		}
		for _, pattern := range st.Resource {
			if filled, ok := fill(pattern, version, s.about(action).party.lookup); ok {
				pattern = filled
			}
			if can(pattern) {
				names = append(names, s.shortName(pattern))
			}
		}
	}
	return names
}

// shortName returns the part of an ARN after its type, if the rest of it is
// of the account, or else all of it.
func (s *subject) shortName(arn string) string {
	f := fields(arn)
	kind, rest, ok := strings.Cut(f[5], "/")
	here := func(field, place string) bool { return field == place || field == "*" || field == "" }
	if !ok || rest == "" || rest == "*" || !here(f[3], s.account.Place.Region) || !here(f[4], s.account.Place.Account) {
		return arn
	}
	if kind == "parameter" {
		return "/" + rest
	}
	return rest
}
