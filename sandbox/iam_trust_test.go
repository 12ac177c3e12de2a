package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func trustOf(aws string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":` + aws + `},"Action":"sts:AssumeRole"}]}`
}

func TestTrustPolicies(t *testing.T) {
	t.Parallel()
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[{` + s + `}]}` }
	tests := map[string]struct{ document, says string }{
		"service":                 {trustEC2, ""},
		"two services":            {strings.Replace(trustEC2, `"ec2.amazonaws.com"`, `["ec2.amazonaws.com","ssm.amazonaws.com"]`, 1), ""},
		"empty services":          {strings.Replace(trustEC2, `"ec2.amazonaws.com"`, `["",""]`, 1), `"SERVICE":""`},
		"no service":              {strings.Replace(trustEC2, `"ec2.amazonaws.com"`, `"ec2"`, 1), `"SERVICE":"ec2"`},
		"old version":             {strings.Replace(trustEC2, "2012", "2008", 1), ""},
		"empty sid":               {strings.Replace(trustEC2, `"Effect"`, `"Sid":"","Effect"`, 1), ""},
		"not JSON":                {"{nope", "invalid Json"},
		"resource":                {strings.Replace(trustEC2, `"Effect"`, `"Resource":"*","Effect"`, 1), "prohibited field Resource"},
		"no principal":            {statement(`"Effect":"Allow","Action":"sts:AssumeRole"`), "Missing required field Principal"},
		"no action":               {statement(`"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}`), "Missing required field Action"},
		"another action":          {strings.Replace(trustEC2, "sts:AssumeRole", "iam:GetRole", 1), "STS AssumeRole actions"},
		"everybody":               {trustOf(`"*"`), ""},
		"everybody, spelled *":    {statement(`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"`), "Invalid principal"},
		"own account":             {trustOf(`"123456789012"`), ""},
		"other account":           {trustOf(`"arn:aws:iam::111122223333:root"`), ""},
		"role of another":         {trustOf(`"arn:aws:iam::111122223333:role/x"`), ""},
		"user":                    {trustOf(`"arn:aws:iam::123456789012:user/u"`), ""},
		"user at another path":    {trustOf(`"arn:aws:iam::123456789012:user/x/u"`), `Invalid principal in policy: "AWS":"arn:aws:iam::123456789012:user/x/u"`},
		"nobody":                  {trustOf(`["arn:aws:iam::123456789012:user/u","arn:aws:iam::123456789012:role/none"]`), "role/none"},
		"group":                   {trustOf(`"arn:aws:iam::123456789012:group/g"`), "Invalid principal"},
		"id that is nobody's":     {trustOf(`"AROAAAAAAAAAAAAAAAAAA"`), "Invalid principal"},
		"role of other partition": {trustOf(`"arn:aws-cn:iam::111122223333:role/x"`), "Invalid principal"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			k.user("u")
			k.group("g")
			_, err := k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: &tt.document})
			if tt.says == "" && err != nil || tt.says != "" && (code(err) != "MalformedPolicyDocument" || !strings.Contains(message(err), tt.says)) {
				t.Errorf("trusting %s: %v, want %q", tt.document, err, tt.says)
			}
		})
	}
}

// TestTrustOutlivesName: IAM keeps whom a policy trusts by id, so a rename
// shows, and a role made again is not the one that was trusted.
func TestTrustOutlivesName(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.role("admin")
	const arn = `"arn:aws:iam::123456789012:role/admin"`
	// White space stays as it was sent, and the same text outside the
	// principals is none of IAM's business.
	document := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": [` + arn + `, "123456789012"]}, "Action": "sts:AssumeRole", "Condition": {"ArnEquals": {"aws:PrincipalArn": ` + arn + `}}}}`
	must(k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: new("trusting"), AssumeRolePolicyDocument: &document}))
	trust := func() string {
		return must(url.PathUnescape(*must(k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("trusting")})).Role.AssumeRolePolicyDocument))
	}
	shown := strings.Replace(document, `"123456789012"`, `"arn:aws:iam::123456789012:root"`, 1)
	if got := trust(); got != shown {
		t.Errorf("shown as %s, want %s", got, shown)
	}
	id := *must(k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("admin")})).Role.RoleId
	dump := string(k.server.Dump())
	must(k.iam.DeleteRole(k.ctx(), &iam.DeleteRoleInput{RoleName: new("admin")}))
	k.role("admin")
	if got, want := trust(), strings.Replace(shown, arn, `"`+id+`"`, 1); got != want {
		t.Errorf("after the role was made again: %s, want the bare id, %s", got, want)
	}
	if !strings.HasPrefix(id, "AROA") || len(id) != 21 {
		t.Errorf("id %q is not of IAM's form", id)
	}
	if string(k.server.Dump()) == dump {
		t.Error("the dump does not show that the trusted role is gone")
	}
	must(k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("trusting"), PolicyDocument: &document}))
	if got := string(k.server.Dump()); got != dump {
		t.Errorf("bound anew, the account is\n%s\nwant\n%s", got, dump)
	}
	if _, err := k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("trusting"), PolicyDocument: new(trustOf(`"` + id + `"`))}); code(err) != "MalformedPolicyDocument" {
		t.Errorf("trusting a dead id: %v, want MalformedPolicyDocument", err)
	}
}
