package policy_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	const own, public = "arn:aws:ssm:us-east-1:123456789012:parameter", "arn:aws:ssm:us-east-1::parameter"
	read := func(names ...string) policy.Parameters { return policy.Parameters{Read: policy.Names{List: names}} }
	const get, history, byPath, put, remove = "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParametersByPath", "ssm:PutParameter", "ssm:DeleteParameters"
	tests := map[string]struct {
		p                policy.Parameters
		action, resource string
		want             bool
	}{
		"below a path":                        {read("/web/*"), get, own + "/web/a/b", true},
		"the path itself":                     {read("/web/*"), get, own + "/web", true},
		"history":                             {read("/web/*"), history, own + "/web/a", true},
		"a path by path":                      {read("/web/*"), byPath, own + "/web", true},
		"below it by path":                    {read("/web/*"), byPath, own + "/web/a", true},
		"above it by path":                    {read("/web/*"), byPath, own + "/", false},
		"a neighbour":                         {read("/web/*"), get, own + "/website", false},
		"reading is not writing":              {read("/web/*"), put, own + "/web/a", false},
		"one":                                 {read("/web/a"), get, own + "/web/a", true},
		"one, not what is below":              {read("/web/a"), get, own + "/web/a/b", false},
		"one, nor by path, which shows below": {read("/web/a"), byPath, own + "/web/a", false},
		"a pattern that ends elsewhere":       {read("/*/url"), byPath, own + "/web/url", false},
		"a pattern, by path":                  {read("/web-*"), byPath, own + "/web-1", true},
		"a name":                              {read("db"), get, own + "/db", true},
		"another account's":                   {read("/web/*"), get, "arn:aws:ssm:us-east-1:444455556666:parameter/web/a", false},
		"another region's":                    {read("/web/*"), get, "arn:aws:ssm:eu-west-1:123456789012:parameter/web/a", false},
		"AWS's":                               {read("/aws/service/ecs/*"), get, public + "/aws/service/ecs/x", true},
		"all are not AWS's":                   {policy.Parameters{Read: policy.Names{All: true}}, get, public + "/aws/service/ecs/x", false},
		"all":                                 {policy.Parameters{Read: policy.Names{All: true}}, byPath, own + "/", true},
		"write":                               {policy.Parameters{Write: policy.Names{List: []string{"/web/*"}}}, put, own + "/web/a", true},
		"write, deleting":                     {policy.Parameters{Write: policy.Names{List: []string{"/web/*"}}}, remove, own + "/web", true},
		"writing is not reading":              {policy.Parameters{Write: policy.Names{List: []string{"/web/*"}}}, get, own + "/web/a", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := decide(t, policy.Restriction{Parameters: test.p}, policy.Request{Principal: arnBob, Action: test.action, Resource: test.resource})
			if (got == policy.Allowed) != test.want {
				t.Errorf("%s on %s: %v, want allowed %t", test.action, test.resource, got, test.want)
			}
		})
	}
}

func TestDecryption(t *testing.T) {
	t.Parallel()
	const (
		keys = "arn:aws:kms:us-east-1:123456789012:key/"
		id   = "1234abcd-12ab-34cd-56ef-1234567890ab"
		ssm  = "ssm.us-east-1.amazonaws.com"
	)
	r := policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{All: true}, Decrypt: []string{id, "alias/web"}}}
	tests := map[string]struct {
		action, key, via string
		aliases          []string
		want             bool
	}{
		"by id":                   {"kms:Decrypt", keys + id, ssm, nil, true},
		"by id, of another":       {"kms:Decrypt", keys + "0000abcd-12ab-34cd-56ef-1234567890ab", ssm, nil, false},
		"by alias":                {"kms:Decrypt", keys + "0000abcd-12ab-34cd-56ef-1234567890ab", ssm, []string{"alias/other", "alias/web"}, true},
		"by another alias":        {"kms:Decrypt", keys + "0000abcd-12ab-34cd-56ef-1234567890ab", ssm, []string{"alias/other"}, false},
		"by alias elsewhere":      {"kms:Decrypt", "arn:aws:kms:us-east-1:444455556666:key/" + id, ssm, []string{"alias/web"}, false},
		"directly":                {"kms:Decrypt", keys + id, "", nil, false},
		"through another service": {"kms:Decrypt", keys + id, "s3.us-east-1.amazonaws.com", nil, false},
		"in another region":       {"kms:Decrypt", keys + id, "ssm.eu-west-1.amazonaws.com", nil, false},
		"encrypting":              {"kms:Encrypt", keys + id, ssm, nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			context := policy.Context{}
			if test.via != "" {
				context["kms:ViaService"] = policy.One(test.via)
			}
			if test.aliases != nil {
				context["kms:ResourceAliases"] = policy.Many(test.aliases...)
			}
			got := decide(t, r, policy.Request{Principal: arnBob, Action: test.action, Resource: test.key, Context: context})
			if (got == policy.Allowed) != test.want {
				t.Errorf("%v, want allowed %t", got, test.want)
			}
		})
	}
}
