package access

import (
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// The account that the tests ask about: amy deploys to the web servers, wes
// runs the platform, dan is an administrator, ann looks things up; roles for
// the one on call, for a pipeline and for the machines.

const (
	account = "123456789012"
	web1    = "i-0aaa0000000000001"
	web2    = "i-0aaa0000000000002"
	db1     = "i-0bbb0000000000001"
	plant1  = "mi-0ccc0000000000001"
)

var acmePlace = policy.Place{Partition: "aws", Account: account, Region: "us-east-1"}

func userID(name string) resource.ID  { return resource.ID{Kind: "user", Name: name} }
func groupID(name string) resource.ID { return resource.ID{Kind: "group", Name: name} }
func roleID(name string) resource.ID  { return resource.ID{Kind: "role", Name: name} }

func iamARN(rest string) string { return "arn:aws:iam::" + account + ":" + rest }
func nodeARN(id string) string {
	if strings.HasPrefix(id, "mi-") {
		return "arn:aws:ssm:us-east-1:" + account + ":managed-instance/" + id
	}
	return "arn:aws:ec2:us-east-1:" + account + ":instance/" + id
}

func documentARN(name string) string {
	if policy.OwnedByAWS(name) {
		return "arn:aws:ssm:us-east-1::document/" + name
	}
	return "arn:aws:ssm:us-east-1:" + account + ":document/" + name
}

// A builder puts an account together.
type builder struct{ Account }

func newAccount() *builder {
	return &builder{Account{Place: acmePlace, Policies: map[string]Managed{}}}
}

func (b *builder) user(name string, groups ...string) *builder {
	b.Principals = append(b.Principals, Principal{ID: userID(name), ARN: iamARN("user/" + name)})
	for _, g := range groups {
		b.Members = append(b.Members, Member{Group: g, User: name, From: resource.ID{Kind: "membership", Name: g + "/" + name}})
	}
	return b
}

func (b *builder) group(names ...string) *builder {
	for _, name := range names {
		b.Groups = append(b.Groups, Group{ID: groupID(name), ARN: iamARN("group/" + name)})
	}
	return b
}

func (b *builder) role(name string, trust ...policy.Statement) *builder {
	p := Principal{ID: roleID(name), ARN: iamARN("role/" + name), Trust: policy.New(trust...), Service: true}
	for _, s := range trust {
		if s.Principal == nil || len(s.Principal.Service) == 0 {
			p.Service = false
		}
	}
	b.Principals = append(b.Principals, p)
	return b
}

// tags gives the principal made last its tags.
func (b *builder) tags(tags map[string]string) *builder {
	b.Principals[len(b.Principals)-1].Tags = tags
	return b
}

// policy makes a managed policy.
func (b *builder) policy(name string, statements ...policy.Statement) *builder {
	arn := iamARN("policy/" + name)
	b.Policies[arn] = Managed{Name: name, ARN: arn, Document: policy.New(statements...), From: resource.ID{Kind: "policy", Name: name}}
	return b
}

// awsPolicy makes a managed policy of AWS's.
func (b *builder) awsPolicy(name string, statements ...policy.Statement) *builder {
	arn := "arn:aws:iam::aws:policy/" + name
	b.Policies[arn] = Managed{Name: name, ARN: arn, Document: policy.New(statements...)}
	return b
}

func (b *builder) policyARN(name string) string {
	if arn := "arn:aws:iam::aws:policy/" + name; b.Policies[arn].ARN != "" {
		return arn
	}
	return iamARN("policy/" + name)
}

func (b *builder) attach(name string, to ...resource.ID) *builder {
	for _, id := range to {
		b.Grants = append(b.Grants, Grant{To: id, ARN: b.policyARN(name), Name: name, From: resource.ID{Kind: "attachment", Name: id.String() + "/" + name}})
	}
	return b
}

func (b *builder) inline(name string, to resource.ID, statements ...policy.Statement) *builder {
	b.Grants = append(b.Grants, Grant{To: to, Name: name, Document: new(policy.New(statements...)), From: resource.ID{Kind: "inline", Name: to.String() + "/" + name}})
	return b
}

func (b *builder) bound(name string, of resource.ID) *builder {
	b.Bounds = append(b.Bounds, Bound{Of: of, ARN: b.policyARN(name), From: resource.ID{Kind: "boundary", Name: of.String()}})
	return b
}

func (b *builder) node(id, name, role string, tags map[string]string) *builder {
	b.Nodes = append(b.Nodes, Node{ID: id, Name: name, ARN: nodeARN(id), Role: role, Tags: tags, From: []resource.ID{{Kind: "instance", Name: id}}})
	return b
}

func (b *builder) document(names ...string) *builder {
	for _, name := range names {
		d := Document{Name: name, ARN: documentARN(name)}
		if !policy.OwnedByAWS(name) {
			d.From = resource.ID{Kind: "document", Name: name}
		}
		b.Documents = append(b.Documents, d)
	}
	return b
}

// The trust policies of the roles.
var (
	trustEC2     = policy.Allow("sts:AssumeRole").By(policy.Principals{Service: []string{"ec2.amazonaws.com"}})
	trustSSM     = policy.Allow("sts:AssumeRole").By(policy.Principals{Service: []string{"ssm.amazonaws.com"}})
	trustAccount = policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: []string{iamARN("root")}})
)

