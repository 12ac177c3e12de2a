package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// tagRules are about conditions on the tags of resources.
var tagRules = []Rule{
	{
		Code: "ifexists-admits-untagged", Title: "IfExists on a tag admits what has no tag", Severity: Warning,
		Explanation: "IfExists holds where the key is missing: every resource without the tag is in. It is often added because a command fails on its document, which has no tags; that opens every untagged node instead.",
		Fix:         "Leave IfExists out, and put resources without tags in a statement of their own.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"], "Condition": {"StringEqualsIfExists": {"ssm:resourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		Good:  taggedNodes,
		check: ifExistsAdmitsUntagged,
	},
	{
		Code: "negated-condition-admits-untagged", Title: "a negated condition on a tag admits what has no tag", Severity: Warning,
		Explanation: "A negated operator holds where the key is missing: an Allow on everything but env=prod includes every resource that someone forgot to tag.",
		Fix:         `Select by what the tag is, or add "Null": {KEY: "false"}.`,
		Bad: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"], "Condition": {"StringNotEquals": {"ssm:resourceTag/env": "prod"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		Good:  taggedNodes,
		check: negatedConditionAdmitsUntagged,
	},
	{
		Code: "tag-condition-over-untaggable-leg", Title: "a condition on the tags of nodes also holds for the document", Severity: Warning,
		Explanation: "Every resource of a command is authorised by itself: the nodes, and the document. A condition on the tags of nodes in a statement that is to allow the document too fails there, since documents of AWS have no tags and one's own rarely the same: every command is denied.",
		Fix:         "Make two statements: the nodes with the condition, the document without.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*", "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`),
		Good:        taggedNodes,
		check:       tagConditionOverUntaggableLeg,
	},
	{
		Code: "tag-writable-by-subject", Title: "who is limited by a tag may write the tag", Severity: Warning,
		Explanation: "The policy limits an action to nodes with a tag, and allows to change the tags of nodes: whoever has it tags any node and is in.",
		Fix:         "Deny to write that tag, by a condition on aws:TagKeys, or take the right to tag away.",
		Bad: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"], "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*"}`),
		Good: example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"], "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`,
			`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`,
			`{"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*"}`,
			`{"Effect": "Deny", "Action": ["ec2:CreateTags", "ec2:DeleteTags"], "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "env"}}}`),
		check: tagWritableBySubject,
	},
}

// taggedNodes is how to allow a command on nodes with a tag.
var taggedNodes = example(`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": ["arn:aws:ec2:us-east-1:111122223333:instance/*", "arn:aws:ssm:us-east-1:111122223333:managed-instance/*"], "Condition": {"StringEquals": {"ssm:resourceTag/env": "dev"}}}`,
	`{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`)

// tagKey returns the tag that a condition key asks a resource for, in lower
// case as IAM compares it.
func tagKey(key string) (tag string, ok bool) {
	service, tag, ok := strings.Cut(match.Fold(key), ":resourcetag/")
	return tag, ok && !strings.Contains(service, "/") && tag != ""
}

// tagged returns the first test of a tag that a resource must have.
func (s *statement) tagged() (test, bool) {
	return s.test(func(t test) bool {
		_, ok := tagKey(t.key)
		return ok && t.requires() && t.Base != match.Null
	})
}

func ifExistsAdmitsUntagged(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if tag, ok := tagKey(t.key); ok && s.allow && t.IfExists && !t.Negated && !s.present(t.folded) {
			r.report(t.path, fmt.Sprintf("whatever has no tag %s is allowed", tag), fmt.Sprintf("write %s, and allow resources without tags, such as documents, in a statement of their own", strings.TrimSuffix(t.operator, "IfExists")))
		}
	})
}

