package check

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// binding are the keys of a request that a least policy binds, by the operator
// that fits their type: those that decide what rights a call hands out, or to
// whom. Others say where a call comes from, or repeat what its resource says,
// such as the tags it has today.
//
// See the Service Authorization Reference of IAM and EC2; and for passing roles
// the IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
var binding = map[string]string{
	"iam:PolicyARN":          "ArnEquals",
	"iam:PassedToService":    "StringEquals",
	"ec2:InstanceProfile":    "ArnEquals",
	"ec2:NewInstanceProfile": "ArnEquals",
	"ec2:InstanceType":       "StringEquals",
	"ec2:CreateAction":       "StringEquals",
}

// The tags of every object that ssmctl makes: the name of the spec, and the run
// that made it, which is another each time.
const (
	nameTag = "ssmctl:name"
	runTag  = "ssmctl:run"
)

// maxBound is how many characters the tags of one call may take in a policy.
// Those that take more, as fifty long ones do, are left free.
const maxBound = policy.MaxManaged / 2

// bind returns the conditions under which a least policy allows a call.
func bind(q policy.Request) policy.Condition {
	bound := policy.Condition{}
	add := func(operator, key string, values ...string) {
		if bound[operator] == nil {
			bound[operator] = map[string][]string{}
		}
		bound[operator][key] = values
	}
	for key, v := range q.Context {
		operator, ok := binding[key]
		if key == "iam:PermissionsBoundary" && setsBoundary(q.Action) {
			operator, ok = "StringEquals", true
		}
		if ok && len(v.List()) == 1 {
			add(operator, key, v.List()...)
		}
	}
	// What is not there yet is known by no ARN, but it will carry the mark.
	if v := q.Context["aws:ResourceTag/"+nameTag].List(); len(v) == 1 && strings.ContainsAny(q.Resource, "*?") {
		add("StringEquals", "aws:ResourceTag/"+nameTag, v...)
	}
	tags := tagsOf(q)
	if len(policy.New(policy.Statement{Effect: "Allow", Condition: tags}).String()) > maxBound {
		tags = nil
	}
	for operator, keys := range tags {
		for key, values := range keys {
			add(operator, key, values...)
		}
	}
	if len(bound) == 0 {
		return nil
	}
	return bound
}

// setsBoundary reports whether the boundary among the keys of a request is the
// one that it sets. Else it is that of the user or role that it is about, which
// the plan may change on the way.
func setsBoundary(action string) bool {
	return slices.Contains([]string{"iam:CreateUser", "iam:CreateRole", "iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"}, action)
}

// tagsOf returns the conditions on the tags that a request sets or takes away:
// the keys are among these, and the values are these. What a policy cannot say
// is left free.
func tagsOf(q policy.Request) policy.Condition {
	bound := policy.Condition{}
	names := slices.Clone(q.Context["aws:TagKeys"].List())
	for key, v := range q.Context {
		tag, ok := strings.CutPrefix(key, "aws:RequestTag/")
		if !ok || tag == runTag || len(v.List()) != 1 || !sayable(tag) || !sayable(v.List()[0]) {
			continue
		}
		if bound["StringEquals"] == nil {
			bound["StringEquals"] = map[string][]string{}
		}
		bound["StringEquals"][key] = []string{literal(v.List()[0])}
		if tag == nameTag && !slices.Contains(names, runTag) {
			names = append(names, runTag)
		}
	}
	if len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return !sayable(n) }) {
		slices.Sort(names)
		for i, n := range names {
			names[i] = literal(n)
		}
		bound["ForAllValues:StringEquals"] = map[string][]string{"aws:TagKeys": slices.Compact(names)}
	}
	return bound
}

// sayable reports whether IAM takes the text in a policy: no character beyond
// U+00FF, and no control character.
func sayable(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || c > 0xff })
}

// literal returns the text as a condition has to say it, where ${ begins a
// variable.
func literal(text string) string { return strings.ReplaceAll(text, "${", "${$}{") }

// listed takes apart a condition of one key, whose values can be more or fewer
// and then allow just as many more or fewer calls. Under ForAllValues they are
// not one by one: two keys of tags allow both at once.
func listed(c policy.Condition) (operator, key string, values []string, ok bool) {
	if len(c) != 1 {
		return "", "", nil, false
	}
	for operator, keys := range c {
		for key, values := range keys {
			if len(keys) == 1 && !strings.HasPrefix(operator, "ForAllValues:") {
				return operator, key, values, true
			}
		}
	}
	return "", "", nil, false
}
