package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ssmctl/ssmctl/policy/managed"
)

// The parts of GetAccountAuthorizationDetails. It lacks what IAM's lacks: the
// descriptions and session lengths of roles, the tags of policies, instance
// profiles without a role, passwords and keys.
type (
	inlineDetail struct{ PolicyName, PolicyDocument string }

	userDetail struct {
		Path                    string
		UserName                string
		UserId                  string
		Arn                     string
		CreateDate              time.Time
		UserPolicyList          []inlineDetail
		GroupList               []string
		AttachedManagedPolicies []attachedView
		PermissionsBoundary     *boundaryView
		Tags                    []tag
	}

	groupDetail struct {
		Path                    string
		GroupName               string
		GroupId                 string
		Arn                     string
		CreateDate              time.Time
		GroupPolicyList         []inlineDetail
		AttachedManagedPolicies []attachedView
	}

	roleDetail struct {
		Path                     string
		RoleName                 string
		RoleId                   string
		Arn                      string
		CreateDate               time.Time
		AssumeRolePolicyDocument string
		InstanceProfileList      []profileView
		RolePolicyList           []inlineDetail
		AttachedManagedPolicies  []attachedView
		PermissionsBoundary      *boundaryView
		Tags                     []tag
		RoleLastUsed             none
	}

	policyDetail struct {
		policyView
		PolicyVersionList []versionView
	}
)

// pageBytes is about how much one page of details holds. IAM cuts pages short
// as it sees fit, whatever MaxItems says; clients have to go on while
// IsTruncated.
const pageBytes = 1 << 20

type detailsOutput struct {
	UserDetailList  []userDetail
	GroupDetailList []groupDetail
	RoleDetailList  []roleDetail
	Policies        []policyDetail
	truncation
}

// getAccountAuthorizationDetails walks users, groups, roles, the account's own
// policies and AWS's, in that order, and stops where the page is full.
func getAccountAuthorizationDetails(c *call, in struct {
	paging
	Filter []string `is:"entity"`
},
) (out detailsOutput, err error) {
	last, err := c.readMarker(in.Marker)
	if err != nil {
		return out, err
	}
	from, key, _ := strings.Cut(last, "/")
	room := detailRoom{items: in.size(), bytes: pageBytes}
	for i, part := range detailParts {
		if len(in.Filter) > 0 && !slices.Contains(in.Filter, part.filter) || itoa(i) < from {
			continue
		}
		after := ""
		if itoa(i) == from {
			after = key
		}
		if stopped, full := part.add(c, &out, after, &room); full {
			out.truncation = truncatedAt(itoa(i) + "/" + stopped)
			return out, nil
		}
	}
	return out, nil
}

// A detailPart adds what comes after a key. When the page is full before all
// is added, it says so, and the last key it added or began at.
type detailPart struct {
	filter string
	add    func(c *call, out *detailsOutput, after string, room *detailRoom) (stopped string, full bool)
}

var detailParts = []detailPart{
	{"User", addUsers}, {"Group", addGroups}, {"Role", addRoles}, {"LocalManagedPolicy", addOwnPolicies}, {"AWSManagedPolicy", addAWSPolicies},
}

// A detailRoom is what is left of a page.
type detailRoom struct{ items, bytes int }

func (r *detailRoom) full() bool { return r.items == 0 || r.bytes <= 0 }

// take counts an item that is about that large.
func (r *detailRoom) take(bytes int) {
	r.items--
	r.bytes -= bytes
}

func viewInline(p *principal, room *detailRoom) []inlineDetail {
	list := make([]inlineDetail, 0, len(p.Inline))
	size := 500 // of the rest
	for _, name := range slices.Sorted(maps.Keys(p.Inline)) {
		list = append(list, inlineDetail{name, urlEncode(p.Inline[name])})
		size += len(p.Inline[name]) * 3 / 2
	}
	room.take(size)
	return list
}

func addUsers(c *call, out *detailsOutput, after string, room *detailRoom) (string, bool) {
	groups := c.groupsByID()
	for u := range c.Users.after(after) {
		if room.full() {
			return after, true
		}
		d := userDetail{
			Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: c.principalARN(&u.principal), CreateDate: u.Created,
			UserPolicyList: viewInline(&u.principal, room), AttachedManagedPolicies: viewAttached(&u.principal),
			PermissionsBoundary: viewBoundary(u.Boundary), Tags: u.Tags.list(),
		}
		for _, id := range u.Groups {
			d.GroupList = append(d.GroupList, groups[id].Name)
		}
		out.UserDetailList = append(out.UserDetailList, d)
		after = u.key()
	}
	return "", false
}

func addGroups(c *call, out *detailsOutput, after string, room *detailRoom) (string, bool) {
	for g := range c.Groups.after(after) {
		if room.full() {
			return after, true
		}
		out.GroupDetailList = append(out.GroupDetailList, groupDetail{
			Path: g.Path, GroupName: g.Name, GroupId: g.ID, Arn: c.principalARN(&g.principal), CreateDate: g.Created,
			GroupPolicyList: viewInline(&g.principal, room), AttachedManagedPolicies: viewAttached(&g.principal),
		})
		after = g.key()
	}
	return "", false
}

func addRoles(c *call, out *detailsOutput, after string, room *detailRoom) (string, bool) {
	profiles := map[string][]*instanceProfile{}
	for p := range c.Profiles.all {
		profiles[p.Role] = append(profiles[p.Role], p)
	}
	for r := range c.Roles.after(after) {
		if room.full() {
			return after, true
		}
		d := roleDetail{
			Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: c.principalARN(&r.principal), CreateDate: r.Created,
			AssumeRolePolicyDocument: urlEncode(c.showTrust(r.Trust)), RolePolicyList: viewInline(&r.principal, room),
			AttachedManagedPolicies: viewAttached(&r.principal), PermissionsBoundary: viewBoundary(r.Boundary), Tags: r.Tags.list(),
		}
		for _, p := range profiles[r.ID] {
			d.InstanceProfileList = append(d.InstanceProfileList, c.viewProfile(p, r, false))
		}
		out.RoleDetailList = append(out.RoleDetailList, d)
		after = r.key()
	}
	return "", false
}

func addOwnPolicies(c *call, out *detailsOutput, after string, room *detailRoom) (string, bool) {
	uses := c.usage()
	for p := range c.Policies.after(after) {
		if room.full() {
			return after, true
		}
		out.addPolicy(uses, c.anyPolicy(p), room)
		after = p.key()
	}
	return "", false
}

func addAWSPolicies(c *call, out *detailsOutput, after string, room *detailRoom) (string, bool) {
	uses := c.usage()
	for p := range managed.All() {
		if p.Name <= after || !p.In(c.partition()) {
			continue
		}
		if room.full() {
			return after, true
		}
		out.addPolicy(uses, c.awsPolicy(p), room)
		after = p.Name
	}
	return "", false
}

func (out *detailsOutput) addPolicy(uses usage, p *managedPolicy, room *detailRoom) {
	d := policyDetail{policyView: uses.counted(p)}
	d.Tags = nil
	size := 500
	for _, v := range p.versionList() {
		d.PolicyVersionList = append(d.PolicyVersionList, viewVersion(p, v, true))
		size += len(v.Document) * 3 / 2
	}
	room.take(size)
	out.Policies = append(out.Policies, d)
}