func negatedConditionAdmitsUntagged(r *reading) {
	r.eachTest(func(s *statement, t test) {
		if tag, ok := tagKey(t.key); ok && s.allow && t.Negated && !s.present(t.folded) {
			r.report(t.path, fmt.Sprintf("whatever has no tag %s is allowed", tag), fmt.Sprintf(`say which values are allowed, or add "Null": {%q: "false"}`, t.key))
		}
	})
}

func tagConditionOverUntaggableLeg(r *reading) {
	for _, c := range calls {
		if !slices.Contains(c.legs, documents) || !slices.Contains(c.legs, nodes) {
			continue
		}
		for _, s := range r.allows(c.action) {
			t, ok := s.tagged()
			if !ok || !s.names(c.action) || !s.reaches(documents) || !s.reaches(nodes) || c.lenient && !s.lists(documents.forms[0]) {
				continue
			}
			if slices.ContainsFunc(r.allows(c.action), func(other *statement) bool { _, ok := other.tagged(); return !ok && other.reaches(documents) }) {
				continue // the document is allowed elsewhere
			}
			tag, _ := tagKey(t.key)
			r.report(t.path, fmt.Sprintf("the document of %s would need the tag %s as well, so no call passes", c.action, tag),
				fmt.Sprintf("limit this statement to %s and %s, and allow the document in one without the condition", "arn:"+r.partition()+":ec2:"+r.region()+":"+r.account()+":instance/*", r.ssm("managed-instance/*")))
		}
	}
}

// writers are the actions that change the tags of nodes, and the form of the
// ARNs of those.
var writers = []struct{ action, form string }{
	{"ec2:CreateTags", "arn:*:ec2:*:*:instance/?*"},
	{"ssm:AddTagsToResource", "arn:*:ssm:*:*:managed-instance/?*"},
}

func tagWritableBySubject(r *reading) {
	for i := range r.statements {
		s := &r.statements[i]
		t, ok := s.tagged()
		if !ok || !s.allow || !s.on("arn:*:ec2:*:*:instance/?*") && !s.on("arn:*:ssm:*:*:managed-instance/?*") {
			continue
		}
		tag, _ := tagKey(t.key)
		if strings.HasPrefix(tag, "aws:") {
			continue // nobody but AWS writes it
		}
		for _, w := range writers {
			if !s.on(w.form) || r.protects(w.action, tag) {
				continue
			}
			for _, writer := range r.allows(w.action) {
				if writer == s || !writer.on(w.form) || writer.limitsTags(tag) {
					continue
				}
				r.report(writer.path, fmt.Sprintf("%s may write the tag %s, by which %s limits the access to nodes", w.action, tag, s.path),
					fmt.Sprintf(`deny %s with "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": %q}}`, w.action, tag))
			}
		}
	}
}

// limitsTags reports whether the statement allows no such tag to be written: by
// the keys that it allows, or by the tag that the node must have already.
func (s *statement) limitsTags(tag string) bool {
	_, ok := s.test(func(t test) bool {
		if guarded, is := tagKey(t.key); is && guarded == tag && t.requires() {
			return true
		}
		if t.folded == "aws:tagkeys" && t.Set == match.ForAll && !t.Negated || t.folded == "ec2:createaction" {
			return t.folded == "ec2:createaction" || !slices.ContainsFunc(t.values, func(v string) bool { return match.Wild(match.Fold(v), tag) })
		}
		return t.folded == "aws:requesttag/"+tag && t.requires()
	})
	return ok
}

// protects reports whether a statement denies to write the tag.
func (r *reading) protects(action, tag string) bool {
	return slices.ContainsFunc(r.statements, func(s statement) bool {
		if s.allow || !s.covers(action) {
			return false
		}
		_, ok := s.test(func(t test) bool {
			return t.folded == "aws:tagkeys" && !t.Negated && slices.ContainsFunc(t.values, func(v string) bool { return match.Wild(match.Fold(v), tag) }) ||
				strings.HasPrefix(t.folded, "aws:requesttag/"+tag)
		})
		return ok || len(s.tests) == 0
	})
}
