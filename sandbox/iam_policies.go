package sandbox

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/policy/managed"
)

// Managed policies as IAM answers them.
type policyView struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   *string
	CreateDate                    time.Time
	UpdateDate                    time.Time
	Tags                          *[]tag
}

// A managedPolicy is any managed policy, the account's own or AWS's.
type managedPolicy struct {
	policyView
	versions []policyVersion
	own      *customerPolicy // nil for AWS's
}

// ownPolicy finds a policy that the account may change.
func (c *call) ownPolicy(arn string) (*customerPolicy, error) {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	if p := c.Policies.get(strings.ToLower(name)); p != nil && c.policyARN(p) == arn {
		return p, nil
	}
	if strings.HasPrefix(arn, "arn:"+c.partition()+":iam::aws:policy/") {
		return nil, c.denied()
	}
	return nil, policyNotFound(arn)
}

func policyNotFound(arn string) error { return noSuchEntity("Policy %s was not found.", arn) }

// policy finds any managed policy.
func (c *call) policy(arn string) (*managedPolicy, error) {
	if !strings.HasPrefix(arn, "arn:") {
		return nil, errorf("InvalidInput", "ARN %s is not valid.", arn)
	}
	if p, ok := managed.FromARN(arn); ok && p.In(c.partition()) && arn == p.ARN(c.partition()) {
		return c.awsPolicy(p), nil
	}
	p, err := c.ownPolicy(arn)
	if err != nil {
		return nil, policyNotFound(arn)
	}
	return c.anyPolicy(p), nil
}

func (c *call) anyPolicy(p *customerPolicy) *managedPolicy {
	return &managedPolicy{
		policyView: policyView{
			PolicyName: p.Name, PolicyId: p.ID, Arn: c.policyARN(p), Path: p.Path, DefaultVersionId: p.Default, IsAttachable: true,
			Description: optional(p.Description), CreateDate: p.Created, UpdateDate: p.Updated, Tags: viewTags(p.Tags),
		},
		versions: p.Versions, own: p,
	}
}

// awsPolicy shows one of AWS's policies in the only version that is known.
func (c *call) awsPolicy(p managed.Policy) *managedPolicy {
	updated, _ := time.Parse(time.RFC3339, p.Updated) // the zero time for a policy of unknown date
	sum := sha256.Sum256([]byte(p.Name))
	return &managedPolicy{policyView: policyView{
		PolicyName: p.Name, PolicyId: "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17], Arn: p.ARN(c.partition()), Path: p.Path,
		DefaultVersionId: p.Version, IsAttachable: p.Attachable(), CreateDate: updated, UpdateDate: updated,
	}}
}

// document returns the text in force.
func (p *managedPolicy) document() string {
	for _, v := range p.versionList() {
		if v.ID == p.DefaultVersionId {
			return v.Document
		}
	}
	return ""
}

// versionList is for those who need documents: AWS's have to be unpacked.
func (p *managedPolicy) versionList() []policyVersion {
	if p.own != nil {
		return p.versions
	}
	aws, _ := managed.Lookup(p.PolicyName)
	return []policyVersion{{p.DefaultVersionId, string(aws.Document()), p.UpdateDate}}
}

// A usage says how often each managed policy is used, by ARN.
type usage struct{ attached, bounds map[string]int }

// usage counts in one pass over the account.
func (a *account) usage() usage {
	u := usage{map[string]int{}, map[string]int{}}
	for p := range a.principals {
		for _, arn := range p.Attached {
			u.attached[arn]++
		}
		if p.Boundary != "" {
			u.bounds[p.Boundary]++
		}
	}
	return u
}

// principals yields all groups, roles and users.
func (a *account) principals(yield func(*principal) bool) {
	for g := range a.Groups.all {
		if !yield(&g.principal) {
			return
		}
	}
	for r := range a.Roles.all {
		if !yield(&r.principal) {
			return
		}
	}
	for u := range a.Users.all {
		if !yield(&u.principal) {
			return
		}
	}
}

// counted fills in how often the policy is used.
func (u usage) counted(p *managedPolicy) policyView {
	v := p.policyView
	v.AttachmentCount, v.PermissionsBoundaryUsageCount = u.attached[v.Arn], u.bounds[v.Arn]
	return v
}

