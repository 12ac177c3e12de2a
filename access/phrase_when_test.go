package access

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

func TestWhen(t *testing.T) {
	t.Parallel()
	open := func() policy.Statement { return policy.Allow("ssm:StartSession").On("*") }
	tests := map[string]struct {
		statements []policy.Statement
		want       string
	}{
		"always":            {[]policy.Statement{open()}, ""},
		"MFA":               {[]policy.Statement{open().If("Bool", "aws:MultiFactorAuthPresent", "true")}, "only with MFA"},
		"no MFA":            {[]policy.Statement{open().If("BoolIfExists", "aws:MultiFactorAuthPresent", "false")}, "only without MFA"},
		"MFA or not":        {[]policy.Statement{open().If("Bool", "aws:MultiFactorAuthPresent", "true"), open()}, ""},
		"denied without":    {[]policy.Statement{open(), policy.Deny("*").On("*").If("BoolIfExists", "aws:MultiFactorAuthPresent", "false")}, "only with MFA"},
		"address":           {[]policy.Statement{open().If("IpAddress", "aws:SourceIp", "203.0.113.0/24", "198.51.100.7")}, "only from 198.51.100.7 or 203.0.113.0/24"},
		"not from":          {[]policy.Statement{open(), policy.Deny("*").On("*").If("IpAddress", "aws:SourceIp", "203.0.113.0/24")}, "but not from 203.0.113.0/24"},
		"until, next day":   {[]policy.Statement{open().If("DateLessThan", "aws:CurrentTime", "2027-04-01T00:00:00Z")}, "until 2027-03-31"},
		"until, same day":   {[]policy.Statement{open().If("DateLessThanEquals", "aws:CurrentTime", "2027-03-31T23:59:59Z")}, "until 2027-03-31"},
		"until an hour":     {[]policy.Statement{open().If("DateLessThan", "aws:CurrentTime", "2027-03-31T12:00:00Z")}, "until 2027-03-31T12:00:00Z"},
		"from and until":    {[]policy.Statement{open().If("DateLessThan", "aws:CurrentTime", "2027-04-01T00:00:00Z").If("DateGreaterThanEquals", "aws:CurrentTime", "2027-01-01T00:00:00Z")}, "only from 2027-01-01 until 2027-03-31"},
		"two keys":          {[]policy.Statement{open().If("Bool", "aws:MultiFactorAuthPresent", "true").If("IpAddress", "aws:SourceIp", "203.0.113.0/24")}, "only with MFA and only from 203.0.113.0/24"},
		"either":            {[]policy.Statement{open().If("Bool", "aws:MultiFactorAuthPresent", "true"), open().If("IpAddress", "aws:SourceIp", "203.0.113.0/24")}, "only with MFA, or only from 203.0.113.0/24"},
		"endpoint":          {[]policy.Statement{open().If("StringEquals", "aws:SourceVpce", "vpce-1")}, "only through vpce-1"},
		"any endpoint but":  {[]policy.Statement{open().If("StringNotEquals", "aws:SourceVpce", "vpce-1")}, "but not through vpce-1"},
		"given":             {[]policy.Statement{open().If("Null", "aws:SourceVpce", "false")}, "only if aws:SourceVpce is given"},
		"absent":            {[]policy.Statement{open().If("Null", "aws:SourceVpce", "true")}, "only if aws:SourceVpce is absent"},
		"a service's call":  {[]policy.Statement{open().If("Bool", "aws:ViaAWSService", "true")}, "only through a service of AWS"},
		"and its companion": {[]policy.Statement{open().If("Bool", "aws:MultiFactorAuthPresent", "true"), open().If("Bool", "aws:ViaAWSService", "true")}, "only with MFA"},
		"a number":          {[]policy.Statement{open().If("NumericLessThan", "aws:MultiFactorAuthAge", "3600")}, "until 3600 in aws:MultiFactorAuthAge"},
		"never":             {[]policy.Statement{open().If("Bool", "aws:SecureTransport", "false")}, "never"},
		"its own tag":       {[]policy.Statement{open().If("StringEquals", "aws:RequestTag/team", "${aws:PrincipalTag/team}")}, "only if aws:RequestTag/team is red"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newAccount().user("zoe").tags(map[string]string{"team": "red"}).inline("p", userID("zoe"), test.statements...).node(web1, "web-1", "", nil)
			got := "never"
			for _, r := range NewMatrix(&b.Account, []string{"ssm:StartSession"}).Rights(userID("zoe")) {
				if r.On != nil {
					got = r.When
				}
			}
			if got != test.want {
				t.Errorf("when: %q, want %q", got, test.want)
			}
		})
	}
}
