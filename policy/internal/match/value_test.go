package match

import "testing"

func TestHolds(t *testing.T) {
	t.Parallel()
	type list = []string
	tests := map[string]struct {
		operator string
		policy   list
		request  list
		many     bool
		want     bool
	}{
		"one of several":                      {"StringEquals", list{"a", "b"}, list{"b"}, false, true},
		"none of several":                     {"StringEquals", list{"a", "b"}, list{"c"}, false, false},
		"no value in the policy":              {"StringEquals", list{}, list{"a"}, false, false},
		"not one of several":                  {"StringNotEquals", list{"a", "b"}, list{"b"}, false, false},
		"not any of several":                  {"StringNotEquals", list{"a", "b"}, list{"c"}, false, true},
		"not, with no value":                  {"StringNotEquals", list{}, list{"a"}, false, true},
		"a key that is not there":             {"StringEquals", list{"a"}, nil, false, false},
		"not, and not there":                  {"StringNotEquals", list{"a"}, nil, false, true},
		"if it exists, and not there":         {"StringEqualsIfExists", list{"a"}, nil, false, true},
		"if it exists, and it does not match": {"StringEqualsIfExists", list{"a"}, list{"b"}, false, false},
		"if it exists, and matches":           {"StringEqualsIfExists", list{"a"}, list{"a"}, false, true},
		"not, if it exists":                   {"StringNotEqualsIfExists", list{"a"}, list{"a"}, false, false},
		"many without a set":                  {"StringEquals", list{"a"}, list{"a"}, true, false},
		"not many without a set":              {"StringNotEquals", list{"a"}, list{"b"}, true, false},
		"many, if they exist":                 {"StringEqualsIfExists", list{"a"}, list{"a"}, true, false},
		"all":                                 {"ForAllValues:StringEquals", list{"a", "b"}, list{"a", "b"}, true, true},
		"all but one":                         {"ForAllValues:StringEquals", list{"a", "b"}, list{"a", "c"}, true, false},
		"all of none":                         {"ForAllValues:StringEquals", list{"a"}, nil, true, true},
		"all of one":                          {"ForAllValues:StringEquals", list{"a"}, list{"a"}, false, true},
		"all of another":                      {"ForAllValues:StringEquals", list{"a"}, list{"b"}, false, false},
		"all are not":                         {"ForAllValues:StringNotEquals", list{"a"}, list{"b", "c"}, true, true},
		"not all are not":                     {"ForAllValues:StringNotEquals", list{"a"}, list{"b", "a"}, true, false},
		"some":                                {"ForAnyValue:StringLike", list{"a*", "b"}, list{"c", "ax"}, true, true},
		"not even some":                       {"ForAnyValue:StringLike", list{"a*"}, list{"c", "d"}, true, false},
		"some of none":                        {"ForAnyValue:StringEquals", list{"a"}, nil, true, false},
		"some of none, if they exist":         {"ForAnyValue:StringEqualsIfExists", list{"a"}, nil, true, true},
		"some of one":                         {"ForAnyValue:StringEquals", list{"a"}, list{"a"}, false, true},
		"some are not":                        {"ForAnyValue:StringNotEquals", list{"a"}, list{"a", "b"}, true, true},
		"none are not":                        {"ForAnyValue:StringNotEquals", list{"a"}, list{"a", "a"}, true, false},
		"some of none are not":                {"ForAnyValue:StringNotEquals", list{"a"}, nil, true, false},
		"null, and not there":                 {"Null", list{"true"}, nil, false, true},
		"null, and there":                     {"Null", list{"true"}, list{"x"}, false, false},
		"not null, and there":                 {"Null", list{"False"}, list{"x"}, false, true},
		"not null, and not there":             {"Null", list{"false"}, nil, false, false},
		"not null, of many":                   {"Null", list{"false"}, list{"x", "y"}, true, true},
		"null or not":                         {"Null", list{"true", "false"}, list{"x"}, false, true},
		"null, of nonsense":                   {"Null", list{"maybe"}, nil, false, false},
		"an empty value is there":             {"StringEquals", list{""}, list{""}, false, true},
		"a number that is none":               {"NumericEquals", list{"x"}, list{"1"}, false, false},
		"not a number that is none":           {"NumericNotEquals", list{"x"}, list{"1"}, false, false},
		"not one of a number and none":        {"NumericNotEquals", list{"2", "x"}, list{"1"}, false, false},
		"one of a number and none":            {"NumericEquals", list{"x", "1"}, list{"1"}, false, true},
		"not a request that is none":          {"NumericNotEquals", list{"1"}, list{"x"}, false, false},
		"not in a range that is none":         {"NotIpAddress", list{"203.0.113.0/99"}, list{"1.2.3.4"}, false, false},
		"not in a range, of no address":       {"NotIpAddress", list{"203.0.113.0/24"}, list{"x"}, false, false},
		"not in a range":                      {"NotIpAddress", list{"203.0.113.0/24"}, list{"1.2.3.4"}, false, true},
		"not in a range of the other family":  {"NotIpAddress", list{"203.0.113.0/24"}, list{"::1"}, false, true},
		"not a date that is none":             {"DateNotEquals", list{"soon"}, list{"2026-01-01"}, false, false},
		"not an ARN that is none":             {"ArnNotLike", list{"*"}, list{"arn:aws:iam::1:role/x"}, false, false},
		"a variable":                          {"StringEquals", list{"${aws:username}"}, list{"bob"}, false, true},
		"a variable of an ARN":                {"ArnLike", list{"arn:aws:iam::1:user/${aws:username}"}, list{"arn:aws:iam::1:user/bob"}, false, true},
		"a variable for a field":              {"ArnLike", list{"arn:aws:iam:${empty}:1:*"}, list{"arn:aws:iam::1:user/bob"}, false, true},
		"a variable with wildcards":           {"StringLike", list{"${star}"}, list{"bob"}, false, false},
		"a variable and wildcards":            {"StringLike", list{"b*-${star}"}, list{"bob-*"}, false, true},
		"a variable without case":             {"StringEqualsIgnoreCase", list{"X${aws:username}"}, list{"xBOB"}, false, true},
		"a variable under Numeric":            {"NumericEquals", list{"${no, '1'}"}, list{"1"}, false, false},
		"an unknown variable":                 {"StringEquals", list{"${no}"}, list{"bob"}, false, false},
		"one of an unknown and one":           {"StringEquals", list{"${no}", "bob"}, list{"bob"}, false, true},
		"not an unknown variable":             {"StringNotEquals", list{"${no}"}, list{"bob"}, false, true},
		"not an unknown variable of an ARN":   {"ArnNotEquals", list{"arn:aws:iam::1:user/${no}"}, list{"arn:aws:iam::1:user/bob"}, false, true},
		"not an unknown one or itself":        {"StringNotEquals", list{"${no}", "bob"}, list{"bob"}, false, false},
		"a default":                           {"StringEquals", list{"${no, 'x'}"}, list{"x"}, false, true},
		"an escaped star":                     {"StringLike", list{"a${*}"}, list{"ab"}, false, false},
		"an escaped star, as it is":           {"StringEquals", list{"a${*}"}, list{"a*"}, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, ok := ParseOperator(test.operator)
			if !ok {
				t.Fatalf("there is no operator %s", test.operator)
			}
			var values []Value
			for _, text := range test.policy {
				values = append(values, ParseValue(o, text, true))
			}
			if got := o.Holds(values, test.request, test.many, known); got != test.want {
				t.Errorf("%s of %q for %q (many: %v) = %v, want %v", test.operator, test.policy, test.request, test.many, got, test.want)
			}
		})
	}
}

func TestValueInTheOldVersion(t *testing.T) {
	t.Parallel()
	o, _ := ParseOperator("StringLike")
	v := ParseValue(o, "${aws:username}*", false)
	if got, _ := v.Compare("bob", known); got == Matches {
		t.Error("a variable is one in the old version")
	}
	if got, _ := v.Compare("${aws:username}x", known); got != Matches {
		t.Error("a variable is not its own text in the old version")
	}
	if keys := v.Variables(); keys != nil {
		t.Errorf("variables of the old version: %q", keys)
	}
}
