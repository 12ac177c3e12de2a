package kind

import "github.com/ssmctl/ssmctl/policy"

func attachmentCalls(w Where, before, after *Attachment) []policy.Request {
	do, a := "Attach", after
	if after == nil {
		do, a = "Detach", before
	}
	to := w.principal(a.To)
	return []policy.Request{
		w.call(verb("ListAttached", a.To, "Policies"), to.arn, to.keys),
		w.call(verb(do, a.To, "Policy"), to.arn, to.keys, to.bound, key("iam:PolicyARN", a.Policy)),
	}
}

func inlineCalls(w Where, before, after *InlinePolicy) []policy.Request {
	do, p := "Put", after
	if after == nil {
		do, p = "Delete", before
	}
	of := w.principal(p.Of)
	return []policy.Request{
		w.call(verb("Get", p.Of, "Policy"), of.arn, of.keys),
		w.call(verb(do, p.Of, "Policy"), of.arn, of.keys, of.bound),
	}
}

func membershipCalls(w Where, before, after *Membership) []policy.Request {
	action, m := "iam:AddUserToGroup", after
	if after == nil {
		action, m = "iam:RemoveUserFromGroup", before
	}
	user := w.principal(id(userKind, m.User))
	return []policy.Request{
		w.call("iam:ListGroupsForUser", user.arn, user.keys),
		w.call(action, w.principal(id(groupKind, m.Group)).arn),
	}
}

func policyCalls(w Where, before, after *Policy) []policy.Request {
	read := []string{"iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"}
	switch {
	case before == nil:
		arn, tags := w.iam("policy", after.Path, after.Name), w.newTags(after.Tags)
		made := w.calls([]string{"iam:CreatePolicy", "iam:TagPolicy"}, arn, tags)
		return append(made, w.calls(read, arn, resourceTags(after.Tags, "aws"))...)
	case after == nil:
		arn, tags := w.iam("policy", before.Path, before.Name), resourceTags(before.Tags, "aws")
		return w.calls(append(read, "iam:DeletePolicyVersion", "iam:DeletePolicy"), arn, tags)
	}
	arn, tags := w.iam("policy", before.Path, before.Name), resourceTags(before.Tags, "aws")
	all := w.calls(read, arn, tags)
	if !before.Document.Equal(after.Document) {
		// Which of them depends on the versions that there are by then.
		all = append(all, w.calls([]string{"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion"}, arn, tags)...)
	} else if before.NewerVersions > after.NewerVersions {
		all = append(all, w.call("iam:DeletePolicyVersion", arn, tags))
	}
	return append(all, w.retagCalls(before.Tags, after.Tags, "iam:UntagPolicy", "iam:TagPolicy", arn, tags)...)
}

func ledgerCalls(w Where, before, after *Ledger) []policy.Request {
	spec := or(ledgerSpec(after), ledgerSpec(before))
	all := []policy.Request{w.call("ssm:GetParametersByPath", w.parameter(ledgerPath(spec)))}
	have, want := len(before.parts()), len(after.parts())
	for n := range want {
		all = append(all, w.call("ssm:PutParameter", w.parameter(partName(spec, n)), key("ssm:Overwrite", "true")))
	}
	for n := want; n < have; n++ {
		all = append(all, w.call("ssm:DeleteParameter", w.parameter(partName(spec, n))))
	}
	return all
}
