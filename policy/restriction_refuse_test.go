package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

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
	conditions := func(text string) policy.Restriction {
		return policy.Restriction{Documents: policy.Names{All: true}, Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Shell: true}, Conditions: []byte(text)}
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
		"nothing":                     {policy.Restriction{}, `the restriction allows nothing; name documents and instances, sessions, automations to start, or parameters`},
		"nothing but none":            {policy.Restriction{Commands: policy.Commands{View: "none", Cancel: "none"}, Automation: policy.Automation{Stop: "none"}}, `the restriction allows nothing; name documents and instances, sessions, automations to start, or parameters`},
		"documents without instances": {policy.Restriction{Documents: policy.Names{All: true}}, `documents: documents without instances cannot be run anywhere; name the instances, or write instances: all`},
		"instances without documents": {policy.Restriction{Nodes: policy.Nodes{All: true}, Automation: policy.Automation{Start: policy.Names{All: true}}}, `instances: instances say where documents are run and sessions opened, and there are neither; name documents or sessions; automations do not need instances`},
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
			r.Nodes = policy.Nodes{IDs: slices.Repeat(many("i-%017x", 900), 2)}
		}), `instances: the restriction comes to 60282 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; select its 900 instances by tags, which take the same space however many there are, or split the restriction in two`},
		"too many documents": {
			documents(many("document-%04d", 1100)...),
			`documents: the restriction comes to 66935 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name its 1100 documents by patterns such as team-*, or split the restriction in two`,
		},
		"too many runbooks": {
			policy.Restriction{Automation: policy.Automation{Start: policy.Names{List: many("runbook-%04d", 600)}}},
			`automation.start: the restriction comes to 80625 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name its 600 runbooks by patterns such as team-*, or split the restriction in two`,
		},
		"too many buckets": {
			buckets(many("bucket-%04d/ssm", 1200)...),
			`buckets: the restriction comes to 73065 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name fewer than its 1200 buckets, or split the restriction in two`,
		},
		"too many selections": {tags(func() (out []map[string]string) {
			for _, app := range many("app-%03d", 400) {
				out = append(out, map[string]string{"App": app})
			}
			return out
		}()...), `instances: the restriction comes to 91204 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; give the nodes of its 400 selections one tag in common and select by that, or split the restriction in two`},
		"too many for sessions":   {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Documents: policy.Names{List: many("document-%04d", 1100)}}}, `sessions.documents: the restriction comes to 67373 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name its 1100 documents for sessions by patterns such as team-*, or split the restriction in two`},
		"too many to read":        {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: many("/team/%04d", 1100)}}}, `parameters.read: the restriction comes to 62867 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name its 1100 parameters to read by paths such as /team/*, or split the restriction in two`},
		"too many to write":       {policy.Restriction{Parameters: policy.Parameters{Write: policy.Names{List: many("/team/%04d", 1100)}}}, `parameters.write: the restriction comes to 62925 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name its 1100 parameters to write by paths such as /team/*, or split the restriction in two`},
		"too many keys":           {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{All: true}, Decrypt: many("alias/k%04d", 500)}}, `parameters.decrypt: the restriction comes to 112859 characters, too many for 10 policies of 6144, which is what IAM takes on one principal; name fewer than its 500 keys, or split the restriction in two`},
		"too much for a boundary": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: many("/team/%04d", 150)}}, Enforce: "boundary"}, `parameters.read: the restriction comes to 8855 characters, and IAM takes 6144 in the one boundary that a principal has; name its 150 parameters to read by paths such as /team/*, or split the restriction in two`},
		"too much to deny":        {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: many("/team/%04d", 150)}}, Enforce: "deny"}, `parameters.read: the restriction comes to 8766 characters, and IAM takes 6144 in the policy that has to name at once all that one action is left; name its 150 parameters to read by paths such as /team/*, or split the restriction in two`},
		"too many combinations to deny": {policy.Restriction{Documents: policy.Names{All: true}, Nodes: policy.Nodes{Tags: []map[string]string{
			{"A": "1", "B": "1", "C": "1", "D": "1"},
			{"A": "2", "B": "2", "C": "2", "D": "2"},
			{"A": "3", "B": "3", "C": "3", "D": "3"},
			{"A": "4", "B": "4", "C": "4", "D": "4"},
			{"A": "5", "B": "5", "C": "5", "D": "5"},
		}}, Enforce: "deny"}, `instances: its 5 selections by tags have more than 256 combinations to deny; give the nodes one tag in common and select by that`},
		"no such enforcement":        {run(func(r *policy.Restriction) { r.Enforce = "ask" }), `enforce: "ask" is none of grant, boundary and deny; write one of them`},
		"deny nothing":               {policy.Restriction{Commands: policy.Commands{View: "any"}, Enforce: "deny"}, `the restriction denies nothing: it speaks of no action; name documents and instances, sessions, automations or parameters`},
		"sessions without instances": {policy.Restriction{Sessions: policy.Sessions{SSH: true}}, `sessions: sessions without instances cannot be opened anywhere; name the instances, or write instances: all`},
		"session document":           {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Documents: policy.Names{List: []string{"*"}}}}, `sessions.documents[0]: "*" would be every document; write all in place of the list, if that is meant`},
		"forwarding":                 {policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{PortForwarding: "all"}}, `sessions.port_forwarding: "all" is neither node nor remote; write one of them, or true for node`},
		"whose sessions":             {policy.Restriction{Sessions: policy.Sessions{Terminate: "all"}}, `sessions.terminate: "all" is none of own, any and none; write one of them`},
		"region":                     {run(func(r *policy.Restriction) { r.Regions = []string{"eu-west-1", "Europe"} }), `regions[1]: "Europe" is not a region; write one such as us-east-1`},
		"ids in another region": {run(func(r *policy.Restriction) {
			r.Nodes, r.Regions = policy.Nodes{IDs: []string{"i-12345678"}}, []string{"eu-west-1"}
		}), `regions: instances that go by id are in us-east-1, the region of the spec, where the restriction does not hold; add us-east-1, or select the instances by tags`},
		"every parameter": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/*", "*"}}}}, strings.Join([]string{
			`parameters.read[0]: "/*" would be every parameter; write all in place of the list, if that is meant`,
			`parameters.read[1]: "*" would be every parameter; write all in place of the list, if that is meant`,
		}, "\n")},
		"parameter ARN":         {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"arn:aws:ssm:us-east-1:123456789012:parameter/web"}}}}, `parameters.read[0]: "arn:aws:ssm:us-east-1:123456789012:parameter/web" is an ARN: parameters go by name; write only the name, after parameter, with its slash if it is a path`},
		"parameter and a slash": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/web/"}}}}, `parameters.read[0]: "/web/" ends in a slash, as no name does; write /web/* for it and all below`},
		"parameter without one": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"web/a"}}}}, `parameters.read[0]: "web/a" has a slash but does not begin with one, as paths do; write /web/a`},
		"parameter and two": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"//web/*", "", "/web/a b"}}}}, strings.Join([]string{
			`parameters.read[0]: "//web/*" cannot be the name of a parameter; use A-Z a-z 0-9 _ . - with one slash before each part of a path and, for several, * and ?`,
			`parameters.read[1]: "" cannot be the name of a parameter; use A-Z a-z 0-9 _ . - with one slash before each part of a path and, for several, * and ?`,
			`parameters.read[2]: "/web/a b" cannot be the name of a parameter; use A-Z a-z 0-9 _ . - with one slash before each part of a path and, for several, * and ?`,
		}, "\n")},
		"parameter of AWS's": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{List: []string{"/aws/*", "SSM-x"}}}}, strings.Join([]string{
			`parameters.read[0]: no parameter can be named "/aws/*": names do not begin with aws or ssm, but for AWS's own; name what is meant, such as /aws/service/*`,
			`parameters.read[1]: no parameter can be named "SSM-x": names do not begin with aws or ssm, but for AWS's own; name what is meant, such as /aws/service/*`,
		}, "\n")},
		"writing AWS's": {policy.Restriction{Parameters: policy.Parameters{Write: policy.Names{List: []string{"/aws/service/x"}}}}, `parameters.write[0]: "/aws/service/x" is AWS's own, and nobody else writes it; leave it out`},
		"keys": {policy.Restriction{Parameters: policy.Parameters{Read: policy.Names{All: true}, Decrypt: []string{
			"web", "1234", "alias/", "arn:aws-cn:kms:cn-north-1:123456789012:alias/x", "arn:aws:kms:eu-west-1:123456789012:alias/x",
		}}}, strings.Join([]string{
			`parameters.decrypt[0]: "web" is no KMS key; did you mean alias/web?`,
			`parameters.decrypt[1]: "1234" is no KMS key; did you mean alias/1234?`,
			`parameters.decrypt[2]: "alias/" is no KMS key; write the id of a key, alias/NAME, or the ARN of either`,
			`parameters.decrypt[3]: "arn:aws-cn:kms:cn-north-1:123456789012:alias/x" is of partition aws-cn, and the restriction of aws; name a key of this partition`,
			`parameters.decrypt[4]: "arn:aws:kms:eu-west-1:123456789012:alias/x" is of region eu-west-1, where the restriction does not hold; name a key of the same region, or add the region`,
		}, "\n")},
		"keys without parameters":   {policy.Restriction{Parameters: policy.Parameters{Decrypt: []string{"alias/web"}}}, `parameters.decrypt: keys decrypt the parameters to read, and there are none; name parameters under read, or remove the keys`},
		"conditions, not an object": {conditions(`[]`), `conditions: expected a condition in braces, found a list`},
		"conditions, two values":    {conditions(`{}, "NotAction": "x"`), `conditions: there is more after the end: ','; keep one JSON value`},
		"conditions, empty":         {conditions(`{}`), `conditions: the conditions ask nothing; write one, such as Bool: {aws:MultiFactorAuthPresent: true}, or remove the key`},
		"conditions, no operator": {conditions(`{"StringEqual": {"aws:username": "x"}, "Bool": {"mfa": "true"}}`), strings.Join([]string{
			`conditions.Bool.mfa: "mfa" is not a condition key; write service:key, such as aws:SourceAccount`,
			`conditions.StringEqual: IAM has no condition operator "StringEqual"; write one such as StringEquals, StringLike, ArnLike or Bool`,
		}, "\n")},
		"conditions on tags": {conditions(`{"StringEquals": {"aws:ResourceTag/App": "web", "SSM:resourceTag/App": "web"}}`), strings.Join([]string{
			`conditions.StringEquals["SSM:resourceTag/App"]: SSM:resourceTag/App asks for a tag of each resource of a request, and documents and sessions have none of a node's, so nothing would be allowed; select the nodes by tags, under instances`,
			`conditions.StringEquals["aws:ResourceTag/App"]: aws:ResourceTag/App asks for a tag of each resource of a request, and documents and sessions have none of a node's, so nothing would be allowed; select the nodes by tags, under instances`,
		}, "\n")},
		"conditions that never meet": {conditions(`{"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "false"}}`), `conditions.BoolIfExists["ssm:SessionDocumentAccessCheck"]: the restriction itself asks for BoolIfExists of ssm:SessionDocumentAccessCheck, and IAM cannot ask for both; leave this out, or grant by inline`},
		"conditions and expires": {func() policy.Restriction {
			r := conditions(`{"DateLessThan": {"AWS:currenttime": "2027-01-01"}}`)
			r.Expires = "2027-01-01"
			return r
		}(), `conditions.DateLessThan["AWS:currenttime"]: expires says when the restriction ends, and so does this; keep one of them`},
		"conditions without an opposite": {func() policy.Restriction {
			r := conditions(`{"NumericLessThan": {"aws:MultiFactorAuthAge": ["1", "2"]}}`)
			r.Enforce = "deny"
			return r
		}(), `conditions.NumericLessThan["aws:MultiFactorAuthAge"]: IAM has no opposite of NumericLessThan with these values, so it cannot be denied where it does not hold; enforce it as a grant or boundary, or ask for it by another operator`},
		"conditions on what is denied": {policy.Restriction{
			Parameters: policy.Parameters{Read: policy.Names{All: true}, Decrypt: []string{"alias/web"}}, Conditions: []byte(`{"StringNotLike": {"kms:viaservice": "s3.*"}}`), Enforce: "deny",
		}, `conditions.StringNotLike["kms:viaservice"]: what is denied is itself told by StringLike of kms:viaservice, and IAM cannot ask for both; leave this out, or enforce it as a grant or boundary`},
		"expires":           {run(func(r *policy.Restriction) { r.Expires = "2027-02-29" }), `expires: "2027-02-29" is neither a day nor a time; write a day, such as 2027-03-31, whose end in UTC is meant, or a time such as 2027-03-31T18:00:00Z`},
		"expires, no zone":  {run(func(r *policy.Restriction) { r.Expires = "2027-02-28T18:00:00" }), `expires: "2027-02-28T18:00:00" is neither a day nor a time; write a day, such as 2027-03-31, whose end in UTC is meant, or a time such as 2027-03-31T18:00:00Z`},
		"expires, too late": {run(func(r *policy.Restriction) { r.Expires = "9999-12-31" }), `expires: "9999-12-31" is neither a day nor a time; write a day, such as 2027-03-31, whose end in UTC is meant, or a time such as 2027-03-31T18:00:00Z`},
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
