package match

import (
	"testing"
	"time"
)

// compareTests are by operator: value of the policy, value of the request, outcome.
var compareTests = map[string][]struct {
	policy, request string
	want            Outcome
}{
	"StringEquals": {
		{"a", "a", Matches}, {"a", "A", Differs}, {"a*", "ab", Differs}, {"a*", "a*", Matches}, {"", "", Matches}, {"", "a", Differs},
	},
	"StringEqualsIgnoreCase": {
		{"Prod", "pROD", Matches}, {"prod", "prods", Differs}, {"p*", "prod", Differs}, {"É", "é", Differs},
	},
	"StringLike": {
		{"web-*", "web-17", Matches}, {"web-?", "web-17", Differs}, {"web-*", "WEB-1", Differs}, {"*", "", Matches}, {"a*:b", "a:c:b", Matches},
	},
	"ArnLike": {
		{"arn:aws:iam::*:role/ops/*", "arn:aws:iam::111122223333:role/ops/OnCall", Matches},
		{"arn:aws:iam::*:role/ops/*", "arn:aws:iam::111122223333:role/OnCall", Differs},
		{"arn:aws:iam::1:role/*", "arn:aws:iam::1:ROLE/x", Differs},
		{"arn:???:*:*:*:*", "arn:aws:ec2:r:1:instance/i-1", Matches},
		{"arn:aws:someservice:*:111122223333:finance/*", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt", Differs},
		{"arn:aws:sns:r:1:*", "arn:aws:sns:r:1:topic:subscription", Matches},
		{"arn:aws:*:instance/i-1", "arn:aws:ec2:r:1:instance/i-1", Invalid},
		{"*", "arn:aws:ec2:r:1:instance/i-1", Invalid},
		{"arn:aws:ec2:r:1:*", "instance/i-1", Invalid},
	},
	"NumericEquals": {
		{"10", "10", Matches},
		{"10", "10.0", Matches},
		{"1e1", "10", Matches},
		{"-0.5", "-.5", Matches},
		{"+3", "3", Matches},
		{"10", "11", Differs},
		{"ten", "10", Invalid},
		{"10", "ten", Invalid},
		{"", "10", Invalid},
		{"10", "", Invalid},
		{"10 ", "10", Invalid},
		{"0x10", "16", Invalid},
		{"inf", "inf", Invalid},
		{"nan", "nan", Invalid},
		{"1e999", "1e999", Invalid},
		{"1_0", "10", Invalid},
		{"e", "e", Invalid},
	},
	"NumericLessThan":          {{"10", "9.9", Matches}, {"10", "10", Differs}, {"10", "11", Differs}, {"9", "10", Differs}, {"a", "1", Invalid}},
	"NumericLessThanEquals":    {{"10", "10", Matches}, {"10", "10.1", Differs}, {"10", "9", Matches}},
	"NumericGreaterThan":       {{"10", "10.1", Matches}, {"10", "10", Differs}, {"9", "10", Matches}, {"10", "9", Differs}},
	"NumericGreaterThanEquals": {{"10", "10", Matches}, {"10", "9.9", Differs}, {"-1", "0", Matches}},
	"DateEquals": {
		{"2026-11-23", "2026-11-23T00:00:00Z", Matches},
		{"2026-11-23", "2026-11-23", Matches},
		{"2026-11-23", "2026-11-24", Differs},
		{"2026-11-23T12:00Z", "2026-11-23T13:00:00+01:00", Matches},
		{"2026-11", "2026-11-01", Matches},
		{"2026", "2026-01-01", Matches},
		{"1704067200", "2024-01-01", Matches},
		{"1704067200000", "2024-01-01", Matches},
		{"1704067200.5", "2024-01-01T00:00:00.5Z", Matches},
		{"next week", "2026-11-23", Invalid},
		{"2026-11-23", "", Invalid},
		{"2026-13-01", "2026-11-23", Invalid},
		{"2026-11-23 12:00", "2026-11-23", Invalid},
	},
	"DateLessThan":          {{"2027-03-31", "2027-03-30T23:59:59Z", Matches}, {"2027-03-31", "2027-03-31T00:00:00Z", Differs}},
	"DateLessThanEquals":    {{"2027-03-31", "2027-03-31T00:00:00Z", Matches}, {"2027-03-31", "2027-03-31T00:00:00.001Z", Differs}},
	"DateGreaterThan":       {{"2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z", Matches}, {"2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", Differs}},
	"DateGreaterThanEquals": {{"2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", Matches}, {"2020-01-01T00:00:01Z", "1577836800", Differs}},
	"Bool": {
		{"true", "true", Matches},
		{"True", "tRUE", Matches},
		{"false", "FALSE", Matches},
		{"true", "false", Differs},
		{"false", "true", Differs},
		{"yes", "true", Invalid},
		{"true", "1", Invalid},
		{"", "", Invalid},
	},
	"BinaryEquals": {
		{"QmluYXJ5", "QmluYXJ5", Matches},
		{"QmluYXJ5", "QmluYXJ6", Differs},
		{"", "", Matches},
		{"QQ==", "QQ==", Matches},
		{"?", "QQ==", Invalid},
		{"QQ==", "QQ", Invalid},
		{"QR==", "QQ==", Invalid},
	},
	"IpAddress": {
		{"203.0.113.0/24", "203.0.113.77", Matches},
		{"203.0.113.0/24", "203.0.114.1", Differs},
		{"203.0.113.77/24", "203.0.113.1", Matches},
		{"203.0.113.7", "203.0.113.7", Matches},
		{"203.0.113.7", "203.0.113.8", Differs},
		{"0.0.0.0/0", "1.2.3.4", Matches},
		{"2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", Matches},
		{"2001:db8::1", "2001:0db8:0::0001", Matches},
		{"2001:db8::1", "2001:db8::2", Differs},
		{"::/0", "1.2.3.4", Differs},
		{"0.0.0.0/0", "::1", Differs},
		{"1.2.3.0/24", "::ffff:1.2.3.4", Differs},
		{"203.0.113.0/33", "203.0.113.1", Invalid},
		{"123456789012", "203.0.113.1", Invalid},
		{"203.0.113.0/24", "here", Invalid},
		{"fe80::1%eth0", "fe80::1", Invalid},
		{"203.0.113.0/", "203.0.113.0", Invalid},
	},
	"Null": {{"true", "", Differs}, {"false", "x", Differs}},
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, tests := range compareTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, ok := ParseOperator(name)
			if !ok {
				t.Fatal("there is no such operator")
			}
			for _, test := range tests {
				if got := o.Compare(test.policy, test.request); got != test.want {
					t.Errorf("policy %q, request %q: %d, want %d", test.policy, test.request, got, test.want)
				}
			}
		})
	}
}

