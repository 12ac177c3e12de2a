package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
	"pgregory.net/rapid"
)

// guide is what the guide's own sample policy set out to allow.
var guide = policy.Restriction{
	Documents:  policy.Names{List: []string{"name_of_restrictive_document"}},
	Nodes:      policy.Nodes{IDs: []string{"i-1234567890abcdef0", "i-0598c7d356eba48d7", "i-345678abcdef12345"}},
	Buckets:    []string{"bucket-name"},
	Commands:   policy.Commands{Cancel: "any"},
	Automation: policy.Automation{Start: policy.Names{All: true}, Stop: "any"},
}

func TestRestriction(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		r  policy.Restriction
		at policy.Place
	}{
		"guide": {guide, here},
		"all":   {policy.Restriction{Documents: policy.Names{All: true}, Nodes: policy.Nodes{All: true}}, here},
		"names": {policy.Restriction{
			Documents: policy.Names{List: []string{"AWS-RunPatchBaseline", "Amazon*", "amznX", "team-*", "a*", "team-*"}},
			Nodes:     policy.Nodes{IDs: []string{"i-12345678", "mi-1234567890abcdef0"}},
			Commands:  policy.Commands{View: "none", Cancel: "none"},
		}, here},
		"tags": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy"}},
			Nodes: policy.Nodes{IDs: []string{"i-1234567890abcdef0"}, Tags: []map[string]string{
				{"Env": "dev", "App": "web"}, {"Team": "a/b c"}, {"app": "web", "env": "dev"}, {"aws:autoscaling:groupName": "é*"},
			}},
		}, here},
		"all_and_more": {policy.Restriction{
			Documents: policy.Names{All: true, List: []string{"x-doc"}},
			Nodes:     policy.Nodes{All: true, IDs: []string{"i-12345678"}, Tags: []map[string]string{{"a": "b"}}},
		}, here},
		"buckets": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{All: true}, Buckets: []string{"logs/ssm/", "logs", "other.logs/a'b"},
		}, policy.Place{Partition: "aws-cn", Account: "123456789012", Region: "cn-north-1"}},
		"automation":      {policy.Restriction{Automation: policy.Automation{Start: policy.Names{List: []string{"AWS-RestartEC2Instance", "acme-*"}}}}, here},
		"automation_stop": {policy.Restriction{Automation: policy.Automation{Stop: "any"}}, here},
		"commands":        {policy.Restriction{Commands: policy.Commands{View: "any", Cancel: "any"}}, here},
		"shell": {policy.Restriction{
			Nodes:    policy.Nodes{IDs: []string{"i-1234567890abcdef0"}, Tags: []map[string]string{{"App": "web"}}},
			Sessions: policy.Sessions{Shell: true},
		}, here},
		"tunnels": {policy.Restriction{
			Nodes: policy.Nodes{All: true},
			Sessions: policy.Sessions{
				SSH: true, PortForwarding: "remote", Documents: policy.Names{List: []string{"acme-tunnel-*", "AWS-StartSSHSession"}}, Terminate: "any",
			},
		}, here},
		"port":          {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{PortForwarding: "node", Terminate: "none"}}, here},
		"sessions_all":  {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Documents: policy.Names{All: true}, Shell: true}}, here},
		"terminate":     {policy.Restriction{Sessions: policy.Sessions{Terminate: "any"}}, here},
		"terminate_own": {policy.Restriction{Sessions: policy.Sessions{Terminate: "own"}}, here},
		"parameters": {policy.Restriction{Parameters: policy.Parameters{
			Read:  policy.Names{List: []string{"/web/*", "db-password", "/team/*/url", "/aws/service/ami-amazon-linux-latest/*", "/aws/reference/secretsmanager/web"}},
			Write: policy.Names{List: []string{"/web/version"}},
			Decrypt: []string{
				"1234abcd-12ab-34cd-56ef-1234567890ab", "alias/web", "alias/ops", "mrk-1234abcd12ab34cd56ef1234567890ab",
				"arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:us-east-1:444455556666:alias/shared",
			},
		}}, here},
		"parameters_all": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{All: true}, Write: policy.Names{All: true}}}, here},
		"regions": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy", "AWS-RunPatchBaseline"}}, Nodes: policy.Nodes{IDs: []string{"i-12345678"}, Tags: []map[string]string{{"App": "web"}}},
			Buckets: []string{"logs"}, Automation: policy.Automation{Start: policy.Names{List: []string{"deploy"}}}, Sessions: policy.Sessions{Shell: true},
			Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/*"}}, Decrypt: []string{"alias/web"}},
			Regions:    []string{"us-east-1", "eu-west-1", "us-east-1"},
		}, here},
		"expires":      {policy.Restriction{Commands: policy.Commands{View: "any"}, Sessions: policy.Sessions{Terminate: "any"}, Expires: "2027-03-31"}, here},
		"expires_time": {policy.Restriction{Commands: policy.Commands{View: "any"}, Expires: "2027-03-31T18:00:00.9+02:00"}, here},
		"conditions": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{Tags: []map[string]string{{"App": "web"}}}, Sessions: policy.Sessions{Shell: true},
			Conditions: json.RawMessage(`{"Bool": {"aws:MultiFactorAuthPresent": "true"}, "stringequals": {"AWS:PrincipalTag/Team": ["web", "ops"]}}`),
		}, here},
		"limits/boundary": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{All: true}, Expires: "2027-03-31", Enforce: "boundary",
		}, here},
		"limits/deny_parameters": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/*", "/db/url"}}}, Enforce: "deny"}, here},
		"limits/deny": {policy.Restriction{
			Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{IDs: []string{"i-12345678"}, Tags: []map[string]string{{"App": "web", "Env": "dev"}, {"App": "db"}}},
			Buckets: []string{"logs"}, Commands: policy.Commands{View: "none", Cancel: "none"},
			Automation: policy.Automation{Start: policy.Names{List: []string{"deploy"}}, Stop: "none"}, Sessions: policy.Sessions{Shell: true},
			Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web"}}, Write: policy.Names{All: true}, Decrypt: []string{"alias/web", "1234abcd-12ab-34cd-56ef-1234567890ab"}},
			Conditions: json.RawMessage(`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`), Expires: "2027-03-31", Enforce: "deny",
		}, here},
		"many": {policy.Restriction{
			Documents: policy.Names{List: many("document-%03d", 90)}, Nodes: policy.Nodes{Tags: []map[string]string{{"App": "web"}}, IDs: many("i-%017x", 40)},
			Sessions: policy.Sessions{Shell: true},
		}, here},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			goldens(t, "testdata/restriction/"+name, test.r, test.at)
		})
	}
}

// What made the guide's sample grant less, and more, than it says.
func TestGuideMistakesAreGone(t *testing.T) {
	t.Parallel()
	d := compileOne(t, guide)
	for _, mistake := range []string{"ListDocumentsVersions", ` "`, "arn:aws:ssm:::", `/"`, ":*:document", ":*:instance", "bucket_name"} {
		if strings.Contains(d.String(), mistake) {
			t.Errorf("%q is still there: %s", mistake, d)
		}
	}
}

// goldens compares the policies that r becomes with files, NAME.golden,
// NAME-2.golden and so on, and demands that IAM would take each.
func goldens(t *testing.T, name string, r policy.Restriction, at policy.Place) {
	t.Helper()
	documents, err := r.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range documents {
		file := name + ".golden"
		if i > 0 {
			file = fmt.Sprintf("%s-%d.golden", name, i+1)
		}
		golden(t, file, d, nil, policy.ForIdentity)
	}
	if _, err := os.Stat(fmt.Sprintf("%s-%d.golden", name, len(documents)+1)); err == nil {
		t.Errorf("there is a golden file for a policy beyond the %d", len(documents))
	}
}

// compileOne compiles a restriction that is one policy.
func compileOne(t testing.TB, r policy.Restriction) policy.Document {
	t.Helper()
	documents, err := r.Compile(here)
	if err != nil || len(documents) != 1 {
		t.Fatalf("%d policies: %v", len(documents), err)
	}
	return documents[0]
}

func TestRestrictionDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	names := rapid.SampledFrom([]string{"AWS-A*", "one", "two", "a-*"})
	rapid.Check(t, func(t *rapid.T) {
		r := policy.Restriction{
			Documents: policy.Names{List: rapid.SliceOfN(names, 1, 4).Draw(t, "documents")},
			Nodes: policy.Nodes{
				IDs: rapid.SliceOfN(rapid.SampledFrom([]string{"i-12345678", "mi-1234567890abcdef0", "i-1234567890abcdef0"}), 0, 4).Draw(t, "ids"),
				Tags: rapid.SliceOfN(rapid.SampledFrom([]map[string]string{
					{"Env": "dev"}, {"env": "dev"}, {"ENV": "dev"}, {"App": "web", "Env": "dev"}, {"app": "web"},
				}), 1, 5).Draw(t, "tags"),
			},
			Buckets:    rapid.SliceOfN(rapid.SampledFrom([]string{"logs", "logs/x", "abc"}), 0, 4).Draw(t, "buckets"),
			Automation: policy.Automation{Start: policy.Names{List: rapid.SliceOfN(names, 0, 4).Draw(t, "start")}},
		}
		d, err := r.Compile(here)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []*[]string{&r.Documents.List, &r.Nodes.IDs, &r.Buckets, &r.Automation.Start.List} {
			*list = rapid.Permutation(*list).Draw(t, "permutation")
		}
		r.Nodes.Tags = rapid.Permutation(r.Nodes.Tags).Draw(t, "permutation")
		e, err := r.Compile(here)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts(d), texts(e)); diff != "" {
			t.Fatalf("(-one order +another)\n%s", diff)
		}
	})
}

func TestBucketWrite(t *testing.T) {
	t.Parallel()
	d, err := policy.BucketWrite(here, []string{"acme-logs/sessions", "acme-logs/commands/", "other"})
	golden(t, "testdata/bucket_write.golden", d, err, policy.ForIdentity)
	if n := strings.Count(d.String(), `"arn:aws:s3:::acme-logs"`); n != 1 {
		t.Errorf("the bucket of two prefixes is named %d times, want once:\n%s", n, d)
	}

	for name, test := range map[string]struct {
		buckets []string
		want    string
	}{
		"none":  {nil, `buckets: no bucket is named; name one`},
		"names": {[]string{"acme", "bucket_name"}, `buckets[1]: no bucket can have the name "bucket_name"; did you mean bucket-name?`},
	} {
		_, err := policy.BucketWrite(here, test.buckets)
		if diff := cmp.Diff(test.want, message(err)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestOwnedByAWS(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"AWS-RunShellScript": true, "awsome": true, "AmazonCloudWatch-ManageAgent": true, "AMZN-x": true,
		"AWSSupport-*": true, "A*": false, "amaz": false, "team-AWS": false, "*": false, "": false,
	} {
		if got := policy.OwnedByAWS(name); got != want {
			t.Errorf("OwnedByAWS(%q) = %t", name, got)
		}
	}
}

// texts returns what is sent to AWS.
func texts(documents []policy.Document) (all []string) {
	for _, d := range documents {
		all = append(all, d.String())
	}
	return all
}

func many(format string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return out
}