func createPolicy(c *call, in struct {
	PolicyName     string `is:"name128!"`
	Path           string `is:"policyPath"`
	PolicyDocument string `is:"document!"`
	Description    string `is:"description"`
	Tags           []tag  `is:"tags"`
},
) (out struct{ Policy policyView }, err error) {
	if c.Policies.has(strings.ToLower(in.PolicyName)) {
		return out, errorf("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", in.PolicyName)
	}
	if c.full(c.Policies.len(), policyQuota) {
		return out, overQuota("PoliciesPerAccount", policyQuota)
	}
	t, err := c.with(nil, in.Tags, false)
	if err != nil {
		return out, err
	}
	if err := managedDocument(in.PolicyDocument); err != nil {
		return out, err
	}
	if in.Path == "" {
		in.Path = "/"
	}
	now := c.now.Truncate(time.Second)
	p := &customerPolicy{
		Name: in.PolicyName, Path: in.Path, ID: c.newID("ANPA"), Description: in.Description, Created: now, Updated: now,
		Default: "v1", Versions: []policyVersion{{"v1", in.PolicyDocument, now}}, Made: 1, Tags: t,
	}
	c.hide(&p.unseen)
	c.Policies.put(p)
	out.Policy = c.anyPolicy(p).policyView
	return out, nil
}

type policyInput struct {
	PolicyArn string `is:"arn!"`
}

func getPolicy(c *call, in policyInput) (out struct{ Policy policyView }, err error) {
	p, err := c.policy(in.PolicyArn)
	if err == nil {
		out.Policy = c.usage().counted(p)
	}
	return out, err
}

func listPolicies(c *call, in struct {
	paging
	Scope             string `is:"scope"`
	OnlyAttached      bool
	PathPrefix        string `is:"pathPrefix"`
	PolicyUsageFilter string `is:"usage"`
}) (out struct {
	Policies []policyView
	truncation
}, err error,
) {
	uses := c.usage()
	var list []policyView
	keep := func(p *managedPolicy) {
		v := uses.counted(p)
		count := v.AttachmentCount
		if in.PolicyUsageFilter == "PermissionsBoundary" {
			count = v.PermissionsBoundaryUsageCount
		}
		if strings.HasPrefix(v.Path, in.PathPrefix) && (count > 0 || !in.OnlyAttached && in.PolicyUsageFilter == "") {
			v.Tags, v.Description = nil, nil // lists leave them out
			list = append(list, v)
		}
	}
	if in.Scope != "AWS" {
		for p := range c.Policies.all {
			keep(c.anyPolicy(p))
		}
	}
	if in.Scope != "Local" {
		for p := range managed.All() {
			if p.In(c.partition()) {
				keep(c.awsPolicy(p))
			}
		}
	}
	out.Policies, out.truncation, err = pageOf(c, list, in.paging, func(v policyView) string { return v.Arn })
	return out, err
}

func deletePolicy(c *call, in policyInput) (out none, err error) {
	p, err := c.ownPolicy(in.PolicyArn)
	if err != nil {
		return out, err
	}
	uses := c.usage()
	switch {
	case uses.attached[in.PolicyArn] > 0:
		err = errorf("DeleteConflict", "Cannot delete a policy attached to entities.")
	case uses.bounds[in.PolicyArn] > 0:
		err = errorf("DeleteConflict", "Cannot delete a policy that is used as a permissions boundary.")
	case len(p.Versions) > 1:
		err = errorf("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	default:
		c.Policies.remove(p.key())
	}
	return out, err
}

func listEntitiesForPolicy(c *call, in struct {
	paging
	PolicyArn         string `is:"arn!"`
	EntityFilter      string `is:"holder"`
	PathPrefix        string `is:"pathPrefix"`
	PolicyUsageFilter string `is:"usage"`
}) (out struct {
	PolicyGroups []struct{ GroupName, GroupId string }
	PolicyUsers  []struct{ UserName, UserId string }
	PolicyRoles  []struct{ RoleName, RoleId string }
	truncation
}, err error,
) {
	if _, err := c.policy(in.PolicyArn); err != nil {
		return out, err
	}
	var users []*principal
	for p := range c.principals {
		attached := in.PolicyUsageFilter != "PermissionsBoundary" && slices.Contains(p.Attached, in.PolicyArn)
		bound := in.PolicyUsageFilter != "PermissionsPolicy" && p.Boundary == in.PolicyArn
		if (attached || bound) && (in.EntityFilter == "" || in.EntityFilter == p.Kind.title()) && strings.HasPrefix(p.Path, in.PathPrefix) {
			users = append(users, p)
		}
	}
	users, out.truncation, err = pageOf(c, users, in.paging, func(p *principal) string { return string(p.Kind) + "/" + p.key() })
	for _, p := range users {
		switch p.Kind {
		case userKind:
			out.PolicyUsers = append(out.PolicyUsers, struct{ UserName, UserId string }{p.Name, p.ID})
		case groupKind:
			out.PolicyGroups = append(out.PolicyGroups, struct{ GroupName, GroupId string }{p.Name, p.ID})
		case roleKind:
			out.PolicyRoles = append(out.PolicyRoles, struct{ RoleName, RoleId string }{p.Name, p.ID})
		}
	}
	return out, err
}
