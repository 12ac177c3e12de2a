package sandbox_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/sandbox"
)

// furnish puts something of everything into the account.
func furnish(k *kit) {
	k.seed()
	k.group("g")
	k.role("r")
	k.profile("p", "r")
	k.attachRole("r", k.policy("pol"))
	must(k.iam.CreatePolicyVersion(k.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: new(ownPolicy + "pol"), PolicyDocument: new(denyAll), SetAsDefault: true}))
	must(k.iam.AddUserToGroup(k.ctx(), &iam.AddUserToGroupInput{UserName: new("alice"), GroupName: new("g")}))
	must(k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("bob"), PolicyName: new("i"), PolicyDocument: new(allowAll)}))
	must(k.iam.CreateAccessKey(k.ctx(), &iam.CreateAccessKeyInput{UserName: new("carol")}))
	must(k.iam.CreateRole(k.ctx(), &iam.CreateRoleInput{RoleName: new("trusting"), AssumeRolePolicyDocument: new(trustOf(`"arn:aws:iam::123456789012:user/alice"`)), Tags: []types.Tag{{Key: new("k"), Value: new("v")}}}))
	must(0, associate(firstGuide, "p")(k))
	must(0, put("/a/b", "v")(k))
	must(k.ec2.CreateTags(k.ctx(), &ec2.CreateTagsInput{Resources: []string{firstGuide}, Tags: []ec2types.Tag{{Key: new("Env"), Value: new("dev")}}}))
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	furnish(k)
	var saved, again bytes.Buffer
	must(0, k.server.Save(&saved))
	loaded, err := sandbox.Load(bytes.NewReader(saved.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	must(0, loaded.Save(&again))
	if diff := cmp.Diff(saved.String(), again.String()); diff != "" {
		t.Errorf("saved, loaded and saved (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(string(k.server.Dump()), string(loaded.Dump())); diff != "" {
		t.Errorf("dumps (-saved +loaded):\n%s", diff)
	}
	// What follows goes the same way in both: ids, too, go on where they were.
	l := kitOf(t, loaded)
	one, two := k.launch("p"), l.launch("p")
	if one != two {
		t.Errorf("launched %s and %s", one, two)
	}
	if err := deleteRole(l); code(err) != "DeleteConflict" {
		t.Errorf("the loaded account lets go of a role in use: %v", err)
	}
}

// What was answered before a sandbox is stopped is saved, and nothing is answered
// after it.
func TestStop(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 70 {
				_, err := k.iam.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: new(fmt.Sprintf("g%d-%d", i, n))})
				switch code(err) {
				case "":
					made.Add(1)
				case "ServiceUnavailable":
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	for made.Load() < 20 {
		runtime.Gosched()
	}
	k.server.Stop()
	var saved bytes.Buffer
	must(0, k.server.Save(&saved))
	wg.Wait()
	loaded, err := sandbox.Load(&saved)
	if err != nil {
		t.Fatal(err)
	}
	groups := must(kitOf(t, loaded).iam.ListGroups(t.Context(), &iam.ListGroupsInput{MaxItems: new(int32(1000))})).Groups
	if len(groups) != int(made.Load()) || refused.Load() == 0 {
		t.Errorf("%d groups were saved, %d made and %d refused", len(groups), made.Load(), refused.Load())
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	furnish(k)
	var saved bytes.Buffer
	must(0, k.server.Save(&saved))
	text := saved.String()
	change := func(old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the file does not hold %s", old)
		}
		return strings.ReplaceAll(text, old, new)
	}
	groupID := *must(k.iam.GetGroup(k.ctx(), &iam.GetGroupInput{GroupName: new("g")})).Group.GroupId
	roleID := *must(k.iam.GetRole(k.ctx(), &iam.GetRoleInput{RoleName: new("r")})).Role.RoleId
	bobID := *must(k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("bob")})).User.UserId
	aliceID := *must(k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("alice")})).User.UserId
	tests := map[string]struct{ file, says string }{
		"empty":                {"", "is empty"},
		"not JSON":             {"hello", "damaged"},
		"something else":       {"{}", "not a sandbox file"},
		"cut short":            {text[:len(text)/2], "damaged"},
		"more after it":        {text + text, "damaged"},
		"another version":      {change(`"version": 1`, `"version": 2`), "version 2"},
		"unknown field":        {change(`"Serial"`, `"Cereal"`), "Cereal"},
		"unknown field below":  {change(`"Path"`, `"Paths"`), "Paths"},
		"no list":              {strings.Replace(text, `"Users": [`, `"Users": {}, "x": [`, 1), "no list"},
		"no account id":        {change(`"ID": "123456789012"`, `"ID": "1"`), "damaged"},
		"user there twice":     {change(`"Name": "bob"`, `"Name": "alice"`), `"alice" is there twice`},
		"id there twice":       {change(bobID, aliceID), "twice"},
		"group of nobody":      {strings.Replace(text, groupID, "AGPAXXXXXXXXXXXXXXXXX", 1), "does not exist"},
		"role of a profile":    {change(`"Role": "`+roleID, `"Role": "AROAXXXXXXXXXXXXXXXXX`), "instance profile p has role"},
		"policy that is gone":  {change(`"Name": "pol"`, `"Name": "other"`), "does not exist"},
		"default version":      {change(`"Default": "v2"`, `"Default": "v9"`), "no version"},
		"trust policy":         {change(`"Trust": "{`, `"Trust": "`), "trust policy"},
		"inline policy":        {change(`"i": "{`, `"i": "`), "inline policy i"},
		"instance that is not": {change(`"Instance": "i-1`, `"Instance": "i-2`), "association"},
		"null in a list":       {change(`"Groups": [`, `"Groups": [null,`), "damaged"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := sandbox.Load(strings.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want ...%s...", err, tt.says)
			}
		})
	}
}

