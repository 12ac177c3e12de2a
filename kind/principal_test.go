package kind_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func (by somebody) makesGroup(name string) {
	must(by.iam.CreateGroup(by.Context(), &iam.CreateGroupInput{GroupName: &name}))
}

func (by somebody) adds(user, group string) {
	must(by.iam.AddUserToGroup(by.Context(), &iam.AddUserToGroupInput{UserName: &user, GroupName: &group}))
}

func (by somebody) attaches(user, arn string) {
	must(by.iam.AttachUserPolicy(by.Context(), &iam.AttachUserPolicyInput{UserName: &user, PolicyArn: &arn}))
}

const (
	readOnlyARN = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
	fullARN     = "arn:aws:iam::aws:policy/AmazonSSMFullAccess"
	auditARN    = "arn:aws:iam::aws:policy/SecurityAudit"
)

func TestUser(t *testing.T) {
	t.Parallel()
	const svc = "users: {svc: {}}"
	gone := []string{"delete user/svc; loses its unique id, which policies elsewhere may name"}
	tellAll(t, map[string]story{
		"with an access key": {
			first: svc, then: "groups: {}", refused: "user svc still has 1 access key, which nothing could bring back",
			meanwhile: func(by somebody) {
				must(by.iam.CreateAccessKey(by.Context(), &iam.CreateAccessKeyInput{UserName: new("svc")}))
			},
		},
		"with a password and two keys": {
			first: svc, then: "groups: {}", refused: "user svc still has a console password, 2 access keys",
			meanwhile: func(by somebody) {
				must(by.iam.CreateLoginProfile(by.Context(), &iam.CreateLoginProfileInput{UserName: new("svc"), Password: new("Correct-Horse-9")}))
				must(by.iam.CreateAccessKey(by.Context(), &iam.CreateAccessKeyInput{UserName: new("svc")}))
				must(by.iam.CreateAccessKey(by.Context(), &iam.CreateAccessKeyInput{UserName: new("svc")}))
			},
		},
		"without credentials": {first: svc, then: "groups: {}", plan: gone},
		"path, tags and boundary": {
			first: svc, then: `users: {svc: {path: /svc/, tags: {Team: ops}, permissions_boundary: "` + fullARN + `"}}`, plan: []string{"update user/svc"},
		},
		"boundary taken off by hand": {
			first: `users: {svc: {permissions_boundary: "` + fullARN + `"}}`, plan: []string{"update user/svc"},
			meanwhile: func(by somebody) {
				must(by.iam.DeleteUserPermissionsBoundary(by.Context(), &iam.DeleteUserPermissionsBoundaryInput{UserName: new("svc")}))
			},
		},
		"a tag whose key changes case": {first: "users: {svc: {tags: {team: ops}}}", then: "users: {svc: {tags: {Team: ops}}}", plan: []string{"update user/svc"}},
		"tags that IAM cannot tell apart": {
			first: "users: {svc: {tags: {team: ops}}}", plan: []string{"update user/svc"},
			meanwhile: func(by somebody) {
				must(by.iam.TagUser(by.Context(), &iam.TagUserInput{UserName: new("svc"), Tags: []iamtypes.Tag{{Key: new("TEAM"), Value: new("web")}}}))
			},
		},
		"an existing one keeps what is not named": {
			before: func(by somebody) {
				by.attaches("alice", auditARN)
				by.makesGroup("theirs")
				by.adds("alice", "theirs")
				must(by.iam.PutUserPermissionsBoundary(by.Context(), &iam.PutUserPermissionsBoundaryInput{UserName: new("alice"), PermissionsBoundary: new(fullARN)}))
				must(by.iam.TagUser(by.Context(), &iam.TagUserInput{UserName: new("alice"), Tags: []iamtypes.Tag{{Key: new("a"), Value: new("b")}}}))
			},
			first: "users: {alice: {existing: true, access: {actions: read-only}}}", then: "groups: {}",
			plan: []string{"delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"},
		},
		"an owned one has only what is named": {
			first: svc, meanwhile: func(by somebody) { by.attaches("svc", auditARN); by.makesGroup("theirs"); by.adds("svc", "theirs") },
			plan: []string{"delete attachment/user/svc/aws:SecurityAudit", "delete membership/theirs/svc"},
		},
		"named only in another case": {then: "users: {ALICE: {}}", refused: `user/ALICE is in the account as "alice"`},
	})
}

