package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// Given returns the document as it is for requests of which some keys are
// known: it decides them as d does, and mentions the keys no more. Known
// returns the value of a key, in any case, and whether it is known; the zero
// Value is a key known not to be there. Conditions on known keys are decided,
// with the statements that they rule out left out, and variables of known keys
// are put in.
//
// It is false where that cannot be written in the policy language: a condition
// that compares a known key with a variable that is not known, or a value that
// would be read for another part of an ARN than the one it is put into.
func (d Document) Given(known func(key string) (Value, bool)) (Document, bool) {
	g := given{known: known, variables: d.Version == Version2012}
	given := Document{Version: d.Version, ID: d.ID}
	for _, s := range d.Statements {
		s, applies, ok := g.statement(s)
		if !ok {
			return Document{}, false
		}
		if applies {
			given.Statements = append(given.Statements, s)
		}
	}
	return given, true
}

// given puts what is known into statements.
type given struct {
	known     func(key string) (Value, bool)
	variables bool // those of the document count
}

// statement reports whether the statement can still apply, and false as the
// last if that cannot be written.
func (g given) statement(s Statement) (_ Statement, applies, ok bool) {
	if s.Resource != nil {
		if s.Resource, ok = g.resources(s.Resource); !ok || len(s.Resource) == 0 {
			return s, false, ok
		}
	}
	if s.NotResource != nil {
		if s.NotResource, ok = g.resources(s.NotResource); !ok {
			return s, false, false
		}
		if len(s.NotResource) == 0 && s.Resource == nil {
			s.Resource, s.NotResource = []string{"*"}, nil
		}
	}
	left := Condition{}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		for key, values := range s.Condition[operator] {
			values, decided, holds, ok := g.condition(operator, key, values)
			switch {
			case !ok:
				return s, false, false
			case decided && !holds:
				return s, false, true
			case decided:
				continue
			}
			if left[operator] == nil {
				left[operator] = map[string][]string{}
			}
			left[operator][key] = values
		}
	}
	s.Condition = left
	if len(left) == 0 {
		s.Condition = nil
	}
	return s, true, true
}

// condition decides a condition, or returns the values that it is left with.
func (g given) condition(operator, key string, values []string) (left []string, decided, holds, ok bool) {
	o, known := match.ParseOperator(operator)
	if !known {
		return nil, true, false, true // under none does a condition hold
	}
	value, settled := g.known(key)
	here := len(value.list) > 0
	open := false // a variable is not known
	for _, v := range values {
		for _, variable := range match.ParseValue(o, v, g.variables).Variables() {
			_, known := g.known(variable)
			open = open || !known
		}
	}
	switch {
	case settled && here && open:
		return nil, false, false, false
	case settled:
		version := ""
		if g.variables {
			version = Version2012
		}
		holds, _ = TestCondition(operator, key, values, version, func(key string) (Value, bool) {
			v, _ := g.known(key)
			return v, len(v.list) > 0
		})
		return nil, true, holds, true
	case !g.variables || !o.TakesVariables():
		return values, false, false, true
	}
	left = []string{} // a list that is empty holds as one whose variables have no values
	for _, v := range values {
		filled, matches, ok := g.fill(v, func(_, value string) bool { return o.Base != match.ARNLike || !strings.Contains(value, ":") })
		if !ok {
			return nil, false, false, false
		}
		if matches {
			left = append(left, filled)
		}
	}
	return left, false, false, true
}

// resources puts what is known into patterns, without those that match nothing.
func (g given) resources(patterns []string) ([]string, bool) {
	left := []string{}
	for _, pattern := range patterns {
		head, last := afterFields(pattern)
		if !g.variables {
			head, last = pattern, ""
		}
		filled, matches, ok := g.fill(last, func(before, value string) bool {
			// Where the type of a resource ends decides what a wildcard in it is.
			return strings.ContainsAny(before, "/:") || !strings.ContainsAny(value, "/:") || !strings.ContainsAny(last, "*?")
		})
		if !ok {
			return nil, false
		}
		if matches {
			left = append(left, head+filled)
		}
	}
	return left, true
}

// afterFields returns an ARN up to its fifth colon, and what comes after it.
func afterFields(arn string) (head, last string) {
	at := 0
	for range 5 {
		i := strings.IndexByte(arn[at:], ':')
		if i < 0 {
			return arn, ""
		}
		at += i + 1
	}
	return arn[:at], arn[at:]
}

// fill puts the values of variables in, as plain characters. It reports whether
// the text can match anything, and not ok if may, asked with what comes before
// a variable and its value, says that this cannot be put there.
func (g given) fill(text string, may func(before, value string) bool) (filled string, matches, ok bool) {
	var b strings.Builder
	matches = true
	for {
		before, rest, found := strings.Cut(text, "${")
		inner, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String(), matches, true
		}
		b.WriteString(before)
		text = after
		template := match.Parse("${"+inner+"}", false, true)
		keys := template.Variables()
		var value Value
		known := false
		if len(keys) == 1 {
			value, known = g.known(keys[0])
		}
		if !known {
			b.WriteString("${" + inner + "}")
			continue
		}
		put, there := template.Default(keys[0])
		if !value.many && len(value.list) == 1 {
			put, there = value.list[0], true
		}
		if !may(b.String(), put) || strings.HasSuffix(b.String(), "$") && strings.HasPrefix(put, "{") {
			return "", false, false
		}
		matches = matches && there
		b.WriteString(plainText.Replace(put))
	}
}

// plainText writes characters so that they stand for themselves where variables
// count.
var plainText = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")
