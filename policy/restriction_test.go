package policy_test

import (
	"errors"
	"fmt"
	"slices"
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
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := test.r.Compile(test.at)
			golden(t, "testdata/restriction/"+name+".golden", d, err, policy.ForIdentity)
		})
	}
}

// What made the guide's sample grant less, and more, than it says.
func TestGuideMistakesAreGone(t *testing.T) {
	t.Parallel()
	d, err := guide.Compile(here)
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range []string{"ListDocumentsVersions", ` "`, "arn:aws:ssm:::", `/"`, ":*:document", ":*:instance", "bucket_name"} {
		if strings.Contains(d.String(), mistake) {
			t.Errorf("%q is still there: %s", mistake, d)
		}
	}
}

func TestRestrictionRefuses(t *testing.T) {
	t.Parallel()
	run := func(edit func(*policy.Restriction)) policy.Restriction {
		r := policy.Restriction{Documents: policy.Names{List: []string{"deploy"}}, Nodes: policy.Nodes{All: true}}
		edit(&r)
		return r
	}
	documents := func(names ...string) policy.Restriction {
		return run(func(r *policy.Restriction) { r.Documents.List = names })
	}
	tags := func(tags ...map[string]string) policy.Restriction {
		return run(func(r *policy.Restriction) { r.Nodes = policy.Nodes{Tags: tags} })
	}
	buckets := func(names ...string) policy.Restriction {
		return run(func(r *policy.Restriction) { r.Buckets = names })
	}
	many := func(format string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return out
	}
	const (
		name   = `use 3 to 128 of A-Z a-z 0-9 _ - . and, for several, * and ?`
		id     = `write i- and 8 or 17, or mi- and 17, of the digits 0-9 a-f`
		bucket = `use 3 to 63 of a-z 0-9 . and -, the first and last not . or -`
		prefix = `write names of A-Z a-z 0-9 ! _ . ( ) ' - with one slash between them, and no wildcard: what is below is included`
	)
	tests := map[string]struct {
		r    policy.Restriction
		want string
	}{
		"nothing":                     {policy.Restriction{}, `the restriction allows nothing; name documents and instances, or automations to start`},
		"nothing but none":            {policy.Restriction{Commands: policy.Commands{View: "none", Cancel: "none"}, Automation: policy.Automation{Stop: "none"}}, `the restriction allows nothing; name documents and instances, or automations to start`},
		"documents without instances": {policy.Restriction{Documents: policy.Names{All: true}}, `documents: documents without instances cannot be run anywhere; name the instances, or write instances: all`},
		"instances without documents": {policy.Restriction{Nodes: policy.Nodes{All: true}, Automation: policy.Automation{Start: policy.Names{All: true}}}, `instances: instances say where documents may be run, and there are no documents; name documents; automations do not need instances`},
		"buckets without documents":   {policy.Restriction{Buckets: []string{"logs"}, Commands: policy.Commands{View: "any"}}, `buckets: buckets take the output of documents, and there are no documents; name documents, or remove the buckets`},
		"document star":               {documents("deploy", "*"), `documents[1]: "*" would be every document; write all in place of the list, if that is meant`},
		"document stars":              {documents("?*?"), `documents[0]: "?*?" would be every document; write all in place of the list, if that is meant`},
		"document ARN":                {documents("arn:aws:ssm:us-east-1:111122223333:document/x"), `documents[0]: "arn:aws:ssm:us-east-1:111122223333:document/x" is an ARN: documents go by name, and those that other accounts share cannot be allowed; write only the name, after document/`},
		"document empty":              {documents(""), `documents[0]: "" cannot be the name of a document; ` + name},
		"document too short":          {documents("ab"), `documents[0]: "ab" cannot be the name of a document; ` + name},
		"document with a blank":       {documents("deploy "), `documents[0]: "deploy " cannot be the name of a document; ` + name},
		"document with a slash":       {documents("a/../b"), `documents[0]: "a/../b" cannot be the name of a document; ` + name},
		"instance id":                 {run(func(r *policy.Restriction) { r.Nodes = policy.Nodes{IDs: []string{"i-1234567890ABCDEF0"}} }), `instances: "i-1234567890ABCDEF0" is not the id of a node; ` + id},
		"instance star":               {run(func(r *policy.Restriction) { r.Nodes = policy.Nodes{IDs: []string{"i-*"}} }), `instances: "i-*" is not the id of a node; ` + id},
		"hybrid id too short":         {run(func(r *policy.Restriction) { r.Nodes = policy.Nodes{IDs: []string{"mi-12345678"}} }), `instances: "mi-12345678" is not the id of a node; ` + id},
		"no tags":                     {tags(map[string]string{}), `instances: a selection by tags has no tags, which would be every node; name tags, or write instances: all`},
		"tag keys in two cases":       {tags(map[string]string{"Env": "a", "env": "b"}), `instances: IAM does not tell the tag keys Env and env apart; select by one of them`},
		"tag keys in capitals":        {tags(map[string]string{"ENV": "a", "Env": "b"}), `instances: IAM does not tell the tag keys ENV and Env apart; select by one of them`},
		"tag beyond latin":            {tags(map[string]string{"Team": "開発"}), `instances: the tag Team=開発 has a character beyond U+00FF, which IAM takes in no policy; select by another tag`},
		"tag variable":                {tags(map[string]string{"Team": "${aws:username}"}), `instances: IAM would take ${ in the tag Team=${aws:username} for a variable; select by another tag`},
		"tag without key":             {tags(map[string]string{"": "x"}), `instances: "" is not the key of a tag; use 1 to 128 characters`},
		"tag value too long":          {tags(map[string]string{"k": strings.Repeat("x", 257)}), `instances: the value of tag k is longer than AWS allows; use up to 256 characters`},
		"the guide's bucket":          {buckets("bucket_name"), `buckets[0]: no bucket can have the name "bucket_name"; did you mean bucket-name?`},
		"bucket in capitals":          {buckets("Logs"), `buckets[0]: no bucket can have the name "Logs"; did you mean logs?`},
		"bucket too short":            {buckets("ab"), `buckets[0]: no bucket can have the name "ab"; ` + bucket},
		"bucket like an address":      {buckets("192.168.0.1"), `buckets[0]: no bucket can have the name "192.168.0.1"; ` + bucket},
		"bucket with two dots":        {buckets("a..b"), `buckets[0]: no bucket can have the name "a..b"; ` + bucket},
		"bucket star":                 {buckets("*"), `buckets[0]: no bucket can have the name "*"; ` + bucket},
		"bucket ARN":                  {buckets("arn:aws:s3:::logs"), `buckets[0]: "arn:aws:s3:::logs" is not the name of a bucket; write only bucket, or bucket/prefix`},
		"bucket URL":                  {buckets("s3://logs"), `buckets[0]: "s3://logs" is not the name of a bucket; write only bucket, or bucket/prefix`},
		"bucket and all below":        {buckets("logs/*"), `buckets[0]: "*" is not a prefix for keys; ` + prefix},
		"bucket and a slash":          {buckets("logs/"), `buckets[0]: "" is not a prefix for keys; ` + prefix},
		"bucket and two slashes":      {buckets("logs/a//b"), `buckets[0]: "a//b" is not a prefix for keys; ` + prefix},
		"own commands":                {run(func(r *policy.Restriction) { r.Commands.Cancel = "own" }), `commands.cancel: IAM cannot tell one's own commands from those of others; write any or none`},
		"view own commands":           {run(func(r *policy.Restriction) { r.Commands.View = "own" }), `commands.view: IAM cannot tell one's own commands from those of others; write any or none`},
		"all commands":                {run(func(r *policy.Restriction) { r.Commands.Cancel = "all" }), `commands.cancel: "all" is neither any nor none; write one of them`},
		"own automations":             {policy.Restriction{Automation: policy.Automation{Stop: "own"}}, "automation.stop: IAM cannot tell one's own automation executions from those of others; write any or none"},
		"runbook":                     {policy.Restriction{Automation: policy.Automation{Start: policy.Names{List: []string{"x y"}}}}, `automation.start[0]: "x y" cannot be the name of a document; ` + name},
		"too many instances": {run(func(r *policy.Restriction) {
			r.Nodes = policy.Nodes{IDs: slices.Repeat(many("i-%017x", 100), 2)}
		}), `instances: the policy comes to 7482 characters, and IAM takes 6144; select its 100 instances by tags, which take the same space however many there are, or split the restriction in two`},
		"too many documents": {
			documents(many("document-%03d", 120)...),
			`documents: the policy comes to 8015 characters, and IAM takes 6144; name its 120 documents by patterns such as team-*, or split the restriction in two`,
		},
		"too many runbooks": {
			policy.Restriction{Automation: policy.Automation{Start: policy.Names{List: many("runbook-%03d", 60)}}},
			`automation.start: the policy comes to 8685 characters, and IAM takes 6144; name its 60 runbooks by patterns such as team-*, or split the restriction in two`,
		},
		"too many buckets": {
			buckets(many("bucket-%03d/ssm", 100)...),
			`buckets: the policy comes to 6865 characters, and IAM takes 6144; name fewer than its 100 buckets, or split the restriction in two`,
		},
		"too many selections": {tags(func() (out []map[string]string) {
			for _, app := range many("app-%03d", 40) {
				out = append(out, map[string]string{"App": app})
			}
			return out
		}()...), `instances: the policy comes to 9844 characters, and IAM takes 6144; give the nodes of its 40 selections one tag in common and select by that, or split the restriction in two`},
		"all at once": {policy.Restriction{Documents: policy.Names{List: []string{"x y"}}, Buckets: []string{"B"}, Commands: policy.Commands{Cancel: "own"}}, strings.Join([]string{
			`documents[0]: "x y" cannot be the name of a document; ` + name,
			`buckets[0]: no bucket can have the name "B"; ` + bucket,
			`commands.cancel: IAM cannot tell one's own commands from those of others; write any or none`,
			`documents: documents without instances cannot be run anywhere; name the instances, or write instances: all`,
		}, "\n")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := test.r.Compile(here)
			if _, ok := errors.AsType[policy.Problems](err); !ok {
				t.Fatalf("error %v is not Problems", err)
			}
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLargestRestriction(t *testing.T) {
	t.Parallel()
	compile := func(last int) (policy.Document, error) {
		r := policy.Restriction{Nodes: policy.Nodes{All: true}}
		for i := range 35 {
			r.Documents.List = append(r.Documents.List, fmt.Sprintf("%0100d", i))
		}
		r.Documents.List = append(r.Documents.List, strings.Repeat("a", last))
		return r.Compile(here)
	}
	small, err := compile(3)
	if err != nil {
		t.Fatal(err)
	}
	fits := 3 + policy.MaxManaged - small.Size()
	if d, err := compile(fits); err != nil || d.Size() != policy.MaxManaged {
		t.Errorf("%d characters: %v", d.Size(), err)
	}
	if d, err := compile(fits + 1); err == nil {
		t.Errorf("%d characters are no error", d.Size())
	}
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
		if diff := cmp.Diff(d.String(), e.String()); diff != "" || !d.Equal(e) {
			t.Fatalf("(-one order +another)\n%s", diff)
		}
	})
}

func TestBucketWrite(t *testing.T) {
	t.Parallel()
	d, err := policy.BucketWrite(here, []string{"acme-logs/sessions", "acme-logs/commands/", "other"})
	golden(t, "testdata/bucket_write.golden", d, err, policy.ForIdentity)

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
