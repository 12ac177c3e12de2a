package view

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	r := renderer{where: planner.Environment{Partition: "aws", Account: "123456789012", Region: "us-east-1"}}
	cases := map[string]struct{ statement, want string }{
		"one of each": {
			`{"Sid":"x","Effect":"Allow","Action":"ssm:SendCommand","Resource":"arn:aws:ssm:us-east-1:123456789012:document/deploy"}`,
			"allow ssm:SendCommand on document/deploy",
		},
		"four are named": {
			`{"Effect":"Allow","Action":["ssm:A","ssm:B","ssm:C","ssm:D"],"Resource":"*"}`,
			"allow ssm:A, ssm:B, ssm:C, ssm:D on *",
		},
		"five are folded": {
			`{"Effect":"Allow","Action":["ssm:A","ssm:B","ssm:C","ssm:D","ssm:E"],"Resource":"*"}`,
			"allow ssm:A, ssm:B, ssm:C, +2 on *",
		},
		"a wildcard is never folded": {
			`{"Effect":"Allow","Action":["ssm:A","ssm:B","ssm:C","ssm:D","ssm:Send*"],"Resource":"*"}`,
			"allow ssm:A, ssm:B, ssm:C, ssm:Send*, +1 on *",
		},
		"a policy variable is never folded": {
			`{"Effect":"Allow","Action":"ssm:A","Resource":["arn:x:1","arn:x:2","arn:x:3","arn:x:4","arn:x:${aws:username}"]}`,
			"allow ssm:A on arn:x:1, arn:x:2, arn:x:3, arn:x:${aws:username}, +1",
		},
		"another service is never folded": {
			`{"Effect":"Allow","Action":["ssm:A","ssm:B","ssm:C","ssm:D","iam:PassRole"],"Resource":"*"}`,
			"allow ssm:A, ssm:B, ssm:C, iam:PassRole, +1 on *",
		},
		"another type of resource is never folded": {
			`{"Effect":"Allow","Action":"x:y","Resource":["arn:aws:ec2:us-east-1:123456789012:instance/i-1","arn:aws:ec2:us-east-1:123456789012:instance/i-2","arn:aws:ec2:us-east-1:123456789012:instance/i-3","arn:aws:ec2:us-east-1:123456789012:instance/i-4","arn:aws:ec2:us-east-1:123456789012:volume/v-1"]}`,
			"allow x:y on instance/i-1, instance/i-2, instance/i-3, volume/v-1, +1",
		},
		"exceptions are named in full": {
			`{"Effect":"Deny","NotAction":["a:1","a:2","a:3","a:4","a:5"],"NotResource":["r"],"NotPrincipal":"*"}`,
			"deny everything but a:1, a:2, a:3, a:4, a:5 on everything but r for everything but *",
		},
		"any account, another account and another region stand out": {
			`{"Effect":"Allow","Action":"a:b","Resource":["arn:aws:ssm:us-east-1:*:document/d","arn:aws:ssm:us-east-1:999999999999:document/d","arn:aws:ssm:eu-west-1:123456789012:document/d","arn:aws-cn:ssm:us-east-1:123456789012:document/d"]}`,
			"allow a:b on arn:aws:ssm:us-east-1:*:document/d, arn:aws:ssm:us-east-1:999999999999:document/d, arn:aws:ssm:eu-west-1:123456789012:document/d, arn:aws-cn:ssm:us-east-1:123456789012:document/d",
		},
		"principals": {
			`{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ssm.amazonaws.com"],"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}`,
			"allow sts:AssumeRole for ec2.amazonaws.com, ssm.amazonaws.com, AWS arn:aws:iam::123456789012:root",
		},
		"conditions": {
			`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"ssm:resourceTag/App":["web","db"]},"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`,
			"allow a:b on * if ssm:resourceTag/App StringEquals web, db and aws:MultiFactorAuthPresent Bool true",
		},
		"a condition without a key": {
			`{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{}}}`,
			"allow a:b on * if Bool {}",
		},
		"a resource that is empty":      {`{"Effect":"Deny","Action":"a:b","Resource":""}`, `{"Effect":"Deny","Action":"a:b","Resource":""}`},
		"an entry cannot pass for more": {`{"Effect":"Deny","Action":"a:b, a:c on x","Resource":"*"}`, `deny "a:b, a:c on x" on *`},
		"an unknown member":             {`{"Effect":"Allow","Action":"a:b","Resource":"*","Unless":"never"}`, `{"Effect":"Allow","Action":"a:b","Resource":"*","Unless":"never"}`},
		"no effect":                     {`{"Action":"a:b","Resource":"*"}`, `{"Action":"a:b","Resource":"*"}`},
		"no action":                     {`{"Effect":"Allow","Resource":"*"}`, `{"Effect":"Allow","Resource":"*"}`},
		"no statement":                  {`true`, `true`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := parse([]byte(c.statement))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, r.sentence(v)); diff != "" {
				t.Errorf("sentence of %s (-want +got):\n%s", c.statement, diff)
			}
		})
	}
}

// TestSentences demands a sentence for exactly the lines of each statement.
func TestSentences(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Version":"2012-10-17","Id":[],"Statement":[{"Effect":"Allow","Action":["a:b"]},{"Effect":"Deny","Action":"c:d"}],"Statement":[],"X":{"y":[1]}}`)
	within := renderer{}.sentences(doc)
	var got []string
	for i, line := range doc.lines() {
		got = append(got, line+" | "+within[i])
	}
	want := []string{
		`{ | `, `  "Version": "2012-10-17", | `, `  "Id": [], | `, `  "Statement": [ | `,
		`    { | allow a:b`, `      "Effect": "Allow", | allow a:b`, `      "Action": [ | allow a:b`, `        "a:b" | allow a:b`, `      ] | allow a:b`, `    }, | allow a:b`,
		`    { | deny c:d`, `      "Effect": "Deny", | deny c:d`, `      "Action": "c:d" | deny c:d`, `    } | deny c:d`,
		`  ], | `, `  "Statement": [], | `, `  "X": { | `, `    "y": [ | `, `      1 | `, `    ] | `, `  } | `, `} | `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines and what they are in (-want +got):\n%s", diff)
	}
	if len(within) != len(got) {
		t.Errorf("sentences for %d lines of %d", len(within), len(got))
	}
}