// A value that comes out of a variable compares as if it had been written.
func TestCompareWithVariable(t *testing.T) {
	t.Parallel()
	for name, tests := range compareTests {
		o, _ := ParseOperator(name)
		for _, test := range tests {
			value := ParseValue(o, test.policy+"${nothing, ''}", true)
			got, ok := value.Compare(test.request, known)
			switch {
			case !ok:
				t.Errorf("%s: %q is not resolved", name, test.policy)
			case o.TakesVariables() && got != test.want:
				t.Errorf("%s: policy %q, request %q: %d, want %d", name, test.policy, test.request, got, test.want)
			case !o.TakesVariables() && got == Matches:
				t.Errorf("%s takes a variable", name)
			}
		}
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1997":                             "1997-01-01T00:00:00Z",
		"1997-07":                          "1997-07-01T00:00:00Z",
		"1997-07-16":                       "1997-07-16T00:00:00Z",
		"1997-07-16T19:20+01:00":           "1997-07-16T18:20:00Z",
		"1997-07-16T19:20:30+01:00":        "1997-07-16T18:20:30Z",
		"1997-07-16T19:20:30.45+01:00":     "1997-07-16T18:20:30.45Z",
		"1997-07-16T19:20:30.123456789Z":   "1997-07-16T19:20:30.123456789Z",
		"1997-07-16T19:20:30":              "1997-07-16T19:20:30Z",
		"1997-07-16T19:20":                 "1997-07-16T19:20:00Z",
		"0":                                "1970-01-01T00:00:00Z",
		"-1":                               "1969-12-31T23:59:59Z",
		"-0.5":                             "1969-12-31T23:59:59.5Z",
		"12345":                            "1970-01-01T03:25:45Z",
		"99999999999":                      "5138-11-16T09:46:39Z",
		"100000000000":                     "1973-03-03T09:46:40Z",
		"-100000000000":                    "1966-10-31T14:13:20Z",
		"1997-07-16T19:20:30z":             "",
		"1997-7-16":                        "",
		"":                                 "",
		"19970716T192030Z":                 "",
		"1e9":                              "",
		"99999999999999999999999999999999": "",
		"100000000000.5":                   "",
	} {
		got, ok := Instant(text)
		if formatted := got.UTC().Format(time.RFC3339Nano); ok != (want != "") || ok && formatted != want {
			t.Errorf("Instant(%q) = %s, %v, want %q", text, formatted, ok, want)
		}
	}
}
