package kind

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Policy is a customer-managed policy with the text of its default version.
type Policy struct {
	Name     string            `json:"name"`
	Path     string            `json:"path"`
	Document policy.Document   `json:"document"`
	Tags     map[string]string `json:"tags"`

	// Description is written at creation, and IAM cannot change it after. So
	// of a policy that the spec wants it is always the one that the spec wants;
	// of another one it is what stands in IAM.
	Description string `json:"description,omitempty"`

	// NewerVersions counts those that came after the default one: what an
	// interrupted return to an earlier text leaves behind. Wanted is none.
	NewerVersions int `json:"newer_versions,omitempty"`

	kept     *string           // the description that stands in IAM; nil of what was not read
	mentions []resource.ID     // what the restriction names and must be there
	versions []policy.Document // all there are, newest first; of one that was read
}

// ID returns policy/NAME; names are unique in an account whatever the path.
func (p Policy) ID() resource.ID { return id("policy", p.Name) }

// Needs returns the documents and instances that the policy was declared for.
func (p Policy) Needs() []resource.ID { return p.mentions }

// Settled returns the policy without versions newer than the default one.
func (p Policy) Settled(_, _ resource.Object) resource.Object {
	p.NewerVersions = 0
	return p
}

// restrictionARN returns the ARN of the policy that a restriction becomes.
func restrictionARN(s *entry.Spec, name string) string {
	return place(s).IAM("policy" + markedPath(s.Name, s.Defaults.Path) + name)
}

