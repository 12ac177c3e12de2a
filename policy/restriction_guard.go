package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A line is one line of a Condition: an operator, a key, and values.
type line struct {
	operator string // in its one spelling
	key      string // as written
	values   []string
	path     Path // to where it comes from
}

// same reports whether t and u are of one operator and key, so that no
// statement can have both.
func (t line) same(u line) bool {
	return t.operator == u.operator && fold(t.key) == fold(u.key)
}

// lines returns the lines of a condition, in order.
func (c Condition) lines(path Path) (all []line) {
	for _, operator := range sortedKeys(c) {
		for _, key := range sortedKeys(c[operator]) {
			all = append(all, line{spellOperator(operator), key, c[operator][key], path.at(operator, key)})
		}
	}
	return all
}

// A guard is what every grant of a restriction is under: its conditions, and
// the time when it expires.
type guard []line

const (
	currentTime   = "aws:CurrentTime"
	viaAWSService = "aws:ViaAWSService"
)

// guard returns the guard of r, and reports what is wrong with it.
func (r Restriction) guard(ps *Problems) guard {
	var g guard
	if r.Conditions != nil {
		path := Path{"conditions"}
		c, ok := rawCondition(r.Conditions, path, ps)
		g = c.lines(path)
		if ok && len(g) == 0 {
			ps.add(path, "the conditions ask nothing", "write one, such as Bool: {aws:MultiFactorAuthPresent: true}, or remove the key")
		}
		for _, t := range g {
			if strings.Contains(fold(t.key), ":resourcetag/") {
				ps.add(t.path, fmt.Sprintf("%s asks for a tag of each resource of a request, and documents and sessions have none of a node's, so nothing would be allowed", t.key), "select the nodes by tags, under instances")
			}
		}
	}
	if r.Expires != "" {
		path := Path{"expires"}
		at, ok := expiry(r.Expires)
		end := line{"DateLessThan", currentTime, []string{at}, path}
		if !ok {
			ps.add(path, fmt.Sprintf("%q is neither a day nor a time", r.Expires), "write a day, such as 2027-03-31, whose end in UTC is meant, or a time such as 2027-03-31T18:00:00Z")
		}
		for _, t := range g {
			if t.same(end) {
				ps.add(t.path, "expires says when the restriction ends, and so does this", "keep one of them")
			}
		}
		g = append(g, end)
	}
	return g
}

// expiry returns the time at which a restriction ends, as IAM writes it. Of a
// day that is the end; a fraction of a second is cut off, so that nothing is
// allowed for longer than was said.
func expiry(s string) (string, bool) {
	end, err := time.Parse(time.RFC3339, s)
	if day, bad := time.Parse(time.DateOnly, s); bad == nil {
		end, err = day.AddDate(0, 0, 1), nil
	}
	if err != nil || end.UTC().Year() < 1970 || end.UTC().Year() > 9999 {
		return "", false
	}
	return end.UTC().Truncate(time.Second).Format(time.RFC3339), true
}

// rawCondition reads a Condition element and checks it. Its problems are
// reported under path.
func rawCondition(raw json.RawMessage, path Path, ps *Problems) (Condition, bool) {
	if _, bad := scan(string(raw)); bad != nil { // that it is one value, so that what is put around it stays around it
		ps.add(path.at(bad.Path...), bad.Text, bad.Help)
		return nil, false
	}
	var found Problems
	d, err := Parse([]byte(`{"Version":"` + Version2012 + `","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + string(raw) + `}}`))
	if bad, ok := errors.AsType[*Problem](err); ok {
		found = Problems{*bad}
	} else {
		found = d.Check(ForIdentity)
	}
	for _, p := range found {
		rest := p.Path
		if i := slices.Index(rest, "Condition"); i >= 0 {
			rest = rest[i+1:]
		}
		ps.add(path.at(rest...), p.Text, p.Help)
	}
	if len(found) > 0 {
		return nil, false
	}
	return d.Statements[0].Condition, true
}

// apply returns the statements under g. One on SendCommand becomes two if g
// asks for a fact of the caller's own request: Systems Manager asks IAM again
// on its way to the nodes, and that request has aws:ViaAWSService in place of
// such facts (Systems Manager User Guide, "Setting up Run Command").
func (g guard) apply(statements []Statement, ps *Problems) (guarded []Statement) {
	if len(g) == 0 {
		return statements
	}
	passed, needed := g.passedOn()
	for _, s := range statements {
		guarded = append(guarded, g.on(s, ps))
		if needed && slices.Contains(s.Action, sendCommand[0]) {
			var again Problems // what it would say has been said
			on := passed.on(s, &again)
			if on.Sid != "" {
				on.Sid += "ViaAWS"
			}
			guarded = append(guarded, on)
		}
	}
	return guarded
}

// passedOn returns what stands for g where a service asks on behalf of the
// caller, and whether that differs from g. Whoever names aws:ViaAWSService has
// decided about it.
func (g guard) passedOn() (passed guard, differs bool) {
	for _, t := range g {
		switch {
		case fold(t.key) == fold(viaAWSService):
			return g, false
		case !t.ownRequest():
			passed = append(passed, t)
		default:
			differs = true
		}
	}
	if differs {
		passed = append(passed, line{operator: "Bool", key: viaAWSService, values: []string{"true"}})
	}
	return passed, differs
}

// ownRequest reports whether t asks for a fact of the caller's own request,
// such as its network or second factor, rather than of who calls, and when.
func (t line) ownRequest() bool {
	key := fold(t.key)
	switch key {
	case "aws:userid", "aws:username", "aws:currenttime", "aws:epochtime", "aws:requestedregion":
		return false
	}
	return strings.HasPrefix(key, "aws:") && !strings.HasPrefix(key, "aws:principal")
}

// on returns the statement under all lines of g. Where the statement has a
// line of the same operator and key, what both admit remains; IAM would take
// either's values.
func (g guard) on(s Statement, ps *Problems) Statement {
	for _, t := range g {
		values := t.values
		for _, has := range s.Condition.lines(nil) {
			if !has.same(t) {
				continue
			}
			both, ok := common(t, has.values)
			if !ok {
				ps.once(t.path, fmt.Sprintf("the restriction itself asks for %s of %s, and IAM cannot ask for both", t.operator, t.key), "leave this out, or grant by inline")
			}
			values = both
		}
		s = s.If(t.operator, t.key, values...)
	}
	return s
}

// common returns the values that t and a line of the same operator and key
// with other values both admit, if such a line can say so and there are any.
func common(t line, values []string) ([]string, bool) {
	switch t.operator {
	case "StringEquals", "StringEqualsIfExists", "Bool", "BoolIfExists":
	default:
		return t.values, slices.Equal(slices.Sorted(slices.Values(t.values)), slices.Sorted(slices.Values(values)))
	}
	var both []string
	for _, v := range t.values {
		if slices.Contains(values, v) {
			both = append(both, v)
		}
	}
	return both, len(both) > 0
}

// once adds a problem unless it is there.
func (ps *Problems) once(path Path, text, help string) {
	for _, p := range *ps {
		if slices.Equal(p.Path, path) && p.Text == text {
			return
		}
	}
	ps.add(path, text, help)
}