func TestGroup(t *testing.T) {
	t.Parallel()
	theirs := func(by somebody) { by.makesGroup("theirs"); by.adds("alice", "theirs"); by.adds("carol", "theirs") }
	tellAll(t, map[string]story{
		"an existing one gains and loses named members": {
			before: theirs, first: "groups: {theirs: {existing: true, members: [bob]}}", then: "groups: {theirs: {existing: true, members: []}}",
			plan: []string{"delete membership/theirs/bob"},
		},
		"an existing member stays when the line goes": {
			before: theirs, first: "groups: {theirs: {existing: true, members: [alice]}}", then: "groups: {theirs: {existing: true}}",
		},
		"a foreign member of an owned one": {
			first: "groups: {ops: {members: [alice]}}", meanwhile: func(by somebody) { by.adds("bob", "ops") }, plan: []string{"delete membership/ops/bob"},
		},
		"a member taken out by hand": {
			first: "groups: {ops: {members: [alice]}}", plan: []string{"create membership/ops/alice"},
			meanwhile: func(by somebody) {
				must(by.iam.RemoveUserFromGroup(by.Context(), &iam.RemoveUserFromGroupInput{UserName: new("alice"), GroupName: new("ops")}))
			},
		},
		"there in another case": {before: func(by somebody) { by.makesGroup("Admins") }, then: "groups: {admins: {}}", refused: `group/admins is in the account as "Admins"`},
		"a user in eleven":      {then: elevenGroups(), refused: "user alice is in more than 10 groups"},
	})
}

// elevenGroups is one more group than IAM lets a user be in.
func elevenGroups() string {
	var b strings.Builder
	b.WriteString("groups:\n")
	for n := range 11 {
		fmt.Fprintf(&b, "  g%d: {members: [alice]}\n", n)
	}
	return b.String()
}

const svcRole = `roles: {oncall: {type: people, trust: {principals: ["arn:aws:iam::123456789012:user/svc"]}}}`

func TestRole(t *testing.T) {
	t.Parallel()
	people := `roles: {oncall: {type: people, trust: {accounts: ["111111111111"]}}}`
	tellAll(t, map[string]story{
		"trusted user of the same plan": {
			then: "users: {svc: {}}\n" + svcRole, plan: []string{"create role/oncall", "create user/svc"},
		},
		"trusted user that is not there":    {then: svcRole, refused: "role/oncall needs user/svc, which is neither in the account nor declared"},
		"trusted user of another account":   {then: strings.Replace(svcRole, "123456789012", "210987654321", 1), plan: []string{"create role/oncall"}},
		"trusts itself":                     {then: strings.Replace(svcRole, "user/svc", "role/oncall", 1), refused: "role oncall trusts itself"},
		"comes to trust itself":             {first: people, then: strings.Replace(svcRole, "user/svc", "role/oncall", 1), plan: []string{"update role/oncall"}},
		"another path":                      {first: people, then: strings.Replace(people, "type:", "path: /ops/, type:", 1), refused: "IAM cannot move a role to /ops/"},
		"longer sessions, same description": {first: strings.Replace(people, "type:", "description: On call, type:", 1), then: strings.Replace(people, "type:", "description: On call, max_session: 2h, type:", 1), plan: []string{"update role/oncall"}},
		"another description, same sessions": {
			first: strings.Replace(people, "type:", "max_session: 2h, type:", 1), then: strings.Replace(people, "type:", "description: On call, max_session: 2h, type:", 1), plan: []string{"update role/oncall"},
		},
		"in somebody else's profile": {
			first: "roles: {one: {type: instance}}", then: "groups: {}", meanwhile: func(by somebody) { by.makesProfile("theirs", "/", "one") },
			refused: "role/one would be deleted, but is still used by profile/theirs",
		},
	})
}

func TestProfile(t *testing.T) {
	t.Parallel()
	tellAll(t, map[string]story{
		"role swapped": {
			first: "roles: {one: {type: instance, instance_profile: web}, two: {type: instance}}",
			then:  "roles: {one: {type: instance, instance_profile: none}, two: {type: instance, instance_profile: web}}",
			plan:  []string{"delete profile/two; loses its unique id, by which instances are tied to it", "update profile/web"},
		},
		"role taken out by hand": {
			first: "roles: {one: {type: instance}}", plan: []string{"update profile/one"},
			meanwhile: func(by somebody) {
				must(by.iam.RemoveRoleFromInstanceProfile(by.Context(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("one"), RoleName: new("one")}))
			},
		},
		"two that differ only in case": {
			then:    "roles: {a: {type: instance, instance_profile: Web}, b: {type: instance, instance_profile: web}}",
			refused: "profile/Web and profile/web differ only in case",
		},
		"tags only": {first: "roles: {one: {type: instance}}", then: "defaults: {tags: {Team: ops}}\nroles: {one: {type: instance}}", plan: []string{"update profile/one", "update role/one"}},
		"somebody else's": {
			before: func(by somebody) { by.makesProfile("one", "/", "") }, then: "roles: {one: {type: instance}}",
			refused: "profile/one exists already, and this spec does not own it",
		},
	})
}

