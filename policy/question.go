package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/language"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// A question is asked of one text: whether one of some patterns matches it as a
// resource, or whether a condition holds for it as the one value of a key. The
// answer to the zero question is always yes.
type question struct {
	resources []match.ARN    // the patterns, if it is about a resource
	operator  match.Operator // else; Single, without IfExists
	values    []match.Value
	templates []match.Template // of values in which variables count; else, of values that are text
	written   []string         // the patterns, or the values
	variables []string         // whose values are put in: keys in lower case
}

// An alternative is one way in which a question can have an answer: that the text
// is in some languages and not in others.
type alternative struct{ in, out []language.Pattern }

// shape are the texts that ArnLike takes for ARNs, and resources those of them
// that requests have.
var shape, resources = func() (all, named language.Pattern) {
	any := match.Glob("*")
	all, _ = language.Fields(any, any, any, any, any, any)
	named, _ = language.Fields(match.Text("arn"), any, any, any, any, any)
	return all, named
}()

// resourceQuestion returns the question whether one of the patterns matches, and
// what to know equal questions by. It reports all if one is "*".
func resourceQuestion(patterns []string, variables bool) (t question, name string, all bool) {
	patterns = slices.Compact(slices.Sorted(slices.Values(patterns)))
	variables = variables && slices.ContainsFunc(patterns, func(s string) bool { return strings.Contains(s, "${") })
	for _, pattern := range patterns {
		a := match.ParseARN(pattern, variables)
		all = all || a.Any
		t.resources = append(t.resources, a)
		t.written = append(t.written, pattern)
		t.addVariables(a.Field[5])
	}
	return t, fmt.Sprintf("%v %q", variables, patterns), all
}

// valueQuestion returns the question whether the operator holds for one value,
// and what to know equal questions by.
func valueQuestion(o match.Operator, values []string, variables bool) (question, string) {
	o.Set, o.IfExists = match.Single, false
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	variables = variables && o.TakesVariables() && slices.ContainsFunc(values, func(s string) bool { return strings.Contains(s, "${") })
	t := question{operator: o, written: values}
	for _, value := range values {
		t.values = append(t.values, match.ParseValue(o, value, variables))
		template := match.Parse(value, o.Wild(), variables)
		t.templates = append(t.templates, template)
		t.addVariables(template)
	}
	return t, fmt.Sprintf("%+v %v %q", o, variables, values)
}

func (t *question) addVariables(template match.Template) {
	for _, key := range template.Variables() {
		if key = fold(key); !slices.Contains(t.variables, key) {
			t.variables = append(t.variables, key)
		}
	}
}

// isTrueOf asks a text.
func (t *question) isTrueOf(text string, lookup func(key string) (string, bool)) bool {
	switch {
	case t.resources != nil:
		return slices.ContainsFunc(t.resources, func(a match.ARN) bool { return a.Match(text, lookup) })
	case t.operator.Base == 0:
		return true
	}
	return t.operator.Holds(t.values, []string{text}, false, lookup)
}

// isText reports whether the texts of each answer are languages of patterns.
func (t *question) isText() bool {
	switch t.operator.Base {
	case match.Numeric, match.Date, match.Bool, match.Binary, match.IPAddress:
		return false
	}
	return true
}

// alternatives returns the ways in which the answer can be yes, or no: a text
// needs one of them. It reports false if that cannot be said.
func (t *question) alternatives(yes bool, lookup func(key string) (string, bool)) ([]alternative, bool) {
	switch {
	case t.resources != nil:
		var patterns []language.Pattern
		for _, a := range t.resources {
			if p, ok := resourceLanguage(a, lookup); ok {
				patterns = append(patterns, p)
			}
		}
		return oneOf(patterns, yes), true
	case t.operator.Base == 0:
		if yes {
			return []alternative{{}}, true
		}
		return nil, true
	case t.operator.Base == match.ARNLike:
		return t.arnAlternatives(yes, lookup)
	}
	var patterns []language.Pattern
	for _, template := range t.templates {
		p, ok := template.Resolve(lookup)
		switch {
		case !ok:
		case t.operator.Base == match.StringEqualsIgnoreCase:
			patterns = append(patterns, language.Folded(p))
		default:
			patterns = append(patterns, language.Text(p))
		}
	}
	return oneOf(patterns, yes != t.operator.Negated), true
}

