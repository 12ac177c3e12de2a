package kind

import (
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A principal is what calls about a user, group or role need to know of it.
type principal struct {
	arn   string
	keys  policy.Context // that tell its tags
	bound policy.Context // that tell its boundary, of calls about what it may do
}

// principal looks up a user, group or role.
func (w Where) principal(id resource.ID) principal {
	switch o := w.object(id).(type) {
	case User:
		return w.user(o)
	case Role:
		return w.role(o)
	case Group:
		return principal{arn: w.iam(groupKind, o.Path, o.Name)}
	}
	return principal{arn: w.iam(id.Kind, "", id.Name)}
}

func (w Where) user(u User) principal {
	return w.bounded(u.ID(), w.iam(userKind, u.Path, u.Name), u.PermissionsBoundary, u.Tags)
}

func (w Where) role(r Role) principal {
	return w.bounded(r.ID(), w.iam(roleKind, r.Path, r.Name), r.PermissionsBoundary, r.Tags)
}

// bounded is a principal that has tags and may have a boundary. That of one
// which the spec does not own is an object of its own.
func (w Where) bounded(of resource.ID, arn, boundary string, tags map[string]string) principal {
	if b, ok := w.object(Boundary{Of: of}.ID()).(Boundary); ok && boundary == "" {
		boundary = b.Policy
	}
	return principal{arn, resourceTags(tags, "aws", "iam"), key(boundaryKey, boundary)}
}

// boundaryKey holds the boundary that a request sets, or that its principal has.
const boundaryKey = "iam:PermissionsBoundary"

// verb completes the name of an action that there is for users, groups and
// roles alike: "iam:AttachUserPolicy" of "Attach" and "Policy".
func verb(do string, of resource.ID, what string) string {
	noun := map[string]string{userKind: "User", groupKind: "Group", roleKind: "Role"}[of.Kind]
	return "iam:" + do + noun + what
}

func userCalls(w Where, before, after *User) []policy.Request {
	switch {
	case before == nil:
		// Tags of what is made need the right to tag, whatever the call's name.
		arn, tags := w.user(*after).arn, w.newTags(after.Tags)
		made := w.call("iam:CreateUser", arn, tags, key(boundaryKey, after.PermissionsBoundary))
		return []policy.Request{made, w.call("iam:TagUser", arn, tags), w.call("iam:GetUser", arn, resourceTags(after.Tags, "aws", "iam"))}
	case after == nil:
		u := w.user(*before)
		return w.calls([]string{
			"iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListMFADevices", "iam:ListSigningCertificates",
			"iam:ListSSHPublicKeys", "iam:ListServiceSpecificCredentials", "iam:DeleteUser", "iam:GetUser",
		}, u.arn, u.keys)
	}
	u := w.user(*before)
	all := []policy.Request{w.call("iam:GetUser", u.arn, u.keys)}
	if before.PermissionsBoundary != after.PermissionsBoundary {
		all = append(all, w.boundCall(after.ID(), u, after.PermissionsBoundary))
	}
	if before.Path != after.Path { // IAM asks for the right to both names
		moved := w.user(*after).arn
		all = append(all, w.call("iam:UpdateUser", u.arn, u.keys), w.call("iam:UpdateUser", moved), w.call("iam:GetUser", moved, u.keys))
		u.arn = moved
	}
	return append(all, w.retagCalls(before.Tags, after.Tags, "iam:UntagUser", "iam:TagUser", u.arn, u.keys)...)
}

func groupCalls(w Where, before, after *Group) []policy.Request {
	arn := func(g Group) string { return w.iam(groupKind, g.Path, g.Name) }
	switch {
	case before == nil:
		return w.calls([]string{"iam:CreateGroup", "iam:GetGroup"}, arn(*after))
	case after == nil:
		return w.calls([]string{"iam:DeleteGroup", "iam:GetGroup"}, arn(*before))
	}
	// IAM asks for the right to both names.
	return append(w.calls([]string{"iam:UpdateGroup", "iam:GetGroup"}, arn(*before)), w.calls([]string{"iam:UpdateGroup", "iam:GetGroup"}, arn(*after))...)
}

func roleCalls(w Where, before, after *Role) []policy.Request {
	switch {
	case before == nil:
		arn, tags := w.role(*after).arn, w.newTags(after.Tags)
		made := w.call("iam:CreateRole", arn, tags, key(boundaryKey, after.PermissionsBoundary))
		return []policy.Request{made, w.call("iam:TagRole", arn, tags), w.call("iam:GetRole", arn, resourceTags(after.Tags, "aws", "iam"))}
	case after == nil:
		r := w.role(*before)
		return w.calls([]string{"iam:DeleteRole", "iam:GetRole"}, r.arn, r.keys)
	}
	r := w.role(*before)
	all := []policy.Request{w.call("iam:GetRole", r.arn, r.keys)}
	if before.PermissionsBoundary != after.PermissionsBoundary {
		all = append(all, w.boundCall(after.ID(), r, after.PermissionsBoundary))
	}
	if !before.Trust.Equal(after.Trust) {
		all = append(all, w.call("iam:UpdateAssumeRolePolicy", r.arn, r.keys))
	}
	if before.Description != after.Description || before.MaxSession != after.MaxSession {
		all = append(all, w.call("iam:UpdateRole", r.arn, r.keys))
	}
	return append(all, w.retagCalls(before.Tags, after.Tags, "iam:UntagRole", "iam:TagRole", r.arn, r.keys)...)
}

func boundaryCalls(w Where, before, after *Boundary) []policy.Request {
	to := ""
	if after != nil {
		before, to = after, after.Policy
	}
	of := w.principal(before.Of)
	return []policy.Request{w.call(verb("Get", before.Of, ""), of.arn, of.keys), w.boundCall(before.Of, of, to)}
}

// boundCall is the call that sets a boundary, or with "" takes it away.
func (w Where) boundCall(of resource.ID, p principal, arn string) policy.Request {
	if arn == "" {
		return w.call(verb("Delete", of, "PermissionsBoundary"), p.arn, p.keys, p.bound)
	}
	return w.call(verb("Put", of, "PermissionsBoundary"), p.arn, p.keys, key(boundaryKey, arn))
}
