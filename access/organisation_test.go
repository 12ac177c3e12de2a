package access

import (
	"fmt"
	"math/rand/v2"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A scale is how much there is of everything in an organisation made up.
type scale struct{ principals, nodes, documents, policies, groups int }

// the scale that the bounds on time and memory are about
var large = scale{principals: 1000, nodes: 10_000, documents: 50, policies: 400, groups: 60}

// thirty are the actions that the large organisation is measured with.
var thirty = []string{
	"ssm:AddTagsToResource", "ssm:CreateAssociation", "ssm:CreateAssociationBatch", "ssm:CreateDocument", "ssm:DeleteAssociation",
	"ssm:DeleteDocument", "ssm:DescribeAssociation", "ssm:DescribeDocument", "ssm:DescribeDocumentPermission", "ssm:DescribeEffectiveInstanceAssociations",
	"ssm:DescribeInstanceAssociationsStatus", "ssm:DescribeInstancePatchStates", "ssm:DescribeInstancePatches", "ssm:GetConnectionStatus", "ssm:GetDocument",
	"ssm:ListInstanceAssociations", "ssm:ListTagsForResource", "ssm:ModifyDocumentPermission", "ssm:PutComplianceItems", "ssm:RemoveTagsFromResource",
	"ssm:SendCommand", "ssm:StartAccessRequest", "ssm:StartAutomationExecution", "ssm:StartSession", "ssm:UpdateAssociation",
	"ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation", "ssm:RequestManagedInstanceRoleToken",
}

var (
	environments = []string{"prod", "stage", "dev", "test"}
	regions      = []string{"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"}
)

// A maker makes up organisations; the same seed makes the same.
type maker struct {
	*rand.Rand
	scale
	Account
	wild bool // with conditions of every family
}

func (m *maker) one(list []string) string { return list[m.IntN(len(list))] }

// organisation makes up an account.
func organisation(seed uint64, s scale, wild bool) *Account {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 1)), scale: s, wild: wild}
	m.Account = Account{Place: acmePlace, Policies: map[string]Managed{}}
	for i := range s.nodes {
		tags := map[string]string{}
		if m.IntN(50) != 0 {
			app := fmt.Sprintf("app%03d", m.IntN(200))
			tags = map[string]string{"Env": m.one(environments), "Team": m.team(), "App": app, "OS": m.one([]string{"linux", "windows"}), "Name": fmt.Sprintf("%s-%04d", app, i)}
		}
		id := fmt.Sprintf("i-%017x", m.Uint64()>>4)
		n := Node{ID: id, ARN: "arn:aws:ec2:" + m.one(regions) + ":" + account + ":instance/" + id, Tags: tags, From: []resource.ID{{Kind: "instance", Name: id}}}
		if m.wild && m.IntN(4) == 0 {
			n.ID = "mi-" + id[2:]
			n.ARN = "arn:aws:ssm:us-east-1:" + account + ":managed-instance/" + n.ID
		}
		m.Nodes = append(m.Nodes, n)
	}
	for i := range s.documents {
		d := Document{Name: fmt.Sprintf("Corp-%02d", i), Tags: map[string]string{"env": environments[i%4]}}
		if i < s.documents*2/5 {
			d = Document{Name: fmt.Sprintf("AWS-Doc%02d", i)}
		}
		d.ARN = documentARN(d.Name)
		m.Documents = append(m.Documents, d)
	}
	arns := make([]string, s.policies)
	for i := range s.policies {
		name := fmt.Sprintf("policy-%03d", i)
		arns[i] = iamARN("policy/" + name)
		m.Policies[arns[i]] = Managed{Name: name, ARN: arns[i], Document: m.document(), From: resource.ID{Kind: "policy", Name: name}}
	}
	grant := func(to resource.ID) {
		arn := m.one(arns)
		m.Grants = append(m.Grants, Grant{To: to, ARN: arn, Name: m.Policies[arn].Name, From: resource.ID{Kind: "attachment", Name: to.String() + "/" + m.Policies[arn].Name}})
	}
	for i := range s.groups {
		id := groupID(fmt.Sprintf("g%02d", i))
		m.Groups = append(m.Groups, Group{ID: id, ARN: iamARN(id.String())})
		for range 1 + m.IntN(3) {
			grant(id)
		}
	}
	for i := range s.principals {
		id := userID(fmt.Sprintf("u%03d", i))
		if i >= s.principals*9/10 {
			id = roleID(fmt.Sprintf("r%03d", i))
		} else {
			for range 1 + m.IntN(4) {
				g := fmt.Sprintf("g%02d", m.IntN(s.groups))
				m.Members = append(m.Members, Member{Group: g, User: id.Name, From: resource.ID{Kind: "membership", Name: g + "/" + id.Name}})
			}
		}
		m.Principals = append(m.Principals, Principal{ID: id, ARN: iamARN(id.String()), Tags: map[string]string{"team": m.team()}})
		for range m.IntN(4) {
			grant(id)
		}
		if m.IntN(3) == 0 {
			m.Bounds = append(m.Bounds, Bound{Of: id, ARN: arns[m.IntN(min(5, len(arns)))], From: resource.ID{Kind: "boundary", Name: id.String()}})
		}
	}
	return &m.Account
}