func TestAccessOfExisting(t *testing.T) {
	t.Parallel()
	both := func(by somebody) { by.attaches("alice", readOnlyARN); by.attaches("alice", auditARN) }
	tellAll(t, map[string]story{
		"none takes away":              {before: both, then: "users: {alice: {existing: true, access: {actions: none}}}", plan: []string{"delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"}},
		"nothing said leaves alone":    {before: both, then: "users: {alice: {existing: true, access: {insights: none}}}"},
		"no access leaves alone":       {before: both, then: "users: {alice: {existing: true}}"},
		"a level takes the other away": {before: both, then: "users: {alice: {existing: true, access: {actions: full}}}", plan: []string{"create attachment/user/alice/aws:AmazonSSMFullAccess", "delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"}},
		"preset": {before: both, then: "users: {alice: {existing: true, access: read-only}}", plan: []string{
			"create attachment/user/alice/aws:AWSConfigUserAccess", "create attachment/user/alice/aws:AWSHealthFullAccess",
			"create attachment/user/alice/aws:AWSResourceGroupsReadOnlyAccess", "create attachment/user/alice/aws:CloudWatchReadOnlyAccess",
		}, notes: []string{"attachment/user/alice/aws:AmazonSSMReadOnlyAccess: was there before"}},
		"preset none": {before: both, then: "users: {alice: {existing: true, access: none}}", plan: []string{"delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"}},
		"a policy named beside none": {
			before: both, then: "users: {alice: {existing: true, access: {actions: none}, policies: [AmazonSSMReadOnlyAccess]}}",
			notes: []string{"attachment/user/alice/aws:AmazonSSMReadOnlyAccess: was there before"},
		},
		"a policy named twice": {then: "users: {alice: {existing: true, access: {actions: full}, policies: [AmazonSSMFullAccess]}}", plan: []string{"create attachment/user/alice/aws:AmazonSSMFullAccess"}},
		"a restriction": {
			first: runOne + "\nusers: {alice: {existing: true, restrictions: [run]}}", then: runOne, plan: []string{"delete attachment/user/alice/run"},
		},
	})
}

// A document of somebody else's that cannot be read stops no plan; one on what
// the spec owns does, and the error names it.
func TestUnreadableDocument(t *testing.T) {
	t.Parallel()
	const first = "users: {svc: {}}\nroles: {one: {type: instance}}\n" + runOne
	inline := func(user string) func(somebody) {
		return func(by somebody) {
			must(by.iam.PutUserPolicy(by.Context(), &iam.PutUserPolicyInput{UserName: &user, PolicyName: new("odd"), PolicyDocument: new(`{"Version":"2012-10-17","Statement":[{"Sid":"odd","Effect":"Allow","Action":"ssm:Get*","Resource":"*"}]}`)}))
		}
	}
	oddTrust := strings.Replace(trustEC2, `"Effect"`, `"Sid":"odd","Effect"`, 1)
	tests := map[string]struct {
		meanwhile func(somebody)
		want      string
	}{
		"inline, foreign": {meanwhile: inline("alice")},
		"inline, owned":   {meanwhile: inline("svc"), want: "inline policy odd of user/svc cannot be read"},
		"trust, foreign": {meanwhile: func(by somebody) {
			must(by.iam.CreateRole(by.Context(), &iam.CreateRoleInput{RoleName: new("theirs"), AssumeRolePolicyDocument: &oddTrust}))
		}},
		"trust, owned": {want: "role one has a trust policy that ssmctl cannot read", meanwhile: func(by somebody) {
			must(by.iam.UpdateAssumeRolePolicy(by.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("one"), PolicyDocument: &oddTrust}))
		}},
		"managed, owned": {want: "policy " + runARN + ": the version in force cannot be read", meanwhile: func(by somebody) {
			must(by.iam.CreatePolicyVersion(by.Context(), &iam.CreatePolicyVersionInput{PolicyArn: new(runARN), SetAsDefault: true, PolicyDocument: new(`{"Version":"2012-10-17","Statement":[{"Sid":"odd","Effect":"Allow","Action":"ssm:Get*","Resource":"*"}]}`)}))
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				mustApply(t, account, head+first)
				tt.meanwhile(somebody{t, account, clientsOf(account)})
				session := connectBy(t, account, rewriting{account.Client().Transport, func(answer []byte) []byte {
					// An element given twice: IAM takes it, and no one can tell what it means.
					return bytes.ReplaceAll(answer, []byte("%22Sid%22%3A%22odd%22"), []byte("%22Sid%22%3A%22odd%22%2C%22Sid%22%3A%22odd%22"))
				}})
				p, _, refused := review(t, session, head+first)
				if tt.want == "" && (refused != "" || len(p.Steps) != 0) || !strings.Contains(refused, tt.want) {
					t.Errorf("refused: %q, want %q", refused, tt.want)
				}
			})
		})
	}
}

// What is read of the trust policy of a user that was deleted is told in the
// plan by the id that IAM shows.
func TestDeadPrincipalIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		by := somebody{t, account, clientsOf(account)}
		id := *must(by.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("svc")})).User.UserId
		mustApply(t, account, head+svcRole)
		must(by.iam.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: new("svc")}))
		must(by.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("svc")}))
		p := makePlan(t, connect(t, account), head+svcRole)
		if got, want := strings.Join(steps(p), "\n"), "update role/oncall; loses its trust in "+id; !strings.HasPrefix(got, want) {
			t.Errorf("plan %q, want %q", got, want)
		}
	})
}
