package check

import (
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A quota is one that GetAccountSummary reports.
type quota struct {
	standard int    // of an account that asked for no more; see the IAM User Guide, "IAM and AWS STS quotas"
	what     string // what it counts, of whom
	remedy   string // what to do instead of going over it
	raised   string // its name in Service Quotas, if AWS raises it
}

// quotas are those that a plan can run into, by their names there.
var quotas = map[string]quota{
	"UsersQuota":               {5000, "users in %s", unused, ""},
	"GroupsQuota":              {300, "groups in %s", unused, "Groups per account"},
	"RolesQuota":               {1000, "roles in %s", unused, "Roles per account"},
	"PoliciesQuota":            {1500, "managed policies in %s", unused, "Customer managed policies per account"},
	"InstanceProfilesQuota":    {1000, "instance profiles in %s", unused, "Instance profiles per account"},
	"PolicyVersionsInUseQuota": {10_000, "versions of managed policies in %s", unused, ""},

	"GroupsPerUserQuota":            {10, "groups with %s in them", "merge groups, or take the user out of some", ""},
	"AttachedPoliciesPerUserQuota":  {10, "managed policies on %s", "merge policies, or share them out over groups", "Managed policies per user"},
	"AttachedPoliciesPerGroupQuota": {10, "managed policies on %s", "merge policies, or share them out over several groups", ""},
	"AttachedPoliciesPerRoleQuota":  {10, "managed policies on %s", "merge policies, or detach some that others attached", "Managed policies per role"},

	"UserPolicySizeQuota":       {2048, "characters of inline policies on %s", "move some to a managed policy", ""},
	"GroupPolicySizeQuota":      {5120, "characters of inline policies on %s", "move some to a managed policy", ""},
	"RolePolicySizeQuota":       {10_240, "characters of inline policies on %s", "move some to a managed policy", ""},
	"PolicySizeQuota":           {6144, "characters in %s", "split it", ""},
	"AssumeRolePolicySizeQuota": {2048, "characters in the trust policy of %s", "trust fewer principals, or whole accounts", "Role trust policy length"},
}

const unused = "delete some that nobody uses"

// A gauge is something that has a quota: what, and of which object; the zero
// object stands for the account.
type gauge struct {
	quota string // its name in GetAccountSummary
	of    resource.ID
}

// checkQuotas refuses a plan on whose way the account would go over a quota of
// IAM's, counting what others made as well. What is over already, and to which
// the plan adds nothing, is no reason.
func (r *run) checkQuotas() {
	m := meter{run: r, start: r.gauges(), before: objectsOf(r.Before), after: objectsOf(r.After)}
	m.now = map[gauge]int{}
	for g, n := range m.start {
		m.now[g] = n
	}
	refused := map[gauge]bool{}
	grows := false
	for _, s := range r.Plan.Steps {
		for g, by := range m.moves(s) {
			m.now[g] += by
			grows = grows || by > 0
			if limit := r.quota(g); by > 0 && m.now[g] > limit && !refused[g] && !r.evidentlyRaised(g, m.start[g]) {
				refused[g] = true
				r.overQuota(s, g, m.now[g], limit)
			}
		}
	}
	if r.Quotas == nil && grows {
		r.note(resource.ID{}, "the account's own quotas could not be read, so IAM's defaults were taken; whoever may call iam:GetAccountSummary sees the account's own")
	}
}

func (r *run) overQuota(s planner.Step, g gauge, n, limit int) {
	q, where := quotas[g.quota], "this account"
	if g.of != (resource.ID{}) {
		where = g.of.String()
	}
	takes := "IAM takes"
	if _, own := r.Quotas[g.quota]; !own {
		takes = "IAM's default is"
	}
	help := q.remedy
	if q.raised != "" {
		help += fmt.Sprintf("; or ask AWS to raise %q in Service Quotas", q.raised)
	}
	r.refuse(CodeQuota, s.ID(), fmt.Sprintf("%s would make it %d %s; %s %d", s.ID(), n, fmt.Sprintf(q.what, where), takes, limit), help)
}

// quota returns the account's quota, or IAM's default.
func (r *run) quota(g gauge) int {
	if n, ok := r.Quotas[g.quota]; ok {
		return n
	}
	return quotas[g.quota].standard
}

// evidentlyRaised reports whether a quota that could not be read must be
// higher than IAM's default, since the account is over that already.
func (r *run) evidentlyRaised(g gauge, n int) bool {
	_, own := r.Quotas[g.quota]
	return !own && n > quotas[g.quota].standard
}

// gauges reads every gauge that a plan can move, as it is before the plan.
func (r *run) gauges() map[gauge]int {
	all := map[gauge]int{}
	for kind, name := range counted {
		all[gauge{quota: name + "Quota"}] = r.Quotas[name]
		if _, told := r.Quotas[name]; !told {
			all[gauge{quota: name + "Quota"}] = countOf(r.Before, kind)
		}
	}
	all[gauge{quota: "PolicyVersionsInUseQuota"}] = r.Quotas["PolicyVersionsInUse"]
	for _, g := range r.Before.Grants {
		at, n := gaugeOf(g)
		all[at] += n
	}
	for _, m := range r.Before.Members {
		all[groupsOf(m)]++
	}
	return all
}

// counted are the kinds of object that IAM counts in an account, by the name
// of the count.
var counted = map[string]string{"user": "Users", "group": "Groups", "role": "Roles", "policy": "Policies", "profile": "InstanceProfiles"}

// countOf counts objects of a kind; of instance profiles none are known.
func countOf(a *access.Account, kind string) int {
	n := 0
	switch kind {
	case "group":
		return len(a.Groups)
	case "policy":
		for _, p := range a.Policies {
			if p.From != (resource.ID{}) {
				n++
			}
		}
	default:
		for _, p := range a.Principals {
			if p.ID.Kind == kind {
				n++
			}
		}
	}
	return n
}

// gaugeOf returns which gauge a grant moves, and by how much.
func gaugeOf(g access.Grant) (gauge, int) {
	holder := strings.ToUpper(g.To.Kind[:1]) + g.To.Kind[1:]
	if g.Document != nil {
		return gauge{holder + "PolicySizeQuota", g.To}, g.Document.Size()
	}
	if !strings.HasPrefix(g.ARN, "arn:") {
		return gauge{holder + "PolicySizeQuota", g.To}, 0 // an inline one that cannot be read
	}
	return gauge{"AttachedPoliciesPer" + holder + "Quota", g.To}, 1
}

func groupsOf(m access.Member) gauge {
	return gauge{"GroupsPerUserQuota", resource.ID{Kind: "user", Name: m.User}}
}

// objects are what an account's objects say about gauges.
type objects struct {
	grants   map[resource.ID]access.Grant
	members  map[resource.ID]access.Member
	policies map[resource.ID]int // sizes
	trusts   map[resource.ID]int // sizes
}

func objectsOf(a *access.Account) objects {
	o := objects{map[resource.ID]access.Grant{}, map[resource.ID]access.Member{}, map[resource.ID]int{}, map[resource.ID]int{}}
	for _, g := range a.Grants {
		o.grants[g.From] = g
	}
	for _, m := range a.Members {
		o.members[m.From] = m
	}
	for _, p := range a.Policies {
		if p.From != (resource.ID{}) {
			o.policies[p.From] = p.Document.Size()
		}
	}
	for _, p := range a.Principals {
		if p.ID.Kind == "role" {
			o.trusts[p.ID] = p.Trust.Size()
		}
	}
	return o
}

// A meter follows the gauges along a plan.
type meter struct {
	*run
	before, after objects
	start, now    map[gauge]int
}

// moves returns by how much a step moves which gauges.
func (m meter) moves(s planner.Step) map[gauge]int {
	id, by := s.ID(), map[gauge]int{}
	if name, ok := counted[id.Kind]; ok {
		n := map[resource.Action]int{resource.Create: 1, resource.Delete: -1}[s.Action()]
		by[gauge{quota: name + "Quota"}] += n
		if id.Kind == "policy" {
			// A new text takes another version only while there are fewer than
			// five, so that only new policies are sure to.
			by[gauge{quota: "PolicyVersionsInUseQuota"}] += n
		}
	}
	if g, ok := m.before.grants[id]; ok {
		at, n := gaugeOf(g)
		by[at] -= n
	}
	if g, ok := m.after.grants[id]; ok {
		at, n := gaugeOf(g)
		by[at] += n
	}
	if member, ok := m.before.members[id]; ok {
		by[groupsOf(member)]--
	}
	if member, ok := m.after.members[id]; ok {
		by[groupsOf(member)]++
	}
	if size, ok := m.after.policies[id]; ok {
		m.size(by, gauge{"PolicySizeQuota", id}, m.before.policies[id], size)
	}
	if size, ok := m.after.trusts[id]; ok {
		m.size(by, gauge{"AssumeRolePolicySizeQuota", id}, m.before.trusts[id], size)
	}
	return by
}

// size moves a gauge that is the size of one object from what it is before.
func (m meter) size(by map[gauge]int, g gauge, before, after int) {
	m.start[g], m.now[g] = before, before
	by[g] += after - before
}
