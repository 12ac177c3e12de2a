package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

func TestLegsOf(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"ssm:SendCommand":                 "document! node! bucket",
		"SSM:sendcommand":                 "document! node! bucket",
		"ssm:StartSession":                "node! document",
		"ssm:StartAutomationExecution":    "document! automation-execution! automation-definition",
		"ssm:StartChangeRequestExecution": "document! automation-execution! automation-definition",
		"ssm:CreateAssociation":           "association! document! node",
		"ssm:CreateAssociationBatch":      "document! node",
		"ssm:UpdateAssociation":           "association! document node",
		"ssm:TerminateSession":            "session!",
		"ssm:ResumeSession":               "session!",
		"ssm:GetParameter":                "parameter!",
		"ssm:GetParametersByPath":         "parameter!",
		"ssm:StartAccessRequest":          "node!",
		"ssm:AddTagsToResource":           "resource!",
		"ssm:ListCommands":                "*!",
		"ssm:DescribeInstanceInformation": "*!",
		"iam:PassRole":                    "role!",
		"sts:AssumeRole":                  "role!",
		"ec2:AssociateIamInstanceProfile": "node!",
		"ssmmessages:OpenDataChannel":     "session!",
		"nosuch:Action":                   "*!",
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range LegsOf(action) {
				name := l.Type
				if l.Required {
					name += "!"
				}
				got = append(got, name)
			}
			if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
				t.Errorf("LegsOf(%q) (-want +got):\n%s", action, diff)
			}
		})
	}
}

// TestCallsAreAWSs holds the table to the catalogue: every type in it is one
// that AWS lists for the action, and none that AWS requires is left out.
func TestCallsAreAWSs(t *testing.T) {
	t.Parallel()
	for action, legs := range calls {
		known, ok := catalogue.Lookup(action)
		if !ok || known.Name != action {
			t.Errorf("the catalogue has no %s", action)
			continue
		}
		for _, l := range legs {
			for _, name := range l.Types {
				if !slices.ContainsFunc(known.Resources, func(u catalogue.Use) bool { return u.Type == name }) {
					t.Errorf("%s: AWS lists no %s for it", action, name)
				}
			}
		}
		for _, u := range known.Resources {
			if u.Required && !slices.ContainsFunc(legs, func(l Leg) bool { return l.Required && slices.Contains(l.Types, u.Type) }) {
				t.Errorf("%s: %s is required, but not here", action, u.Type)
			}
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	a := acme()
	p := Principal{ID: userID("amy"), ARN: iamARN("user/amy"), Tags: map[string]string{"Team": "web"}}
	instance := Target{Leg: NodeLeg, ARN: "arn:aws:ec2:eu-west-1:" + account + ":instance/" + web1, Tags: map[string]string{"App": "web"}}
	for name, test := range map[string]struct {
		action string
		target Target
		given  policy.Context
		want   map[string]string // "" is absent
	}{
		"tags, as Systems Manager sees them": {
			"ssm:SendCommand", instance, nil,
			map[string]string{"ssm:resourceTag/App": "web", "aws:ResourceTag/App": "web", "ec2:ResourceTag/App": "", "aws:RequestedRegion": "eu-west-1"},
		},
		"tags, as EC2 sees them": {
			"ec2:CreateTags", instance, nil,
			map[string]string{"ec2:ResourceTag/App": "web", "aws:ResourceTag/App": "web", "ssm:resourceTag/App": ""},
		},
		"the principal": {
			"ssm:ListCommands",
			Target{Leg: NoLeg, ARN: "*"},
			nil,
			map[string]string{
				"aws:PrincipalTag/team": "web", "aws:username": "amy", "aws:PrincipalArn": p.ARN, "aws:RequestedRegion": "us-east-1",
				"aws:ResourceAccount": account, "aws:SecureTransport": "true", "ssm:SessionDocumentAccessCheck": "",
			},
		},
		"a session": {
			"ssm:StartSession", instance, nil,
			map[string]string{"ssm:SessionDocumentAccessCheck": "true"},
		},
		"what is given counts, in any case": {
			"ssm:StartSession", instance,
			policy.Context{"SSM:sessiondocumentaccesscheck": policy.One("false"), "aws:SourceIp": policy.One("192.0.2.1")},
			map[string]string{"ssm:SessionDocumentAccessCheck": "false", "aws:SourceIp": "192.0.2.1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := a.Requests(p, test.action, []Target{test.target}, test.given)[0]
			if r.Principal != p.ARN || r.Action != test.action || r.Resource != test.target.ARN || r.Account != account {
				t.Errorf("the request is %+v", r)
			}
			for key, want := range test.want {
				v, ok := r.Lookup(key)
				if got := strings.Join(v.List(), ","); got != want || ok != (want != "") {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}
