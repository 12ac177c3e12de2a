package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// beyondSystemsManager is what a boundary leaves alone: all but the actions of
// Systems Manager, its agent and its sessions.
var beyondSystemsManager = Statement{
	Sid:       "BeyondSystemsManager",
	Effect:    "Allow",
	NotAction: []string{"ec2messages:*", "ssm:*", "ssm-guiconnect:*", "ssmmessages:*"},
	Resource:  []string{"*"},
}

// A limit is some actions that a restriction speaks of, and so denies where it
// does not allow them, within the scope.
type limit struct {
	actions []string
	scope   Condition
}

// limits returns what r speaks of: the actions behind the keys that are set.
// What merely helps, such as listing nodes, is never denied; nor are other ways
// to the same end, such as associations, for documents.
func (r Restriction) limits() (limits []limit) {
	add := func(speaks bool, actions []string) {
		if speaks {
			limits = append(limits, limit{actions: actions})
		}
	}
	whose := r.Sessions.whose()
	add(!r.Documents.empty(), sendCommand)
	add(r.Commands.View == "none", viewCommands)
	add(r.Commands.Cancel == "none", cancelCommands)
	add(!r.Automation.Start.empty(), startAutomation)
	add(r.Automation.Stop == "none", stopAutomation)
	add(r.Sessions.open(), startSession)
	add(r.Sessions.open(), resumeSession)
	add(whose == "own" || whose == "none", terminateSession)
	add(!r.Parameters.Read.empty(), readParameter)
	add(!r.Parameters.Read.empty(), readByPath)
	add(!r.Parameters.Write.empty(), writeParameter)
	if len(r.Parameters.Decrypt) > 0 {
		// Keys are used for much else, which is not this restriction's business.
		limits = append(limits, limit{decryptByKey, Condition{"StringLike": {viaService: {"ssm.*"}}}})
	}
	return limits
}

// maxChoices bounds the statements that deny the nodes outside some selections
// by tags.
const maxChoices = 256

// deny returns statements that deny what r speaks of wherever grants, under
// the guard, do not allow it. NotResource lists what is allowed of every type,
// since each resource of a request meets the statement by itself.
func (r Restriction) deny(in scope, grants []Statement, g guard, ps *Problems) (statements []Statement) {
	for _, l := range r.limits() {
		denied, ok := l.outside(grants)
		if !ok {
			ps.add(Path{"instances"}, fmt.Sprintf("its %d selections by tags have more than %d combinations to deny", len(r.Nodes.Tags), maxChoices), "give the nodes one tag in common and select by that")
			return nil
		}
		statements = append(statements, denied...)
	}
	if len(r.Parameters.Decrypt) > 0 {
		statements = append(statements, Deny(decryptByKey...).On("*").If("StringLike", viaService, "ssm.*").If("StringNotLike", viaService, viaParameterStore(in)...))
	}
	return distinctStatements(append(statements, g.deny(r.limits(), ps)...))
}

// outside returns statements that deny l's actions on what the grants of them
// do not name. It is false if there would be too many.
func (l limit) outside(grants []Statement) (statements []Statement, ok bool) {
	deny := Statement{Effect: "Deny", Action: l.actions, Condition: l.scope}
	var free []string                  // allowed whatever the resource is like
	tagged := map[string][][]line{}    // resources to what allows them, any of the lists
	resources := map[string][]string{} // by the same key
	for _, s := range grants {
		if s.Action == nil || !slices.Contains(s.Action, l.actions[0]) {
			continue
		}
		var asked []line
		for _, t := range s.Condition.lines(nil) {
			// Whether the document was looked at, and by which service a key
			// is used, are no properties of the resource.
			if t.key != accessCheck && t.key != viaService {
				asked = append(asked, t)
			}
		}
		if len(asked) == 0 {
			free = append(free, s.Resource...)
			continue
		}
		key := strings.Join(slices.Sorted(slices.Values(s.Resource)), " ")
		tagged[key], resources[key] = append(tagged[key], asked), s.Resource
	}
	all := slices.Concat(free, slices.Concat(slices.Collect(maps.Values(resources))...))
	statements = append(statements, deny.outsideOf(all))
	for _, key := range sortedKeys(tagged) {
		others := slices.Clone(free)
		for other, on := range resources {
			if other != key {
				others = append(others, on...)
			}
		}
		choices, ok := opposites(tagged[key])
		if !ok {
			return nil, false
		}
		for _, c := range choices {
			s := deny.outsideOf(others)
			if len(others) == 0 {
				s = deny.On(resources[key]...)
			}
			for _, t := range c {
				s = s.If(t.operator, t.key, t.values...)
			}
			statements = append(statements, s)
		}
	}
	return statements, true
}

