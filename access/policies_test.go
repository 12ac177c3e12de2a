package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

func TestEffective(t *testing.T) {
	t.Parallel()
	a := change(func(b *builder) {
		b.policy("fence", policy.Allow("ssm:*").On("*")).bound("fence", userID("amy"))
		b.inline("own", userID("amy"), policy.Allow("ssm:GetParameter").On("*"))
		b.join("lost", "amy") // a group that has nothing
		b.Grants = append(b.Grants, Grant{To: groupID("web"), ARN: iamARN("policy/path/gone"), From: resource.ID{Kind: "attachment", Name: "group/web/gone"}})
	})
	e, ok := a.Effective(userID("amy"))
	if !ok {
		t.Fatal("there is no amy")
	}
	type told struct{ Name, Group, Chain string }
	var got []told
	for _, o := range e.Identity {
		got = append(got, told{o.Name, o.Group, names(o.Chain)})
	}
	want := []told{
		{"own", "", "inline/user/amy/own"},
		{"deploy-web", "web", "membership/web/amy attachment/group/web/deploy-web policy/deploy-web"},
		{"shell-web", "web", "membership/web/amy attachment/group/web/shell-web policy/shell-web"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	if len(e.Policies.Identity) != len(want) || len(e.Policies.Boundary) != 1 || names(e.Boundary[0].Chain) != "boundary/user/amy policy/fence" {
		t.Errorf("%d documents, boundary %v", len(e.Policies.Identity), e.Boundary)
	}
	wantUnread := []Unread{{
		Origin: Origin{Group: "web", Name: "gone", ARN: iamARN("policy/path/gone"), Chain: []resource.ID{{Kind: "membership", Name: "web/amy"}, {Kind: "attachment", Name: "group/web/gone"}}},
		Why:    "the text of " + iamARN("policy/path/gone") + " is not part of what was read",
	}}
	if diff := cmp.Diff(wantUnread, e.Unread); diff != "" {
		t.Errorf("unread (-want +got):\n%s", diff)
	}
	if _, ok := a.Effective(userID("nobody")); ok {
		t.Error("there is a user/nobody")
	}
	if _, ok := a.Effective(groupID("web")); ok {
		t.Error("a group has effective policies of its own")
	}
}
