package sandbox

import (
	"slices"
	"time"
)

// Versions of managed policies as IAM answers them.
type versionView struct {
	Document         *string // URL-encoded
	VersionId        string
	IsDefaultVersion bool
	CreateDate       time.Time
}

// versionQuota is how many versions a policy may have at a time. It cannot be
// raised.
const versionQuota = 5

func viewVersion(p *managedPolicy, v policyVersion, withDocument bool) versionView {
	view := versionView{VersionId: v.ID, IsDefaultVersion: v.ID == p.DefaultVersionId, CreateDate: v.Created}
	if withDocument {
		view.Document = new(urlEncode(v.Document))
	}
	return view
}

func noSuchVersion(arn, version string) error {
	return noSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, version)
}

func createPolicyVersion(c *call, in struct {
	PolicyArn      string `is:"arn!"`
	PolicyDocument string `is:"document!"`
	SetAsDefault   bool
},
) (out struct{ PolicyVersion versionView }, err error) {
	p, err := c.ownPolicy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	if err := managedDocument(in.PolicyDocument); err != nil {
		return out, err
	}
	if len(p.Versions) >= versionQuota {
		return out, errorf("LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", versionQuota)
	}
	p.Made++
	v := policyVersion{"v" + itoa(p.Made), in.PolicyDocument, c.now.Truncate(time.Second)}
	p.Versions = append(p.Versions, v)
	p.Updated = v.Created
	if in.SetAsDefault {
		p.Default = v.ID
	}
	out.PolicyVersion = viewVersion(c.anyPolicy(p), v, false)
	return out, nil
}

type versionInput struct {
	PolicyArn string `is:"arn!"`
	VersionId string `is:"versionId!"`
}

func getPolicyVersion(c *call, in versionInput) (out struct{ PolicyVersion versionView }, err error) {
	p, err := c.policy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	for _, v := range p.versionList() {
		if v.ID == in.VersionId {
			out.PolicyVersion = viewVersion(p, v, true)
			return out, nil
		}
	}
	return out, noSuchVersion(in.PolicyArn, in.VersionId)
}

func listPolicyVersions(c *call, in struct {
	paging
	PolicyArn string `is:"arn!"`
}) (out struct {
	Versions []versionView
	truncation
}, err error,
) {
	p, err := c.policy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	versions, t, err := pageOf(c, p.versionList(), in.paging, func(v policyVersion) string { return v.ID })
	out.truncation = t
	for _, v := range versions {
		out.Versions = append(out.Versions, viewVersion(p, v, false))
	}
	return out, err
}

func setDefaultPolicyVersion(c *call, in versionInput) (out none, err error) {
	p, err := c.ownPolicy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	if !slices.ContainsFunc(p.Versions, func(v policyVersion) bool { return v.ID == in.VersionId }) {
		return out, noSuchVersion(in.PolicyArn, in.VersionId)
	}
	p.Default = in.VersionId
	p.Updated = c.now.Truncate(time.Second)
	return out, nil
}

func deletePolicyVersion(c *call, in versionInput) (out none, err error) {
	p, err := c.ownPolicy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.ID == in.VersionId })
	switch {
	case i < 0:
		return out, noSuchVersion(in.PolicyArn, in.VersionId)
	case in.VersionId == p.Default:
		return out, errorf("DeleteConflict", "Cannot delete the default version of a policy.")
	}
	p.Versions = slices.Delete(p.Versions, i, i+1)
	return out, nil
}