// outsideOf returns the statement on all but the resources.
func (s Statement) outsideOf(resources []string) Statement {
	if len(resources) == 0 {
		return s.On("*")
	}
	s.Resource, s.NotResource = nil, slices.Compact(slices.Sorted(slices.Values(resources)))
	return s
}

// opposites returns lists of lines, one of which holds just when, in each of
// the lists given, some line does not: all ways to take one of each. It is
// false if there are too many.
func opposites(lists [][]line) (choices [][]line, ok bool) {
	choices = [][]line{nil}
	for _, list := range lists {
		var next [][]line
		for _, choice := range choices {
			for _, t := range list {
				opposite, ok := t.opposite()
				if !ok {
					panic("policy: a restriction grants under " + t.operator + ", which has no opposite")
				}
				next = append(next, addLines(choice, opposite))
			}
		}
		if len(next) > maxChoices {
			return nil, false
		}
		choices = next
	}
	return choices, true
}

// addLines returns the lines and those that are new. Negated lines of one operator
// and key are one, which excludes the values of both.
func addLines(lines, more []line) []line {
	all := slices.Clone(lines)
	for _, t := range more {
		i := slices.IndexFunc(all, t.same)
		if i < 0 {
			all = append(all, t)
			continue
		}
		all[i].values = slices.Compact(slices.Sorted(slices.Values(slices.Concat(all[i].values, t.values))))
	}
	return all
}

// deny returns statements that deny the limits' actions where a line of g does
// not hold, once it is known which of them ask about the caller's own request:
// where a service asks on behalf of the caller, SendCommand is not under those.
func (g guard) deny(limits []limit, ps *Problems) (statements []Statement) {
	_, passed := g.passedOn()
	for _, t := range g {
		opposite, ok := t.opposite()
		if !ok {
			ps.once(t.path, fmt.Sprintf("IAM has no opposite of %s with these values, so it cannot be denied where it does not hold", t.operator), "enforce it as a grant or boundary, or ask for it by another operator")
			continue
		}
		for _, l := range limits {
			s := Statement{Effect: "Deny", Action: l.actions, Resource: []string{"*"}, Condition: l.scope}
			for _, o := range opposite {
				if slices.ContainsFunc(l.scope.lines(nil), o.same) {
					ps.once(t.path, fmt.Sprintf("what is denied is itself told by %s of %s, and IAM cannot ask for both", o.operator, o.key), "leave this out, or enforce it as a grant or boundary")
				}
				s = s.If(o.operator, o.key, o.values...)
			}
			if passed && t.ownRequest() && l.actions[0] == sendCommand[0] {
				s = s.If("BoolIfExists", viaAWSService, "false")
			}
			statements = append(statements, s)
		}
	}
	return statements
}

// distinctStatements joins statements that differ only in their actions.
func distinctStatements(statements []Statement) (joined []Statement) {
	at := map[string]int{}
	for _, s := range statements {
		rest := s
		rest.Action = nil
		key := rest.encode(false)
		i, ok := at[key]
		if !ok {
			at[key] = len(joined)
			joined = append(joined, s)
			continue
		}
		joined[i].Action = slices.Compact(slices.Sorted(slices.Values(slices.Concat(joined[i].Action, s.Action))))
	}
	return joined
}
