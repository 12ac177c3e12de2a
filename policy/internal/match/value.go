package match

import "strings"

// A Value is a value of a condition as a policy writes it, compiled: what is
// to be made once where it is compared often. It is safe for concurrent use.
type Value struct {
	operator Operator
	text     string     // if no variable counts in it
	parts    []Template // else: the six fields of an ARN, or the whole
}

// ParseValue reads a value under the operator. Without variables, as in version
// 2008-10-17 of the policy language, ${ is plain text.
func ParseValue(o Operator, s string, variables bool) Value {
	if !variables || !o.TakesVariables() || !strings.Contains(s, "${") {
		return Value{operator: o, text: s}
	}
	if o.Base != ARNLike {
		return Value{operator: o, parts: []Template{Parse(s, o.Wild(), true)}}
	}
	v := Value{operator: o}
	for _, field := range splitOutside(s) {
		v.parts = append(v.parts, Parse(field, true, true))
	}
	return v
}

// splitOutside returns the fields of an ARN, up to six. A colon within
// ${aws:username} ends none.
func splitOutside(s string) []string {
	var fields []string
	start := 0
	for i := 0; i < len(s) && len(fields) < 5; i++ {
		if strings.HasPrefix(s[i:], "${") {
			if end := strings.IndexByte(s[i:], '}'); end > 0 {
				i += end
			}
		} else if s[i] == ':' {
			fields = append(fields, s[start:i])
			start = i + 1
		}
	}
	return append(fields, s[start:])
}

// Compare compares the value with one of a request, as Operator.Compare does.
// It reports false if a variable has neither a value nor a default.
func (v Value) Compare(request string, lookup func(key string) (string, bool)) (Outcome, bool) {
	if v.parts == nil {
		return v.operator.Compare(v.text, request), true
	}
	resolved := true
	patterns := make([]Pattern, len(v.parts))
	for i, t := range v.parts {
		p, ok := t.Resolve(lookup)
		patterns[i] = p
		resolved = resolved && ok
	}
	if !resolved {
		return Differs, false
	}
	return v.operator.ComparePattern(patterns, request), true
}

// Holds reports whether a condition of the operator holds for a key: values are
// the policy's. The request's are given with whether the key is one of many
// values; none at all is a key that is not there.
//
// It is the whole of what the IAM User Guide says under "Condition operators"
// and "Creating a condition with multiple keys or values":
//
//   - Several values of a policy are alternatives; under Not, none may match.
//   - A key that is not there fails, but holds under Not, IfExists and
//     ForAllValues. ForAnyValue fails also under Not.
//   - A key of many values holds under ForAllValues and ForAnyValue only; to
//     these, a key of one value is a list of one.
//   - A variable that has neither a value nor a default matches nothing, so it
//     holds under Not.
//   - Null asks whether the key is there: "true" for not.
//
// A value that is not of the operator's type, on either side, does not match.
// The guide is silent on Not; here a condition with such a value holds under
// none, so that a statement with a mistake is void rather than for everyone.
func (o Operator) Holds(values []Value, request []string, many bool, lookup func(key string) (string, bool)) bool {
	if o.Base == Null {
		for _, v := range values {
			if null, ok := Boolean(v.text); ok && null == (len(request) == 0) {
				return true
			}
		}
		return false
	}
	if len(request) == 0 {
		return o.IfExists || o.Set == ForAll || o.Negated && o.Set == Single
	}
	switch o.Set {
	case ForAll:
		for _, r := range request {
			if !o.one(values, r, lookup) {
				return false
			}
		}
		return true
	case ForSome:
		for _, r := range request {
			if o.one(values, r, lookup) {
				return true
			}
		}
		return false
	default:
		return !many && o.one(values, request[0], lookup)
	}
}

// one reports whether the condition holds for one value of a request.
func (o Operator) one(values []Value, request string, lookup func(key string) (string, bool)) bool {
	matches, invalid := false, false
	for _, v := range values {
		got, _ := v.Compare(request, lookup)
		matches = matches || got == Matches
		invalid = invalid || got == Invalid
	}
	if o.Negated {
		return !matches && !invalid
	}
	return matches
}

// Variables returns the keys of the value's variables, in order.
func (v Value) Variables() []string {
	var keys []string
	for _, t := range v.parts {
		keys = append(keys, t.Variables()...)
	}
	return keys
}