// arnAlternatives returns the alternatives of ArnLike and ArnNotLike, of which
// neither holds for what is no ARN.
func (t *question) arnAlternatives(yes bool, lookup func(key string) (string, bool)) ([]alternative, bool) {
	var patterns []language.Pattern
	resolved, valid := false, true
	for _, template := range t.templates {
		fields, ok, sure := arnFields(template, lookup)
		if !sure {
			return nil, false
		}
		if p, possible := language.Fields(fields...); ok && possible && len(fields) == 6 {
			patterns = append(patterns, p)
		}
		resolved, valid = resolved || ok, valid && (!ok || len(fields) == 6)
	}
	if !t.operator.Negated {
		return oneOf(patterns, yes), true
	}
	switch {
	case !resolved: // nothing is compared
		return oneOf(nil, !yes), true
	case yes && !valid:
		return nil, true
	case yes:
		return []alternative{{in: []language.Pattern{shape}, out: patterns}}, true
	case !valid:
		return []alternative{{}}, true
	}
	return append(oneOf(patterns, true), alternative{out: []language.Pattern{shape}}), true
}

// oneOf returns the alternatives of a text that is in one of the languages, or
// in none.
func oneOf(patterns []language.Pattern, in bool) []alternative {
	if !in {
		return []alternative{{out: patterns}}
	}
	alternatives := make([]alternative, len(patterns))
	for i, p := range patterns {
		alternatives[i].in = []language.Pattern{p}
	}
	return alternatives
}

// resourceLanguage returns the language of a resource pattern that is not "*",
// if its variables have values.
func resourceLanguage(a match.ARN, lookup func(key string) (string, bool)) (language.Pattern, bool) {
	fields := make([]match.Pattern, len(a.Field))
	for i, t := range a.Field {
		p, ok := t.Resolve(lookup)
		if !ok {
			return nil, false
		}
		fields[i] = p
	}
	return language.Fields(fields...)
}

// arnFields cuts the value of an ARN operator at its colons, of which those in
// variables do not count, and puts in what the variables are. It reports not
// ok if one is not known, and not sure if the result is not certain: what
// variables default to may hold colons too.
func arnFields(t match.Template, lookup func(key string) (string, bool)) (fields []match.Pattern, ok, sure bool) {
	keys := t.Variables()
	marked, _ := t.Resolve(func(key string) (string, bool) {
		return string(rune(markers + slices.Index(keys, key))), true
	})
	texts := make([]match.Pattern, len(keys))
	for i, key := range keys {
		text, known := lookup(key)
		if !known {
			text, known = t.Default(key)
		}
		if !known {
			return nil, false, true
		}
		texts[i] = match.Text(text)
	}
	fields = make([]match.Pattern, 1, 6)
	for _, token := range marked {
		last := &fields[len(fields)-1]
		switch {
		case token.Kind == match.Literal && token.Rune == ':' && len(fields) < 6:
			fields = append(fields, nil)
		case token.Kind == match.Literal && token.Rune >= markers && int(token.Rune-markers) < len(keys):
			*last = append(*last, texts[token.Rune-markers]...)
		default:
			*last = append(*last, token)
		}
	}
	whole, _ := t.Resolve(lookup)
	joined := slices.Clone(fields[0])
	for _, field := range fields[1:] {
		joined = append(append(joined, match.Token{Rune: ':'}), field...)
	}
	return fields, true, slices.Equal(whole, joined)
}

// markers are the characters that stand for variables while a text is cut.
const markers = 0x10E000