var _ = define(Kind[Policy]{
	Name:    "policy",
	Summary: "A customer-managed policy: what a restriction becomes.",
	Section: &restrictionsSection,
	Example: []string{
		`restrictions: {run-one: {documents: [AWS-RunPatchBaseline], instances: [i-1234567890abcdef0]}}`,
		`restrictions: {run-one: {documents: [AWS-RunPatchBaseline, name_of_restrictive_document], instances: [{tags: {App: web}}], commands: {cancel: any}}}
groups: {operators: {restrictions: [run-one]}}`,
		`defaults: {tags: {Team: ops}}
restrictions: {run-one: {documents: [AWS-RunPatchBaseline], instances: [i-1234567890abcdef0]}}
groups: {operators: {restrictions: [run-one]}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Policy, error) {
		p, err := sw.principals(ctx)
		if err != nil {
			return nil, err
		}
		all := make([]Policy, 0, len(p.policies))
		for _, detail := range p.policies {
			read, err := policyOf(ctx, sw, detail)
			if err != nil {
				return nil, fmt.Errorf("policy %s: %w", aws.ToString(detail.Arn), err)
			}
			all = append(all, read)
		}
		return all, nil
	},
	Find: func(ctx context.Context, sw *Sweep, name string) (*Policy, error) {
		arn := sw.policyARN(name)
		got, err := sw.read.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return nil, err
		}
		inForce := got.Policy.DefaultVersionId
		version, err := sw.read.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: inForce})
		if err != nil {
			return nil, halfSeen(name, err)
		}
		versions, err := sw.versions(ctx, arn)
		if err != nil {
			return nil, halfSeen(name, err)
		}
		if !slices.ContainsFunc(versions, func(v iamtypes.PolicyVersion) bool {
			return v.IsDefaultVersion && aws.ToString(v.VersionId) == aws.ToString(inForce)
		}) {
			return nil, halfSeen(name, nil)
		}
		doc, err := document(version.PolicyVersion.Document)
		p := Policy{
			Name: name, Path: aws.ToString(got.Policy.Path), Document: doc, Tags: fromIAMTags(got.Policy.Tags),
			NewerVersions: len(newer(versions)),
		}
		if marked(p.Path, sw.Owner) {
			sw.describe(&p, got.Policy.Description)
		}
		return &p, err
	},
	Calls: policyCalls,
	Write: writePolicy,
	Access: func(p Policy, in *picture) {
		m := access.Managed{Name: p.Name, ARN: in.arn("policy", p.Path, p.Name), Document: p.Document, From: p.ID()}
		if p.Document.IsZero() {
			m.Unread = "its text is none that can be read"
		}
		in.Policies[m.ARN] = m
	},
	NoCase: true,
	Owned:  func(p Policy, owner string) bool { return marked(p.Path, owner) },
	Loss: func(before, after *Policy) resource.Loss {
		if after == nil {
			return resource.Loss{What: "its unique id and its earlier versions"}
		}
		if before == nil {
			return resource.Loss{}
		}
		return resource.Loss{What: before.versionsLost(*after)}
	},
	Remark: func(live, desired Policy) string {
		if live.kept == nil || *live.kept == desired.Description {
			return ""
		}
		return fmt.Sprintf("keeps the description that it was made with, %q: IAM cannot change it, so it will not become %q", *live.kept, desired.Description)
	},
	Preflight: func(ctx context.Context, s *Session, before, after *Policy) ([]Refusal, error) {
		if before == nil || after == nil {
			return nil, nil
		}
		return cannotMove(after.ID(), "policy "+after.Name, "it", before.Path, after.Path, "declare a restriction of another name, let it take over, then remove this one"), nil
	},
})

// halfSeen is the error of a policy of which one answer is from before a
// change, and another from after it: what is made of the two was there at no
// time, and that one says it is not there does not mean that it is not. Any
// other err it returns as it is.
func halfSeen(name string, err error) error {
	if gone(err) != nil {
		return err
	}
	return fmt.Errorf("policy %s: IAM's answers about its versions contradict each other, since a change of it is not visible everywhere yet", name)
}

// policyOf reads a policy of the account. Of one that is not the spec's, only
// the document is read, if it can be.
func policyOf(ctx context.Context, sw *Sweep, detail iamtypes.ManagedPolicyDetail) (Policy, error) {
	arn := aws.ToString(detail.Arn)
	p := Policy{Name: lastSegment(arn), Path: "/", Tags: map[string]string{}}
	if _, path, ok := strings.Cut(arn, ":policy/"); ok {
		p.Path = strings.TrimSuffix("/"+path, p.Name)
	}
	owned := marked(p.Path, sw.Owner)
	newestFirst(detail.PolicyVersionList)
	for _, v := range detail.PolicyVersionList {
		doc, err := document(v.Document)
		if v.IsDefaultVersion && err != nil && owned {
			return p, fmt.Errorf("the version in force cannot be read: %w; put it right by hand, then plan again", err)
		}
		if v.IsDefaultVersion {
			p.Document = doc
		}
		p.versions = append(p.versions, doc) // none, if it cannot be read
	}
	if !owned {
		return p, nil
	}
	p.NewerVersions = len(newer(detail.PolicyVersionList))
	description := detail.Description
	want, _ := sw.wants(p.ID()).(Policy)
	tags, err := sw.tagsOf(ctx, arn, want.Tags, func() (map[string]string, error) {
		got, err := sw.read.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return nil, err
		}
		description = got.Policy.Description
		return fromIAMTags(got.Policy.Tags), nil
	})
	p.Tags = tags
	sw.describe(&p, description)
	return p, err
}

// describe gives a policy as read its description.
func (sw *Sweep) describe(p *Policy, text *string) {
	p.kept = new(aws.ToString(text))
	p.Description = *p.kept
	if want, ok := sw.wants(p.ID()).(Policy); ok {
		p.Description = want.Description
	}
}

// policyARN returns the ARN of a policy of the spec's, which may be there or
// not: all of them have the one path.
func (sw *Sweep) policyARN(name string) string {
	if p, ok := sw.wants(id("policy", name)).(Policy); ok {
		return p.arn(sw.Session)
	}
	return Policy{Name: name, Path: sw.paths[name]}.arn(sw.Session)
}

// tagsOf returns the tags of something that only the tagging API lists: as
// listed if they are as the spec wants them, else as IAM says when asked. In a
// recovery, where either side of a change may be what is wanted, IAM is asked.
func (sw *Sweep) tagsOf(ctx context.Context, arn string, want map[string]string, ask func() (map[string]string, error)) (map[string]string, error) {
	listed, err := sw.markedTags(ctx)
	if err != nil {
		return nil, err
	}
	if tags, ok := listed[arn]; ok && maps.Equal(tags, want) && !sw.attended {
		return tags, nil
	}
	return ask()
}

func (p Policy) arn(s *Session) string {
	return s.place().IAM("policy" + p.Path + p.Name)
}

func writePolicy(ctx context.Context, w *Write, before, after *Policy) error {
	switch {
	case before == nil:
		description := after.Description
		if after.kept != nil { // it was deleted a moment ago, and is made again as it was
			description = *after.kept
		}
		_, err := call(ctx, w, w.iam.CreatePolicy, &iam.CreatePolicyInput{
			PolicyName: &after.Name, Path: &after.Path, Description: optional(description),
			PolicyDocument: new(after.Document.String()), Tags: w.newTags(after.Tags),
		})
		return err
	case after == nil:
		return gone(deletePolicy(ctx, w, before.arn(w.Session)))
	}
	arn := after.arn(w.Session)
	if !before.Document.Equal(after.Document) {
		if err := setDocument(ctx, w, arn, before.Document, after.Document, after.NewerVersions); err != nil {
			return err
		}
	} else if before.NewerVersions > after.NewerVersions {
		if err := deleteNewer(ctx, w, arn, before.NewerVersions, after.NewerVersions); err != nil {
			return err
		}
	}
	return retag(before.Tags, after.Tags, func(keys []string) error {
		_, err := call(ctx, w, w.iam.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &arn, TagKeys: keys})
		return err
	}, func(tags map[string]string) error {
		_, err := call(ctx, w, w.iam.TagPolicy, &iam.TagPolicyInput{PolicyArn: &arn, Tags: iamTags(tags)})
		return err
	})
}

func deletePolicy(ctx context.Context, w *Write, arn string) error {
	versions, err := w.versions(ctx, arn)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if !v.IsDefaultVersion {
			if _, err := call(ctx, w, w.iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: v.VersionId}); gone(err) != nil {
				return err
			}
		}
	}
	_, err = call(ctx, w, w.iam.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &arn})
	return err
}
