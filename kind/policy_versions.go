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

// setDocument makes doc the default version's text. If the newest version but
// the default one says just that, it is made the default again, and what came
// after it is removed: so undoing a change leaves the versions as they were.
func setDocument(ctx context.Context, w *Write, arn string, doc policy.Document) error {
	versions, err := w.Session.versions(ctx, arn)
	if err != nil {
		return err
	}
	if other := slices.IndexFunc(versions, func(v iamtypes.PolicyVersion) bool { return !v.IsDefaultVersion }); other == 0 || other == 1 {
		id := versions[other].VersionId
		got, err := w.Session.read.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: id})
		if err != nil {
			return err
		}
		if text, err := document(got.PolicyVersion.Document); err == nil && text.Equal(doc) {
			if _, err := call(ctx, w, w.iam.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: id}); err != nil {
				return err
			}
			return deleteNewer(ctx, w, arn)
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

// deleteNewer removes the versions that came after the default one.
func deleteNewer(ctx context.Context, w *Write, arn string) error {
	versions, err := w.Session.versions(ctx, arn)
	if err != nil {
		return err
	}
	for _, v := range newer(versions) {
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
	got, err := s.read.iam.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	if err != nil {
		return nil, err
	}
	newestFirst(got.Versions)
	return got.Versions, nil
}

func newestFirst(versions []iamtypes.PolicyVersion) {
	number := func(v iamtypes.PolicyVersion) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(aws.ToString(v.VersionId), "v"))
		return n
	}
	slices.SortFunc(versions, func(a, b iamtypes.PolicyVersion) int { return number(b) - number(a) })
}
