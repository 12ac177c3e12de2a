package policy_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

const (
	arnBob      = "arn:aws:iam::123456789012:user/bob"
	arnBobAdmin = "arn:aws:iam::123456789012:user/bob-admin"
	arnOncall   = "arn:aws:sts::123456789012:assumed-role/oncall/bob"
	webNode     = "arn:aws:ec2:us-east-1:123456789012:instance/i-1234567890abcdef0"
	hybridNode  = "arn:aws:ssm:us-east-1:123456789012:managed-instance/mi-1234567890abcdef0"
)

// ids are what aws:userid holds for who asks.
var ids = map[string]string{arnBob: "AIDABOB", arnBobAdmin: "AIDABOBADMIN", arnOncall: "AROAONCALL:bob"}

// session returns the request of someone about a session that owner opened.
func session(who, action, name, owner string) policy.Request {
	return policy.Request{
		Principal: who, Action: action, Resource: "arn:aws:ssm:us-east-1:123456789012:session/" + name,
		Context: policy.Context{"aws:userid": policy.One(ids[who]), "ssm:resourceTag/aws:ssmmessages:session-id": policy.One(ids[owner])},
	}
}

// decide returns what a restriction that grants says to a request.
func decide(t *testing.T, r policy.Restriction, q policy.Request) policy.Verdict {
	t.Helper()
	documents, err := r.Compile(here)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Policies{Identity: documents}.Decide(q).Verdict
}

func TestWhoseSessions(t *testing.T) {
	t.Parallel()
	shell := policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Shell: true}}
	anybodys, nobodys := shell, shell
	anybodys.Sessions.Terminate = "any"
	nobodys.Sessions.Terminate = "none"
	const end, resume = "ssm:TerminateSession", "ssm:ResumeSession"
	tests := map[string]struct {
		r    policy.Restriction
		q    policy.Request
		want policy.Verdict
	}{
		"a user ends their own":                    {shell, session(arnBob, end, "bob-0a1b2c3d4e5f67890", arnBob), policy.Allowed},
		"a user resumes their own":                 {shell, session(arnBob, resume, "bob-0a1b2c3d4e5f67890", arnBob), policy.Allowed},
		"a user whose name is the start of theirs": {shell, session(arnBob, end, "bob-admin-0a1b2c3d4e5f67890", arnBobAdmin), policy.ImplicitDeny},
		"a user whose name begins so":              {shell, session(arnBobAdmin, end, "bob-0a1b2c3d4e5f67890", arnBob), policy.ImplicitDeny},
		"a role session ends its own":              {shell, session(arnOncall, end, "bob-0a1b2c3d4e5f67890", arnOncall), policy.Allowed},
		"a role session, of a user's of its name":  {shell, session(arnOncall, end, "bob-0a1b2c3d4e5f67890", arnBob), policy.ImplicitDeny},
		"a user, of a role session of their name":  {shell, session(arnBob, end, "bob-0a1b2c3d4e5f67890", arnOncall), policy.ImplicitDeny},
		"any: another's":                           {anybodys, session(arnBob, end, "bob-admin-0a1b2c3d4e5f67890", arnBobAdmin), policy.Allowed},
		"any: but not to take it over":             {anybodys, session(arnBob, resume, "bob-admin-0a1b2c3d4e5f67890", arnBobAdmin), policy.ImplicitDeny},
		"any: their own to resume":                 {anybodys, session(arnBob, resume, "bob-0a1b2c3d4e5f67890", arnBob), policy.Allowed},
		"none: not even their own":                 {nobodys, session(arnBob, end, "bob-0a1b2c3d4e5f67890", arnBob), policy.ImplicitDeny},
		"none: their own to resume":                {nobodys, session(arnBob, resume, "bob-0a1b2c3d4e5f67890", arnBob), policy.Allowed},
		"the data channel":                         {shell, session(arnOncall, "ssmmessages:OpenDataChannel", "bob-0a1b2c3d4e5f67890", arnOncall), policy.Allowed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decide(t, test.r, test.q); got != test.want {
				t.Errorf("%s on %s: %v, want %v", test.q.Action, test.q.Resource, got, test.want)
			}
		})
	}
}

