package access

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(b *builder)
		base func(b *builder) // of the account before, if it is not acme's
		want []string
	}{
		"nothing": {edit: func(*builder) {}},
		"a user joins a group, another leaves it": {
			edit: func(b *builder) { b.join("platform", "zoe").leave("platform", "wes") },
			want: []string{
				`+ user/zoe: everything in Systems Manager, ssmmessages:OpenDataChannel on every instance (4) [*]; via membership/platform/zoe attachment/group/platform/AmazonSSMFullAccess; cause membership/platform/zoe`,
				`- user/wes: everything in Systems Manager, ssmmessages:OpenDataChannel on every instance (4) [*]; via membership/platform/wes attachment/group/platform/AmazonSSMFullAccess; cause membership/platform/wes`,
			},
		},
		"a member gets what the group has": {
			edit: func(b *builder) { b.attach("deploy-web", userID("amy")) },
		},
		"a group gets a policy": {
			edit: func(b *builder) { b.attach("AmazonSSMReadOnlyAccess", groupID("web")) },
			want: []string{
				`+ group/web [amy ben]: read parameters /* except /web/* [parameter/* except parameter/web/*]; via attachment/group/web/AmazonSSMReadOnlyAccess; cause attachment/group/web/AmazonSSMReadOnlyAccess`,
				`+ group/web [amy ben]: read parameters, get the credentials of access requests, 77 other read actions on every instance (4) [*]; via attachment/group/web/AmazonSSMReadOnlyAccess; cause attachment/group/web/AmazonSSMReadOnlyAccess`,
			},
		},
		"a policy is detached": {
			edit: func(b *builder) { b.detach("deploy-web", groupID("web")) },
			want: []string{
				`- group/web [amy ben]: run AWS-RunPatchBaseline and acme-deploy on 3 instances with App=web (3) with (2); via attachment/group/web/deploy-web policy/deploy-web; cause attachment/group/web/deploy-web`,
				`- group/web [amy ben]: ssm:ListCommandInvocations, ssm:ListCommands; via attachment/group/web/deploy-web policy/deploy-web; cause attachment/group/web/deploy-web`,
			},
		},
		"a new node": {
			edit: func(b *builder) { b.node("i-0aaa0000000000009", "web-9", "", map[string]string{"App": "web"}) },
			want: []string{
				`+ group/web [amy ben]: run AWS-RunPatchBaseline and acme-deploy on i-0aaa0000000000009 (1) with (2); via attachment/group/web/deploy-web policy/deploy-web; cause instance/i-0aaa0000000000009`,
				`+ group/web [amy ben]: open sessions on i-0aaa0000000000009 (1); via attachment/group/web/shell-web policy/shell-web; cause instance/i-0aaa0000000000009`,
				`+ user/ann: 8 read actions on i-0aaa0000000000009 (1); via membership/auditors/ann attachment/group/auditors/AmazonSSMReadOnlyAccess; cause instance/i-0aaa0000000000009`,
				`+ user/dan: run any document, open sessions, associate any document, change the profiles of instances, change the tags of instances, launch instances, 8 other write actions, 2 other tagging actions, 8 other read actions on i-0aaa0000000000009 (1); via membership/admins/dan attachment/group/admins/AdministratorAccess; cause instance/i-0aaa0000000000009`,
				`+ user/wes: run any document, open sessions, associate any document, change tags in Systems Manager, 8 other write actions, 8 other read actions on i-0aaa0000000000009 (1); via membership/platform/wes attachment/group/platform/AmazonSSMFullAccess; cause instance/i-0aaa0000000000009`,
				`+ role/ci: run AWS-RunPatchBaseline and acme-deploy on i-0aaa0000000000009 (1) with (2); via attachment/role/ci/deploy-web policy/deploy-web; cause instance/i-0aaa0000000000009`,
				`+ role/oncall: open sessions on i-0aaa0000000000009 (1) only with MFA; via attachment/role/oncall/prod-breakglass policy/prod-breakglass; cause instance/i-0aaa0000000000009`,
				`+ role/db-backup: ssm:PutComplianceItems, ssm:UpdateInstanceInformation, ssm:DescribeAssociation, ssm:ListInstanceAssociations on i-0aaa0000000000009 (1); via attachment/role/db-backup/AmazonSSMManagedInstanceCore; cause instance/i-0aaa0000000000009`,
				`+ role/ssm-managed: ssm:PutComplianceItems, ssm:UpdateInstanceInformation, ssm:DescribeAssociation, ssm:ListInstanceAssociations on i-0aaa0000000000009 (1); via attachment/role/ssm-managed/AmazonSSMManagedInstanceCore; cause instance/i-0aaa0000000000009`,
			},
		},
		"a node gets another tag": {
			edit: func(b *builder) { b.retag(db1, map[string]string{"App": "web", "Env": "prod"}) },
			want: []string{
				`+ group/web [amy ben]: run AWS-RunPatchBaseline and acme-deploy on i-0bbb0000000000001 (1) with (2); via attachment/group/web/deploy-web policy/deploy-web; cause instance/i-0bbb0000000000001`,
				`+ group/web [amy ben]: open sessions on i-0bbb0000000000001 (1); via attachment/group/web/shell-web policy/shell-web; cause instance/i-0bbb0000000000001`,
				`+ role/ci: run AWS-RunPatchBaseline and acme-deploy on i-0bbb0000000000001 (1) with (2); via attachment/role/ci/deploy-web policy/deploy-web; cause instance/i-0bbb0000000000001`,
			},
		},
		"a boundary is set": {
			base: func(b *builder) {
				b.policy("fence", policy.Allow("ssm:*").On("*"), policy.Deny("ssm:StartSession").On("*"))
			},
			edit: func(b *builder) { b.bound("fence", userID("amy")) },
			want: []string{
				`- user/amy: open sessions on 2 EC2 instances with App=web (2); via membership/web/amy attachment/group/web/shell-web policy/shell-web; cause boundary/user/amy`,
			},
		},
		"a boundary is taken away": {
			base: func(b *builder) { b.policy("fence", policy.Allow("ssm:Get*").On("*")).bound("fence", userID("wes")) },
			edit: func(b *builder) { b.Bounds = nil },
			want: []string{
				`+ user/wes: run any document, open sessions, start any runbook, associate any document, change documents, share documents, 2 other permissions actions, 61 other write actions, 2 other tagging actions, 58 other read actions on every instance (4) [*]; via membership/platform/wes attachment/group/platform/AmazonSSMFullAccess; cause boundary/user/wes`,
			},
		},
		"a deny is taken away": {
			base: func(b *builder) {
				b.policy("no-db", policy.Deny("ssm:SendCommand").On(nodeARN("*")).If("StringEquals", "aws:ResourceTag/App", "db")).attach("no-db", userID("wes"))
			},
			edit: func(b *builder) { b.detach("no-db", userID("wes")) },
			want: []string{
				`+ user/wes: run any document on 1 instance with App=db (1); via membership/platform/wes attachment/group/platform/AmazonSSMFullAccess; cause attachment/user/wes/no-db`,
			},
		},
		"a grant on nodes that nobody has yet": {
			edit: func(b *builder) {
				b.inline("cache", userID("zoe"), policy.Allow("ssm:SendCommand").On(documentARN("acme-*")),
					policy.Allow("ssm:SendCommand").On(nodeARN("*")).If("StringEquals", "ssm:resourceTag/App", "cache"))
			},
			want: []string{
				`+ user/zoe: run acme-* on any instance with App=cache (none today) (0) with (2); via inline/user/zoe/cache; cause inline/user/zoe/cache`,
			},
		},
		"a grant on one document, with the other leg missing": {
			edit: func(b *builder) {
				b.inline("half", userID("zoe"), policy.Allow("ssm:SendCommand").On(documentARN("acme-deploy")))
			},
		},
		"the missing leg": {
			base: func(b *builder) {
				b.inline("half", userID("zoe"), policy.Allow("ssm:SendCommand").On(documentARN("acme-deploy")))
			},
			edit: func(b *builder) {
				b.inline("other-half", userID("zoe"), policy.Allow("ssm:SendCommand").On(nodeARN(web1)))
			},
			want: []string{
				`+ user/zoe: run acme-deploy on i-0aaa0000000000001 (1) with (1); via inline/user/zoe/half inline/user/zoe/other-half; cause inline/user/zoe/other-half`,
			},
		},
		"more nodes and more documents": {
			base: func(b *builder) {
				b.inline("run", userID("zoe"), policy.Allow("ssm:SendCommand").On(documentARN("acme-deploy"), nodeARN(web1)))
			},
			edit: func(b *builder) {
				b.inline("run2", userID("zoe"), policy.Allow("ssm:SendCommand").On(documentARN("acme-restart"), nodeARN(web2)))
			},
			want: []string{
				`+ user/zoe: run acme-deploy on i-0aaa0000000000002 (1) with (1); via inline/user/zoe/run inline/user/zoe/run2; cause inline/user/zoe/run2`,
				`+ user/zoe: run acme-restart on i-0aaa0000000000001 and i-0aaa0000000000002 (2) with (1); via inline/user/zoe/run inline/user/zoe/run2; cause inline/user/zoe/run2`,
			},
		},
		"only with MFA, then always": {
			base: func(b *builder) {
				b.inline("shell", userID("zoe"), policy.Allow("ssm:StartSession").On(nodeARN(web1)).If("Bool", "aws:MultiFactorAuthPresent", "true"))
			},
			edit: func(b *builder) {
				b.inline("shell2", userID("zoe"), policy.Allow("ssm:StartSession").On(nodeARN(web1)))
			},
			want: []string{
				`+ user/zoe: open sessions on i-0aaa0000000000001 (1) also without MFA; via inline/user/zoe/shell2; cause inline/user/zoe/shell2`,
			},
		},
		"from an address, until a day": {
			edit: func(b *builder) {
				b.inline("visit", userID("zoe"), policy.Allow("ssm:StartSession").On(nodeARN(web1)).
					If("IpAddress", "aws:SourceIp", "203.0.113.0/24").If("DateLessThan", "aws:CurrentTime", "2027-04-01T00:00:00Z"))
			},
			want: []string{
				`+ user/zoe: open sessions on i-0aaa0000000000001 (1) only from 203.0.113.0/24 and until 2027-03-31; via inline/user/zoe/visit; cause inline/user/zoe/visit`,
			},
		},
		"with what a service needs": {
			edit: func(b *builder) {
				b.inline("visit", userID("zoe"), policy.Allow("ssm:SendCommand").On("*").If("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
					policy.Allow("ssm:SendCommand").On("*").If("Bool", "aws:ViaAWSService", "true"))
			},
			want: []string{
				`+ user/zoe: run any document on every instance (4) only from 203.0.113.0/24; via inline/user/zoe/visit; cause inline/user/zoe/visit`,
			},
		},
		"parameters but some": {
			edit: func(b *builder) {
				b.inline("read", userID("zoe"), policy.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:"+account+":parameter/web/*"),
					policy.Deny("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/web/secret/*"))
			},
			want: []string{
				`+ user/zoe: read parameters /web/* except /web/secret/* [parameter/web/* except parameter/web/secret/*]; via inline/user/zoe/read; cause inline/user/zoe/read`,
			},
		},
		"a deny within a pattern": {
			base: func(b *builder) {
				b.inline("read", userID("zoe"), policy.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:"+account+":parameter/web/*"))
			},
			edit: func(b *builder) {
				b.inline("not", userID("zoe"), policy.Deny("ssm:GetParameter").On("arn:aws:ssm:*:*:parameter/*/secret"))
			},
			want: []string{
				`- user/zoe: read parameters /*/secret that is also /web/* [parameter/*/secret that is also parameter/web/*]; via inline/user/zoe/read; cause inline/user/zoe/not`,
			},
		},
		"documents of other accounts": {
			base: func(b *builder) {
				b.inline("run", userID("zoe"), policy.Allow("ssm:SendCommand").On(nodeARN("*"), "arn:aws:ssm:us-east-1:"+account+":document/*"))
			},
			edit: func(b *builder) {
				b.inline("run2", userID("zoe"), policy.Allow("ssm:SendCommand").On("arn:aws:ssm:us-east-1:*:document/*"))
			},
			want: []string{
				`+ user/zoe: run any document of AWS and any document shared by other accounts on every EC2 instance (3) with (2); via inline/user/zoe/run2 inline/user/zoe/run; cause inline/user/zoe/run2`,
			},
		},
		"another region": {
			edit: func(b *builder) {
				b.inline("west", userID("zoe"), policy.Allow("ssm:StartSession").On("arn:aws:ec2:us-west-2:"+account+":instance/*"))
			},
			want: []string{
				`+ user/zoe: open sessions on any instance in us-west-2 (none today) (0); via inline/user/zoe/west; cause inline/user/zoe/west`,
			},
		},
		"a policy without a text": {
			edit: func(b *builder) {
				arn := "arn:aws:iam::aws:policy/NewerThanUs"
				b.Policies[arn] = Managed{Name: "NewerThanUs", ARN: arn, Unread: "AWS has it in no version that is known here"}
				b.Grants = append(b.Grants, Grant{To: userID("zoe"), ARN: arn, Name: "NewerThanUs", From: resource.ID{Kind: "attachment", Name: "user/zoe/aws:NewerThanUs"}})
			},
			want: []string{
				`+ user/zoe: whatever NewerThanUs allows UNKNOWN; via attachment/user/zoe/aws:NewerThanUs; cause attachment/user/zoe/aws:NewerThanUs`,
			},
		},
		"a boundary without a text": {
			edit: func(b *builder) {
				b.Bounds = append(b.Bounds, Bound{Of: userID("amy"), ARN: iamARN("policy/gone"), From: resource.ID{Kind: "boundary", Name: "user/amy"}})
			},
			want: []string{
				`- user/amy: whatever the boundary gone does not allow UNKNOWN; via boundary/user/amy; cause boundary/user/amy`,
			},
		},
		"one member has it anyway": {
			base: func(b *builder) { b.inline("own", userID("ben"), policy.Allow("ssm:GetDocument").On("*")) },
			edit: func(b *builder) { b.inline("read", groupID("web"), policy.Allow("ssm:GetDocument").On("*")) },
			want: []string{
				`+ user/amy: ssm:GetDocument; via membership/web/amy inline/group/web/read; cause inline/group/web/read`,
			},
		},
		"a new group with new members": {
			edit: func(b *builder) {
				b.group("new").join("new", "amy").join("new", "zoe").inline("read", groupID("new"), policy.Allow("ssm:GetDocument").On("*"))
			},
			want: []string{
				`+ group/new [amy zoe]: ssm:GetDocument; via inline/group/new/read; cause inline/group/new/read membership/new/amy membership/new/zoe`,
			},
		},
		"two policies by one membership": {
			base: func(b *builder) {
				b.group("both").attach("AmazonSSMFullAccess", groupID("both")).attach("AmazonSSMReadOnlyAccess", groupID("both"))
			},
			edit: func(b *builder) { b.join("both", "zoe") },
			want: []string{
				`+ user/zoe: everything in Systems Manager, ssmmessages:OpenDataChannel on every instance (4) [*]; via membership/both/zoe attachment/group/both/AmazonSSMFullAccess attachment/group/both/AmazonSSMReadOnlyAccess; cause membership/both/zoe`,
			},
		},
		"AWS changes a policy of its own": {
			edit: func(b *builder) {
				b.awsPolicy("AmazonSSMReadOnlyAccess", policy.Allow("ssm:Describe*", "ssm:List*").On("*"), policy.Allow("ssm:GetDocument", "ssm:GetInv*").On("*"))
			},
			want: []string{
				`- user/ann: read parameters, get the credentials of access requests, 22 other read actions on every instance (4) [*]; via membership/auditors/ann attachment/group/auditors/AmazonSSMReadOnlyAccess; cause attachment/group/auditors/AmazonSSMReadOnlyAccess`,
			},
		},
		"no inventory at all": {
			base: func(b *builder) { b.Nodes, b.Documents = nil, nil },
			edit: func(b *builder) { b.join("platform", "zoe") },
			want: []string{
				`+ user/zoe: everything in Systems Manager, ssmmessages:OpenDataChannel on every instance (0) [*]; via membership/platform/zoe attachment/group/platform/AmazonSSMFullAccess; cause membership/platform/zoe`,
			},
		},
		"all nodes but those of production": {
			edit: func(b *builder) {
				b.inline("dev", userID("zoe"), policy.Allow("ssm:StartSession").On(nodeARN("*"), nodeARN("mi-*")),
					policy.Deny("ssm:StartSession").On("*").If("StringEquals", "aws:ResourceTag/Env", "prod"))
			},
			want: []string{
				`+ user/zoe: open sessions on every instance but 2 instances with Env=prod (2); via inline/user/zoe/dev; cause inline/user/zoe/dev`,
			},
		},
		"all nodes but one": {
			edit: func(b *builder) {
				b.inline("most", userID("zoe"), policy.Allow("ssm:StartSession").On(nodeARN("*"), nodeARN("mi-*")), policy.Deny("ssm:*").On(nodeARN(web1)))
			},
			want: []string{
				`+ user/zoe: open sessions on every instance but i-0aaa0000000000001 (3); via inline/user/zoe/most; cause inline/user/zoe/most`,
			},
		},
		"a principal's tag": {
			base: func(b *builder) {
				b.inline("abac", userID("zoe"), policy.Allow("ssm:StartSession").On("*").If("StringEquals", "ssm:resourceTag/App", "${aws:PrincipalTag/app}"))
			},
			edit: func(b *builder) {
				i := slices.IndexFunc(b.Principals, func(p Principal) bool { return p.ID == userID("zoe") })
				b.Principals[i].Tags = map[string]string{"App": "db"}
			},
			want: []string{
				`+ user/zoe: open sessions [task/* with App=db]; via inline/user/zoe/abac; cause user/zoe`,
				`+ user/zoe: open sessions on 1 instance with App=db (1); via inline/user/zoe/abac; cause user/zoe`,
				`+ user/zoe: open sessions with any document with App=db on 1 instance with App=db (1) with (0); via inline/user/zoe/abac; cause user/zoe`,
			},
		},
		"a role trusts someone else": {
			edit: func(b *builder) {
				for i, p := range b.Principals {
					if p.ID == roleID("db-backup") {
						b.Principals[i].Trust = policy.New(trustEC2, trustARN(iamARN("user/zoe"), "arn:aws:iam::999988887777:root"))
					}
				}
				b.inline("call", userID("zoe"), policy.Allow("sts:AssumeRole").On(iamARN("role/db-backup")))
			},
			want: []string{
				`+ user/zoe: assume role/db-backup [role/db-backup]; via inline/user/zoe/call role/db-backup; cause inline/user/zoe/call role/db-backup`,
				`+ role/db-backup: be assumed by arn:aws:iam::999988887777:root [role/db-backup]; via role/db-backup; cause role/db-backup`,
			},
		},
		"a user goes": {
			edit: func(b *builder) {
				b.leave("auditors", "ann")
				b.Principals = slices.DeleteFunc(b.Principals, func(p Principal) bool { return p.ID == userID("ann") })
			},
			want: []string{
				`- user/ann: read parameters, get the credentials of access requests, 79 other read actions on every instance (4) [*]; via membership/auditors/ann attachment/group/auditors/AmazonSSMReadOnlyAccess; cause membership/auditors/ann user/ann`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := func(*builder) {}
			if test.base != nil {
				base = test.base
			}
			before := change(base)
			after := change(func(b *builder) { base(b); test.edit(b) })
			got := Compare(before, after)
			if got == nil {
				t.Error("Compare returned nil")
			}
			if test.want == nil {
				test.want = []string{}
			}
			if diff := cmp.Diff(test.want, lines(got)); diff != "" {
				t.Errorf("Compare (-want +got):\n%s", diff)
			}
		})
	}
}