func trustARN(arns ...string) policy.Statement {
	return policy.Allow("sts:AssumeRole").By(policy.Principals{AWS: arns})
}

// core is what AmazonSSMManagedInstanceCore allows, version 2.
var core = []policy.Statement{
	policy.Allow("ssm:DescribeAssociation", "ssm:GetDeployablePatchSnapshotForInstance", "ssm:GetDocument",
		"ssm:DescribeDocument", "ssm:GetManifest", "ssm:GetParameter", "ssm:GetParameters", "ssm:ListAssociations",
		"ssm:ListInstanceAssociations", "ssm:PutInventory", "ssm:PutComplianceItems", "ssm:PutConfigurePackageResult",
		"ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation").On("*"),
	policy.Allow("ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
		"ssmmessages:OpenDataChannel").On("*"),
	policy.Allow("ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage",
		"ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply").On("*"),
}

// acme returns the account.
func acme() *Account {
	b := newAccount()
	b.group("web", "platform", "admins", "auditors").
		user("amy", "web").user("ben", "web").user("wes", "platform").user("dan", "admins").user("ann", "auditors").user("zoe")
	b.policy("deploy-web",
		policy.Allow("ssm:ListCommands", "ssm:ListCommandInvocations").On("*").As("Follow"),
		policy.Allow("ssm:SendCommand").On(documentARN("acme-deploy"), documentARN("AWS-RunPatchBaseline")).As("RunDocuments"),
		policy.Allow("ssm:SendCommand").On(nodeARN("*"), nodeARN("mi-*")).If("StringEquals", "ssm:resourceTag/App", "web").As("RunNodes"),
	)
	b.policy("shell-web",
		policy.Allow("ssm:StartSession").On(nodeARN("*")).If("StringEquals", "aws:ResourceTag/App", "web").
			If("BoolIfExists", "ssm:SessionDocumentAccessCheck", "true"),
		policy.Allow("ssm:StartSession").On(documentARN("SSM-SessionManagerRunShell")),
		policy.Allow("ssm:TerminateSession", "ssm:ResumeSession").On("arn:aws:ssm:*:*:session/${aws:username}-*"),
		policy.Allow("ssm:GetParameter", "ssm:GetParameters").On("arn:aws:ssm:us-east-1:"+account+":parameter/web/*"),
	)
	b.attach("deploy-web", groupID("web")).attach("shell-web", groupID("web"))

	b.awsPolicy("AmazonSSMFullAccess", policy.Allow("ssm:*", "ec2messages:*", "ssmmessages:OpenDataChannel").On("*"))
	b.awsPolicy("AdministratorAccess", policy.Allow("*").On("*"))
	b.awsPolicy("AmazonSSMReadOnlyAccess", policy.Allow("ssm:Describe*", "ssm:Get*", "ssm:List*").On("*"))
	b.awsPolicy("AmazonSSMManagedInstanceCore", core...)
	b.attach("AmazonSSMFullAccess", groupID("platform")).attach("AdministratorAccess", groupID("admins")).
		attach("AmazonSSMReadOnlyAccess", groupID("auditors"))

	b.policy("prod-breakglass",
		policy.Allow("ssm:StartSession").On("*").If("Bool", "aws:MultiFactorAuthPresent", "true").As("Shell"))
	b.policy("call-out", policy.Allow("sts:AssumeRole").On(iamARN("role/oncall")))
	b.role("oncall", trustAccount).attach("prod-breakglass", roleID("oncall")).attach("call-out", userID("zoe"))

	b.role("ci", policy.Statement{
		Effect: "Allow", Action: []string{"sts:AssumeRoleWithWebIdentity"},
		Principal: &policy.Principals{Federated: []string{iamARN("oidc-provider/token.actions.githubusercontent.com")}},
	}.If("StringEquals", "token.actions.githubusercontent.com:sub", "repo:acme/web:ref:refs/heads/main"))
	b.attach("deploy-web", roleID("ci"))

	b.role("ssm-managed", trustEC2).attach("AmazonSSMManagedInstanceCore", roleID("ssm-managed"))
	b.role("db-backup", trustEC2).attach("AmazonSSMManagedInstanceCore", roleID("db-backup")).
		inline("backup", roleID("db-backup"), policy.Allow("s3:GetObject", "s3:PutObject").On("arn:aws:s3:::acme-backup/*"))

	b.node(web1, "web-1", "ssm-managed", map[string]string{"App": "web", "Env": "prod"}).
		node(web2, "web-2", "ssm-managed", map[string]string{"App": "web", "Env": "test"}).
		node(db1, "db-1", "db-backup", map[string]string{"App": "db", "Env": "prod"}).
		node(plant1, "plant-1", "", map[string]string{"App": "web"})
	b.document("acme-deploy", "acme-restart", "SSM-SessionManagerRunShell", "AWS-RunPatchBaseline", "AWS-RunShellScript")
	return &b.Account
}

// mustAsk returns the answer to a question that has one.
func mustAsk(t *testing.T, a *Account, q Question) Answer {
	t.Helper()
	answer, err := a.Can(q)
	if err != nil {
		t.Fatalf("Can(%+v): %v", q, err)
	}
	return answer
}