func TestSessionDocuments(t *testing.T) {
	t.Parallel()
	const (
		own  = "arn:aws:ssm:us-east-1:123456789012:document/"
		aws  = "arn:aws:ssm:us-east-1::document/"
		them = "arn:aws:ssm:us-east-1:444455556666:document/"
	)
	ways := map[string]struct {
		s       policy.Sessions
		opens   []string
		refuses []string
	}{
		"shell":    {policy.Sessions{Shell: true}, []string{own + "SSM-SessionManagerRunShell"}, []string{aws + "AWS-StartSSHSession", them + "SSM-SessionManagerRunShell", own + "other"}},
		"ssh":      {policy.Sessions{SSH: true}, []string{aws + "AWS-StartSSHSession"}, []string{own + "SSM-SessionManagerRunShell", own + "AWS-StartSSHSession", aws + "AWS-StartPortForwardingSession"}},
		"to node":  {policy.Sessions{PortForwarding: "node"}, []string{aws + "AWS-StartPortForwardingSession"}, []string{aws + "AWS-StartPortForwardingSessionToRemoteHost"}},
		"to hosts": {policy.Sessions{PortForwarding: "remote"}, []string{aws + "AWS-StartPortForwardingSession", aws + "AWS-StartPortForwardingSessionToRemoteHost"}, []string{own + "SSM-SessionManagerRunShell"}},
		"its own":  {policy.Sessions{Documents: policy.Names{List: []string{"tunnel-*"}}}, []string{own + "tunnel-5432"}, []string{them + "tunnel-5432", own + "SSM-SessionManagerRunShell"}},
		"all":      {policy.Sessions{Documents: policy.Names{All: true}}, []string{own + "x-document", own + "SSM-SessionManagerRunShell", aws + "AWS-StartSSHSession"}, []string{them + "x-document"}},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: way.s}
			for want, documents := range map[policy.Verdict][]string{policy.Allowed: way.opens, policy.ImplicitDeny: way.refuses} {
				for _, d := range documents {
					if got := decide(t, r, policy.Request{Principal: arnBob, Action: "ssm:StartSession", Resource: d}); got != want {
						t.Errorf("%s: %v, want %v", d, got, want)
					}
				}
			}
		})
	}
}

func TestSessionNodes(t *testing.T) {
	t.Parallel()
	web := policy.Restriction{
		Nodes:    policy.Nodes{IDs: []string{"mi-1234567890abcdef0"}, Tags: []map[string]string{{"App": "web"}}},
		Sessions: policy.Sessions{Shell: true},
	}
	start := func(node string, c policy.Context) policy.Request {
		return policy.Request{Principal: arnBob, Action: "ssm:StartSession", Resource: node, Context: c}
	}
	for name, test := range map[string]struct {
		q    policy.Request
		want policy.Verdict
	}{
		"by id":                 {start(hybridNode, nil), policy.Allowed},
		"by tag":                {start(webNode, policy.Context{"ssm:resourceTag/App": policy.One("web")}), policy.Allowed},
		"of another tag":        {start(webNode, policy.Context{"ssm:resourceTag/App": policy.One("db")}), policy.ImplicitDeny},
		"without tags":          {start(webNode, nil), policy.ImplicitDeny},
		"document checked":      {start(hybridNode, policy.Context{"ssm:SessionDocumentAccessCheck": policy.One("true")}), policy.Allowed},
		"document unchecked":    {start(hybridNode, policy.Context{"ssm:SessionDocumentAccessCheck": policy.One("false")}), policy.ImplicitDeny},
		"by tag, unchecked":     {start(webNode, policy.Context{"ssm:resourceTag/App": policy.One("web"), "ssm:SessionDocumentAccessCheck": policy.One("false")}), policy.ImplicitDeny},
		"commands are not sent": {policy.Request{Principal: arnBob, Action: "ssm:SendCommand", Resource: hybridNode}, policy.ImplicitDeny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decide(t, web, test.q); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