// TestDump: made again, everything is as it was; changed in any one way, it
// is not.
func TestDump(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	furnish(k)
	dump := string(k.server.Dump())

	same := newKit(t)
	same.user("other") // moves every id that is made up later
	must(same.iam.DeleteUser(same.ctx(), &iam.DeleteUserInput{UserName: new("other")}))
	furnish(same)
	must(same.ec2.DescribeInstances(same.ctx(), nil, func(o *ec2.Options) { o.Region = "eu-west-1" }))
	gone := same.launch("")
	must(same.ec2.TerminateInstances(same.ctx(), &ec2.TerminateInstancesInput{InstanceIds: []string{gone}}))
	if diff := cmp.Diff(dump, string(same.server.Dump())); diff != "" {
		t.Errorf("two accounts with the same in them (-one +other):\n%s", diff)
	}
	reformatted := `{"Statement": {"Resource": ["*"], "Action": ["*"], "Effect": "Allow"}, "Version": "2012-10-17"}`
	must(same.iam.PutUserPolicy(same.ctx(), &iam.PutUserPolicyInput{UserName: new("bob"), PolicyName: new("i"), PolicyDocument: &reformatted}))
	if diff := cmp.Diff(dump, string(same.server.Dump())); diff != "" {
		t.Errorf("a policy written otherwise (-one +other):\n%s", diff)
	}

	for name, change := range map[string]func(*kit) error{
		"member": func(k *kit) error {
			_, err := k.iam.RemoveUserFromGroup(k.ctx(), &iam.RemoveUserFromGroupInput{UserName: new("alice"), GroupName: new("g")})
			return err
		},
		"inline": func(k *kit) error {
			_, err := k.iam.PutUserPolicy(k.ctx(), &iam.PutUserPolicyInput{UserName: new("bob"), PolicyName: new("i"), PolicyDocument: new(denyAll)})
			return err
		},
		"attached": func(k *kit) error {
			_, err := k.iam.DetachRolePolicy(k.ctx(), &iam.DetachRolePolicyInput{RoleName: new("r"), PolicyArn: new(ownPolicy + "pol")})
			return err
		},
		"version": func(k *kit) error {
			_, err := k.iam.DeletePolicyVersion(k.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: new(ownPolicy + "pol"), VersionId: new("v1")})
			return err
		},
		"default": func(k *kit) error {
			_, err := k.iam.SetDefaultPolicyVersion(k.ctx(), &iam.SetDefaultPolicyVersionInput{PolicyArn: new(ownPolicy + "pol"), VersionId: new("v1")})
			return err
		},
		"session": func(k *kit) error {
			_, err := k.iam.UpdateRole(k.ctx(), &iam.UpdateRoleInput{RoleName: new("r"), MaxSessionDuration: new(int32(7200))})
			return err
		},
		"trust": func(k *kit) error {
			_, err := k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("trusting"), PolicyDocument: new(trustEC2)})
			return err
		},
		"profile": func(k *kit) error {
			_, err := k.iam.RemoveRoleFromInstanceProfile(k.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: new("p"), RoleName: new("r")})
			return err
		},
		"association": func(k *kit) error {
			_, err := k.ec2.DisassociateIamInstanceProfile(k.ctx(), &ec2.DisassociateIamInstanceProfileInput{AssociationId: new(k.associationOf(firstGuide))})
			return err
		},
		"tag": func(k *kit) error {
			_, err := k.iam.UntagRole(k.ctx(), &iam.UntagRoleInput{RoleName: new("trusting"), TagKeys: []string{"k"}})
			return err
		},
		"instance": func(k *kit) error {
			_, err := k.ec2.StopInstances(k.ctx(), &ec2.StopInstancesInput{InstanceIds: []string{firstGuide}})
			return err
		},
		"value": put("/a/b", "w", overwrite),
		"document": func(k *kit) error {
			_, err := k.ssm.DeleteDocument(k.ctx(), &ssm.DeleteDocumentInput{Name: new("name_of_restrictive_document")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			furnish(k)
			must(0, change(k))
			if string(k.server.Dump()) == dump {
				t.Error("the dump does not show it")
			}
		})
	}
}
