package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A weight says what someone gains by acting as another.
type weight struct {
	severity Severity
	gains    *policy.Request // nil if it is not settled whether there is one
	reason   string          // why it is not
}

// agentActions are what the agent of every node has to be allowed: the actions
// of AWS's policy AmazonSSMManagedEC2InstanceDefaultPolicy, version 2.
var agentActions = []string{
	"ssm:DescribeAssociation", "ssm:GetDeployablePatchSnapshotForInstance", "ssm:GetDocument", "ssm:DescribeDocument",
	"ssm:GetManifest", "ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutInventory",
	"ssm:PutComplianceItems", "ssm:PutConfigurePackageResult", "ssm:UpdateAssociationStatus",
	"ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation",
	"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
	"ssmmessages:OpenDataChannel",
	"ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint",
	"ec2messages:GetMessages", "ec2messages:SendReply",
}

// graded are the actions that make a gain critical or high; any other is medium.
var graded = []struct {
	severity Severity
	actions  []string
}{
	{Critical, []string{
		"iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:PassRole", "iam:Put*", "iam:Set*",
		"iam:Update*", "organizations:*Policy", "sts:AssumeRole",
	}},
	{High, []string{
		"ssm:Cancel*", "ssm:Create*", "ssm:Delete*", "ssm:GetParameter*", "ssm:GetAccessToken", "ssm:Modify*", "ssm:PutParameter",
		"ssm:Register*", "ssm:Reset*", "ssm:ResumeSession", "ssm:SendCommand", "ssm:Start*", "ssm:TerminateSession",
		"ssm:UpdateDocument*", "ssm:UpdateAssociation", "ssm:UpdateServiceSetting", "ssm:UpdateMaintenanceWindow*",
		"ec2:Associate*", "ec2:Authorize*", "ec2:Create*", "ec2:Delete*", "ec2:Modify*", "ec2:Replace*", "ec2:Run*",
		"ec2:Start*", "ec2:Stop*", "ec2:Terminate*", "ec2:GetPasswordData",
		"kms:Create*", "kms:Decrypt", "kms:Disable*", "kms:Put*", "kms:ReEncrypt*", "kms:Schedule*",
		"lambda:Add*", "lambda:Create*", "lambda:Delete*", "lambda:Invoke*", "lambda:Update*",
		"s3:Delete*", "s3:GetObject*", "s3:Put*", "s3:Replicate*",
		"secretsmanager:GetSecretValue", "secretsmanager:Put*", "secretsmanager:Update*", "secretsmanager:Delete*",
		"cloudformation:Create*", "cloudformation:Delete*", "cloudformation:Update*", "codebuild:Start*",
		"dynamodb:BatchWrite*", "dynamodb:Delete*", "dynamodb:Put*", "dynamodb:Update*", "ecs:RunTask", "ecs:ExecuteCommand",
	}},
}

// weigh returns what a principal gains by acting as a role, and false if
// nothing.
func (x *explorer) weigh(s, role *subject) (weight, bool) {
	key := [2]string{x.class(s), x.class(role)}
	w, ok := x.weights[key]
	if !ok {
		w = x.compare(role, s.effective.Policies)
		x.weights[key] = w
	}
	if w.gains != nil {
		gains := *w.gains
		gains.Principal = role.principal.ARN
		w.gains = &gains
	}
	return w, w.severity != ""
}

// A grade is what of a role's rights weighs alike, and requests that show it.
type grade struct {
	severity Severity
	rights   policy.Policies
	shown    []policy.Request
}

// grades returns the rights of a role, the weightiest first; of the last, all.
// What agents are allowed is not among them.
func (x *explorer) grades(role *subject) []*grade {
	class := x.class(role)
	if known, ok := x.rights[class]; ok {
		return known
	}
	grades := []*grade{}
	add := func(severity Severity, denies ...policy.Statement) {
		g := &grade{severity: severity, rights: role.effective.Policies}
		g.rights.Identity = append(slices.Clip(g.rights.Identity), policy.New(denies...))
		if policy.NewAccess(g.rights, policy.Policies{}, x.budget).Verdict != policy.Included {
			grades = append(grades, g)
		}
	}
	agents := policy.Deny(agentActions...).On("*")
	for _, g := range graded {
		add(g.severity, agents, policy.Statement{Effect: "Deny", NotAction: g.actions, Resource: []string{"*"}})
	}
	add(Medium, agents)
	x.rights[class] = grades
	return grades
}

// compare returns what a role may do that a principal may not. A request that
// shows it of one principal often does of the next, and needs no new proof.
func (x *explorer) compare(role *subject, own policy.Policies) weight {
	var open weight
	for _, g := range x.grades(role) {
		for _, r := range g.shown {
			if own.Decide(r).Verdict != policy.Allowed {
				return weight{severity: g.severity, gains: &r}
			}
		}
		switch more := policy.NewAccess(g.rights, own, x.budget); more.Verdict {
		case policy.Widened:
			r := x.here(more.Witness, g.rights, own)
			g.shown = append(g.shown, *r)
			return weight{severity: g.severity, gains: r}
		case policy.Undecided:
			open = weight{severity: Medium, reason: more.Reason}
		}
	}
	return open
}

// here returns the request on a resource of this account, if the policies
// tell it from that of another as little as the proof did.
func (x *explorer) here(r *policy.Request, role, own policy.Policies) *policy.Request {
	f := fields(r.Resource)
	if f[4] == "" || f[4] == x.account.Place.Account || r.Resource == "*" {
		return r
	}
	f[4] = x.account.Place.Account
	moved := *r
	moved.Resource = strings.Join(f[:], ":")
	if role.Decide(moved).Verdict != policy.Allowed || own.Decide(moved).Verdict == policy.Allowed {
		return r
	}
	return &moved
}
