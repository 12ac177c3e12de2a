package access

import "slices"

// An EscalationRule is one way to come to more than one was given.
type EscalationRule struct {
	Code        string `json:"code"`
	Title       string `json:"title"`
	Explanation string `json:"explanation"` // how it works, and when it is found
	Fix         string `json:"fix"`
}

// EscalationRules returns the ways that Escalations looks for, sorted by code.
func EscalationRules() []EscalationRule { return slices.Clone(escalationRules) }

// LookupEscalation returns the rule of a code.
func LookupEscalation(code string) (EscalationRule, bool) {
	i := slices.IndexFunc(escalationRules, func(r EscalationRule) bool { return r.Code == code })
	if i < 0 {
		return EscalationRule{}, false
	}
	return escalationRules[i], true
}

// The codes.
const (
	escalateDocument = "escalate-document"
	escalateGuardTag = "escalate-guard-tag"
	escalateNodeRole = "escalate-node-role"
	escalatePassRole = "escalate-pass-role"
	escalateProfile  = "escalate-profile"
)

var escalationRules = []EscalationRule{
	{
		Code:  escalateDocument,
		Title: "can change a document that others run",
		Explanation: `Whoever runs a document runs what its default version says at that time. Someone who may call
ssm:UpdateDocument and ssm:UpdateDocumentDefaultVersion on a document decides what others do with it: a command
runs on nodes that the editor cannot reach, an automation with the rights of whoever starts it.

It is found for documents that others are granted by name, and only if they reach a node that the editor
cannot run anything on, or may do what the editor may not.`,
		Fix: "Take ssm:UpdateDocument or ssm:UpdateDocumentDefaultVersion on the document away, or grant others one version of it: condition ssm:DocumentVersion.",
	},
	{
		Code:  escalateGuardTag,
		Title: "can write the tag that guards nodes against them",
		Explanation: `A grant on nodes with a certain tag is as narrow as the list of those who may write that tag. Someone who
has such a grant and may also call ec2:CreateTags, or ssm:AddTagsToResource for nodes outside of EC2, can tag any
node into it; where the condition asks that a tag is absent or different, deleting or changing it does the same.

It is found if there is a node that is out of reach now, that the principal may tag, and that is in reach with
the tag.`,
		Fix: "Deny the tag keys to whoever the grant is for: ec2:CreateTags and ec2:DeleteTags with ForAnyValue:StringEquals aws:TagKeys, and the same for ssm:AddTagsToResource and ssm:RemoveTagsFromResource.",
	},
	{
		Code:  escalateNodeRole,
		Title: "can act as the role of a node",
		Explanation: `Whoever runs a command or a shell on a node has the credentials of the role in its instance profile. If
that role may do something that the person may not, the person may do it after all.

It is found for those who can run anything of their choice on a node: by a session with a shell; or by a command
or an association with a document that runs anything, that another account shares, or that they can write
themselves. What every node's agent must be allowed (AmazonSSMManagedEC2InstanceDefaultPolicy) does not count as
more. That AmazonSSMManagedInstanceCore reads every parameter does.`,
		Fix: "Take from the role what only few need: AmazonSSMManagedEC2InstanceDefaultPolicy in place of AmazonSSMManagedInstanceCore reads no parameters. Or grant commands by documents that do one thing, and no shell.",
	},
	{
		Code:  escalatePassRole,
		Title: "can pass a role to Systems Manager and choose what it does",
		Explanation: `iam:PassRole on a role that trusts ssm.amazonaws.com, together with a call that takes a role, acts as that
role: an activation gives its credentials to any machine, and an automation, a maintenance window or an association
does with them what its document says.

It is found if the role may do something that the principal may not, and if what is run can be chosen: to start
one fixed runbook with a role is how delegation is meant, and no finding.`,
		Fix: "Grant iam:PassRole on the roles that are meant, by name, never on *; and ssm:StartAutomationExecution on the runbooks that are meant, with the account's id in their ARNs.",
	},
	{
		Code:  escalateProfile,
		Title: "can give a role to a machine that they control",
		Explanation: `iam:PassRole on a role that trusts ec2.amazonaws.com, with ec2:AssociateIamInstanceProfile or
ec2:ReplaceIamInstanceProfileAssociation on a node where one can run anything, or with ec2:RunInstances, gives
the credentials of that role to whoever runs something there.

It is found if the role may do something that the principal may not.`,
		Fix: "Grant iam:PassRole on the roles that are meant, by name, with iam:PassedToService; or take the ec2 action away.",
	},
}