func (m *maker) team() string { return fmt.Sprintf("team%02d", m.IntN(40)) }

// document makes up a policy of one to four statements.
func (m *maker) document() policy.Document {
	var statements []policy.Statement
	for range 1 + m.IntN(4) {
		s := policy.Statement{Effect: "Allow", Resource: []string{"*"}}
		if m.IntN(6) == 0 {
			s.Effect = "Deny"
		}
		switch m.IntN(5) {
		case 0:
			s.Action = []string{"ssm:*"}
		case 1:
			s.Action = []string{"ssm:Describe*", "ssm:Get*", "ssm:List*"}
		case 2:
			s.NotAction = []string{m.one(thirty)}
		default:
			s.Action = []string{m.one(thirty), m.one([]string{"ssm:SendCommand", "SSM:startsession", "ssm:CreateAssociation"}), m.one(thirty)}
		}
		m.reach(&s)
		if m.wild && m.IntN(2) == 0 {
			m.condition(&s)
		}
		statements = append(statements, s)
	}
	return policy.New(statements...)
}

// reach makes up the resources of a statement and conditions on their tags.
func (m *maker) reach(s *policy.Statement) {
	node := func() string { return m.Nodes[m.IntN(len(m.Nodes))].ARN }
	switch m.IntN(7) {
	case 0:
		s.Resource = nil
		for range 3 + m.IntN(80) {
			s.Resource = append(s.Resource, node())
		}
	case 1:
		s.Resource = []string{"arn:aws:ec2:" + m.one(regions) + ":*:instance/*", "arn:aws:ssm:*:*:document/*"}
	case 2:
		s.Resource = []string{"arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*::document/AWS-*"}
		*s = s.If("StringEquals", "ssm:resourceTag/Team", m.team())
	case 3:
		*s = s.If("StringLike", "ssm:resourceTag/Name", fmt.Sprintf("app%02d*", m.IntN(20))).If("StringNotEquals", "ssm:resourceTag/Env", "prod")
	case 4:
		*s = s.If("StringEqualsIfExists", "ssm:resourceTag/Env", m.one(environments), m.one(environments))
	case 5:
		*s = s.If("StringEquals", "ssm:resourceTag/Team", "${aws:PrincipalTag/team}")
	case 6:
		s.Resource = nil
		s.NotResource = []string{node(), "arn:aws:ec2:" + m.one(regions) + ":*:instance/i-0*"}
	}
}

// condition gives a statement a condition of any family.
func (m *maker) condition(s *policy.Statement) {
	switch m.IntN(18) {
	case 0:
		*s = s.If("Bool", "aws:MultiFactorAuthPresent", "true")
	case 1:
		*s = s.If("BoolIfExists", "aws:MultiFactorAuthPresent", "false")
	case 2:
		*s = s.If("IpAddress", "aws:SourceIp", m.one([]string{"203.0.113.0/24", "203.0.113.7", "2001:db8::/32"}))
	case 3:
		*s = s.If("NotIpAddressIfExists", "aws:SourceIp", "203.0.113.0/24")
	case 4:
		*s = s.If("DateLessThan", "aws:CurrentTime", m.one([]string{"2027-04-01T00:00:00Z", "2028-01-01"}))
	case 5:
		*s = s.If("NumericLessThanEquals", "aws:MultiFactorAuthAge", "3600")
	case 6:
		*s = s.If("Null", "ssm:resourceTag/App", m.one([]string{"true", "false"}))
	case 7:
		*s = s.If("ForAnyValue:StringEquals", "aws:TagKeys", "Env", "Team")
	case 8:
		*s = s.If("ForAllValues:StringLike", "aws:TagKeys", "E*")
	case 9:
		*s = s.If("StringNotLike", "aws:username", "u0*")
	case 10:
		*s = s.If("ArnLike", "aws:PrincipalArn", iamARN("role/*"))
	case 11:
		*s = s.If("StringNotEquals", "aws:RequestedRegion", "us-east-1", "eu-west-1")
	case 12:
		*s = s.If("StringEquals", "aws:RequestTag/Env", "${aws:ResourceTag/Env}")
	case 13:
		s.NotResource = nil
		s.Resource = []string{"arn:aws:ssm:*:*:document/Corp-${aws:PrincipalTag/team}*", "arn:aws:ssm:us-east-1:*:*/${aws:username}-*", "arn:aws:ec2:*:*:instance/*"}
	case 14:
		*s = s.If("StringEqualsIgnoreCase", "aws:ResourceTag/OS", "LINUX")
	case 16:
		*s = s.If("StringEquals", "aws:RequestTag/Env", "${aws:SourceVpce}")
	case 17:
		s.Resource, s.NotResource = []string{"arn:aws:ec2:*:*:instance/i-${aws:RequestTag/Env}*", "arn:aws:ssm:*:*:document/Corp-${aws:RequestTag/Env}?"}, nil
		if m.IntN(3) == 0 {
			s.Resource, s.NotResource = nil, s.Resource
		}
	case 15:
		*s = s.If("Bool", "aws:ViaAWSService", "false").If("StringEquals", "aws:SourceVpce", "vpce-1", "vpce-2")
	}
}
