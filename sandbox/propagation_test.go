package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"
)

// TestPropagation: what is new stays unseen for as many requests as were
// asked for, and not one more.
func TestPropagation(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*kit) // before things are hidden
		create  func(*kit)
		refer   func(*kit) error
		want    []string // the codes of four references
	}{
		"profile, to EC2": {
			prepare: func(k *kit) { k.seed(); k.role("r") },
			create:  func(k *kit) { k.profile("p", "r") },
			refer:   associate(firstGuide, "p"),
			want:    []string{"InvalidParameterValue", "InvalidParameterValue", "", "IncorrectState"},
		},
		"role in a profile, to EC2": {
			prepare: func(k *kit) { k.seed(); k.role("r"); k.profile("p", "") },
			create: func(k *kit) {
				must(k.iam.AddRoleToInstanceProfile(k.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: new("p"), RoleName: new("r")}))
			},
			refer: associate(firstGuide, "p"),
			want:  []string{"InvalidParameterValue", "InvalidParameterValue", "", "IncorrectState"},
		},
		"principal, to a trust policy": {
			prepare: func(k *kit) { k.role("trusting") },
			create:  func(k *kit) { k.user("u") },
			refer: func(k *kit) error {
				_, err := k.iam.UpdateAssumeRolePolicy(k.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: new("trusting"), PolicyDocument: new(trustOf(`"arn:aws:iam::123456789012:user/u"`))})
				return err
			},
			want: []string{"MalformedPolicyDocument", "MalformedPolicyDocument", "", ""},
		},
		"role, to an attachment": {
			create: func(k *kit) { k.role("r") },
			refer: func(k *kit) error {
				_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(coreARN)})
				return err
			},
			want: []string{"NoSuchEntity", "NoSuchEntity", "", ""},
		},
		"policy, to an attachment": {
			prepare: func(k *kit) { k.role("r") },
			create:  func(k *kit) { k.policy("p") },
			refer: func(k *kit) error {
				_, err := k.iam.AttachRolePolicy(k.ctx(), &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(ownPolicy + "p")})
				return err
			},
			want: []string{"NoSuchEntity", "NoSuchEntity", "", ""},
		},
		"user, to itself": {
			create: func(k *kit) { k.user("u") },
			refer: func(k *kit) error {
				_, err := k.iam.GetUser(k.ctx(), &iam.GetUserInput{UserName: new("u")})
				return err
			},
			want: []string{"", "", "", ""},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			if tt.prepare != nil {
				tt.prepare(k)
			}
			k.server.SetPropagation(2)
			tt.create(k)
			var got []string
			for range 4 {
				got = append(got, code(tt.refer(k)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("references (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPassingStates: instances and associations take their time.
func TestPassingStates(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	id, old := k.node("a")
	k.role("b")
	k.profile("b", "b")
	k.server.SetPropagation(2)

	replaced := must(k.ec2.ReplaceIamInstanceProfileAssociation(k.ctx(), &ec2.ReplaceIamInstanceProfileAssociationInput{AssociationId: &old, IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: new("b")}})).IamInstanceProfileAssociation
	var got []map[string]string
	for range 3 {
		states := map[string]string{}
		for _, a := range k.associations(id) {
			states[*a.AssociationId] = string(a.State)
		}
		got = append(got, states)
	}
	passing := map[string]string{old: "disassociating", *replaced.AssociationId: "associating"}
	want := []map[string]string{passing, passing, {*replaced.AssociationId: "associated"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("associations, read three times (-want +got):\n%s", diff)
	}

	k.stop(id)
	var states []types.InstanceStateName
	for range 3 {
		states = append(states, k.describe(id).State.Name)
	}
	if diff := cmp.Diff([]types.InstanceStateName{"stopping", "stopping", "stopped"}, states); diff != "" {
		t.Errorf("states of the instance, read three times (-want +got):\n%s", diff)
	}
}
