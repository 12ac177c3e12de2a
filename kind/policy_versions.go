package kind

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ssmctl/ssmctl/policy"
)

// maxVersions is how many versions of a policy IAM keeps.
const maxVersions = 5

// setDocument makes doc the text of the default version, instead of was, with so
// many newer ones behind it. A version that says just that is made the default
// again if nothing is lost by it, rather than a new one made: so undoing a
// change leaves the versions as they were.
func setDocument(ctx context.Context, w *Write, arn string, was, doc policy.Document, newer int) error {
	versions, err := w.versions(ctx, arn)
	if err != nil {
		return err
	}
	inForce := slices.IndexFunc(versions, func(v iamtypes.PolicyVersion) bool { return v.IsDefaultVersion })
	if inForce < 0 {
		return w.unseen("iam:ListPolicyVersions")
	}
	still, err := w.versionSays(ctx, arn, versions[inForce], was)
	if err != nil {
		return err
	}
	if !still {
		return w.unseen("iam:GetPolicyVersion")
	}
	for _, at := range reusable(versions, newer) {
		found, err := w.versionSays(ctx, arn, versions[at], doc)
		if err != nil {
			return err
		}
		if found {
			id := versions[at].VersionId
			if _, err := call(ctx, w, w.iam.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: id}); err != nil {
				return err
			}
			// From here on a list may still show the other one as the default.
			return deleteAllBut(ctx, w, arn, versions[:at], newer)
		}
	}
	if len(versions) >= maxVersions {
		oldest := versions[len(versions)-1]
		if oldest.IsDefaultVersion {
			oldest = versions[len(versions)-2]
		}
		if _, err := call(ctx, w, w.iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: oldest.VersionId}); gone(err) != nil {
			return err
		}
	}
	_, err = call(ctx, w, w.iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(doc.String()), SetAsDefault: true})
	return err
}

// versions lists a policy's versions, newest first, without their texts.
func (w *Write) versions(ctx context.Context, arn string) ([]iamtypes.PolicyVersion, error) {
	all, err := w.Session.versions(ctx, arn)
	if err != nil && gone(err) == nil {
		return nil, w.unseen("iam:ListPolicyVersions")
	}
	return all, err
}

// versionSays reports whether a version has a text.
func (w *Write) versionSays(ctx context.Context, arn string, v iamtypes.PolicyVersion, doc policy.Document) (bool, error) {
	got, err := w.Session.read.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: v.VersionId})
	if err != nil && gone(err) == nil {
		return false, w.unseen("iam:GetPolicyVersion")
	}
	if err != nil {
		return false, err
	}
	text, err := document(got.PolicyVersion.Document)
	return err == nil && text.Equal(doc), nil
}

// reusable returns which of a policy's versions, newest first, may become the
// default one again with so many newer ones behind it: the one that has as
// many behind it, and the one that would if the newest were removed, by which
// a change that made it is undone.
func reusable(versions []iamtypes.PolicyVersion, newer int) []int {
	var at []int
	for i := newer; i <= newer+1 && i < len(versions); i++ {
		if !versions[i].IsDefaultVersion {
			at = append(at, i)
		}
	}
	return at
}

// versionsLost says which versions a change to after would remove for good,
// "" for none.
func (p Policy) versionsLost(after Policy) string {
	if p.Document.Equal(after.Document) {
		if p.NewerVersions > after.NewerVersions {
			return "its versions newer than the one in force"
		}
		return ""
	}
	says := func(n int) bool { return n < len(p.versions) && p.versions[n].Equal(after.Document) }
	switch {
	case p.NewerVersions == 0 && says(1):
		return "" // the one in force goes, and going back makes one that says the same
	case p.NewerVersions > 0 && says(0):
		return ""
	case p.NewerVersions > 1 && says(1):
		return "its newest version, which is not in force"
	case len(p.versions) >= maxVersions:
		return "its oldest version, which makes room for the new one"
	}
	return ""
}

// deleteNewer removes versions that came after the default one, of which there
// were so many, but for those to keep.
func deleteNewer(ctx context.Context, w *Write, arn string, were, keep int) error {
	versions, err := w.versions(ctx, arn)
	if err != nil {
		return err
	}
	if len(newer(versions)) != were {
		return w.unseen("iam:ListPolicyVersions")
	}
	return deleteAllBut(ctx, w, arn, newer(versions), keep)
}

// deleteAllBut removes versions, given newest first, but for so many of the
// oldest.
func deleteAllBut(ctx context.Context, w *Write, arn string, versions []iamtypes.PolicyVersion, keep int) error {
	for _, v := range versions[:max(0, len(versions)-keep)] {
		if _, err := call(ctx, w, w.iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: v.VersionId}); gone(err) != nil {
			return err
		}
	}
	return nil
}

// newer returns the versions that came after the default one, given all,
// newest first.
func newer(versions []iamtypes.PolicyVersion) []iamtypes.PolicyVersion {
	for i, v := range versions {
		if v.IsDefaultVersion {
			return versions[:i]
		}
	}
	return nil
}

// versions lists a policy's versions, newest first, without their texts.
func (s *Session) versions(ctx context.Context, arn string) ([]iamtypes.PolicyVersion, error) {
	pages := iam.NewListPolicyVersionsPaginator(s.read.iam, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	all, err := allRows(ctx, pages, func(page *iam.ListPolicyVersionsOutput) []iamtypes.PolicyVersion { return page.Versions })
	newestFirst(all)
	return all, err
}

func newestFirst(versions []iamtypes.PolicyVersion) {
	number := func(v iamtypes.PolicyVersion) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(aws.ToString(v.VersionId), "v"))
		return n
	}
	slices.SortFunc(versions, func(a, b iamtypes.PolicyVersion) int { return number(b) - number(a) })
}
