package policy

import "testing"

// A statement under a line and one under its opposite are never both in force,
// and always one of them.
func TestOpposites(t *testing.T) {
	t.Parallel()
	const none = "\x00" // the key is missing
	tests := map[string]struct {
		values [][]string
		keys   []string // what the key may hold
	}{
		"StringEquals":              {[][]string{{"a"}, {"a", "b"}}, []string{none, "a", "b", "A", ""}},
		"StringNotEquals":           {[][]string{{"a"}, {"a", "b"}}, []string{none, "a", "b", "A", ""}},
		"StringEqualsIgnoreCase":    {[][]string{{"a"}, {"a", "b"}}, []string{none, "a", "A", "c"}},
		"StringNotEqualsIgnoreCase": {[][]string{{"a"}, {"a", "b"}}, []string{none, "a", "A", "c"}},
		"StringLike":                {[][]string{{"a*"}, {"a*", "b"}}, []string{none, "a", "ab", "b", "c"}},
		"StringNotLike":             {[][]string{{"a*"}, {"a*", "b"}}, []string{none, "a", "ab", "b", "c"}},
		"ArnLike":                   {[][]string{{"arn:aws:s3:::b*"}}, []string{none, "arn:aws:s3:::bc", "arn:aws:s3:::c"}},
		"ArnNotEquals":              {[][]string{{"arn:aws:s3:::b*"}}, []string{none, "arn:aws:s3:::bc", "arn:aws:s3:::c"}},
		"IpAddress":                 {[][]string{{"10.0.0.0/8"}, {"10.0.0.0/8", "192.0.2.1"}}, []string{none, "10.1.2.3", "192.0.2.1", "192.0.2.2"}},
		"NotIpAddress":              {[][]string{{"10.0.0.0/8"}, {"10.0.0.0/8", "192.0.2.1"}}, []string{none, "10.1.2.3", "192.0.2.1", "192.0.2.2"}},
		"NumericEquals":             {[][]string{{"3"}, {"3", "4"}}, []string{none, "3", "4", "5"}},
		"NumericNotEquals":          {[][]string{{"3"}, {"3", "4"}}, []string{none, "3", "4", "5"}},
		"NumericLessThan":           {[][]string{{"3"}}, []string{none, "2", "3", "4"}},
		"NumericLessThanEquals":     {[][]string{{"3"}}, []string{none, "2", "3", "4"}},
		"NumericGreaterThan":        {[][]string{{"3"}}, []string{none, "2", "3", "4"}},
		"NumericGreaterThanEquals":  {[][]string{{"3"}}, []string{none, "2", "3", "4"}},
		"DateLessThan":              {[][]string{{"2027-01-01T00:00:00Z"}}, []string{none, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"}},
		"DateGreaterThanEquals":     {[][]string{{"2027-01-01T00:00:00Z"}}, []string{none, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"}},
		"DateEquals":                {[][]string{{"2027-01-01T00:00:00Z"}}, []string{none, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"}},
		"Bool":                      {[][]string{{"true"}, {"false"}}, []string{none, "true", "false"}},
		"Null":                      {[][]string{{"true"}, {"false"}}, []string{none, "x"}},
	}
	for operator, test := range tests {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			forms := []string{operator}
			if operator != "Null" {
				forms = append(forms, operator+"IfExists", "ForAllValues:"+operator, "ForAnyValue:"+operator)
			}
			for _, form := range forms {
				for _, values := range test.values {
					oppose(t, line{operator: form, key: "x:k", values: values}, test.keys, none)
				}
			}
		})
	}
}

// oppose compares a line and its opposite over what the key may hold: nothing,
// one of the values, and for set operators two of them.
func oppose(t *testing.T, l line, keys []string, none string) {
	t.Helper()
	opposite, ok := l.opposite()
	if !ok {
		t.Errorf("%s %v has no opposite", l.operator, l.values)
		return
	}
	plain, other := Allow("a:b").On("*").If(l.operator, l.key, l.values...), Allow("a:b").On("*")
	for _, o := range opposite {
		other = other.If(o.operator, o.key, o.values...)
	}
	for _, a := range keys {
		for _, b := range keys {
			var context Context
			switch set := l.operator[:3] == "For"; {
			case a != none && b != none && set:
				context = Context{"x:k": Many(a, b)}
			case a != b:
				continue
			case a != none:
				context = Context{"x:k": One(a)}
			}
			holds := func(s Statement) bool {
				return Policies{Identity: []Document{New(s)}}.Decide(Request{
					Principal: "arn:aws:iam::123456789012:user/bob", Action: "a:b", Resource: "*", Context: context,
				}).Verdict == Allowed
			}
			if x, y := holds(plain), holds(other); x == y {
				t.Errorf("with %v: %s %v is %t, and %v as well", context, l.operator, l.values, x, opposite)
			}
		}
	}
}

func TestNoOpposite(t *testing.T) {
	t.Parallel()
	for _, l := range []line{
		{operator: "BinaryEquals", key: "k", values: []string{"eA=="}},
		{operator: "NumericLessThan", key: "k", values: []string{"1", "2"}},
		{operator: "DateGreaterThanEquals", key: "k", values: []string{"2027-01-01", "2028-01-01"}},
		{operator: "Bool", key: "k", values: []string{"true", "false"}},
		{operator: "Bool", key: "k", values: []string{"yes"}},
		{operator: "ForAnyValue:StringEqualsIfExists", key: "k", values: []string{"x"}},
	} {
		if o, ok := l.opposite(); ok {
			t.Errorf("%s %v: %v", l.operator, l.values, o)
		}
	}
}
