package kind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A RoleEntry is what a spec writes under roles.
type RoleEntry struct {
	Existing            bool              `spec:"existing" doc:"The role is there already and stays somebody else's: only the grants that this entry names are added and removed." default:"false"`
	Protect             *bool             `spec:"protect" doc:"Refuse any plan that deletes the role." default:"false"`
	Only                []string          `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
	Description         string            `spec:"description" doc:"Free text, kept in IAM." pattern:"^[\\t\\n\\r -~¡-ÿ]{0,1000}$" want:"at most 1,000 Latin characters"`
	Type                string            `spec:"type" doc:"What the role is for; it decides the trust policy and what is attached without being named. instance: EC2 instances, with an instance profile and AmazonSSMManagedInstanceCore. hybrid: servers outside EC2. automation: Automation runbooks. people: whoever trust names. custom: just what the entry says." enum:"instance,hybrid,automation,people,custom" default:"instance"`
	Trust               *Trust            `spec:"trust" doc:"Who may assume the role."`
	InstanceProfile     string            `spec:"instance_profile" doc:"The name of the instance profile, if it is not the role's; none for no profile." pattern:"^[A-Za-z0-9+=,.@_-]{1,128}$" want:"1 to 128 letters, digits and any of + = , . @ _ -"`
	Buckets             []string          `spec:"buckets" doc:"Buckets, or BUCKET/PREFIX, that the role may write command output and session logs to." example:"acme-ssm-logs/commands"`
	PermissionsBoundary string            `spec:"permissions_boundary" doc:"ARN of the policy that bounds what the role can be given." pattern:"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$" want:"the ARN of a managed policy"`
	MaxSession          string            `spec:"max_session" doc:"How long a session of the role may last, 1h to 12h." pattern:"^([1-9]|1[0-2])h$" want:"1h to 12h" default:"1h"`
	Path                string            `spec:"path" doc:"IAM path, instead of the defaults' one. IAM cannot change it later." pattern:"^/([A-Za-z0-9.,+@=_-]+/)*$" want:"a path such as /ssm/"`
	Tags                map[string]string `spec:"tags" doc:"Tags beside the defaults' ones." max:"45"`
	Grants
}

// Trust is who may assume a role.
type Trust struct {
	Services   []string     `spec:"services" doc:"AWS services, as ec2 or ec2.amazonaws.com." example:"ec2"`
	Accounts   []string     `spec:"accounts" doc:"Whole accounts." pattern:"^[0-9]{12}$" want:"a quoted account id of 12 digits"`
	Principals []string     `spec:"principals" doc:"Users and roles, by ARN." pattern:"^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+$" want:"the ARN of a user or role"`
	SAML       string       `spec:"saml" doc:"A SAML provider, by ARN." pattern:"^arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/.+$" want:"the ARN of a SAML provider"`
	OIDC       *OIDC        `spec:"oidc" doc:"A web identity, such as GitHub Actions."`
	MFA        bool         `spec:"mfa" doc:"Ask people for a second factor." default:"false"`
	ExternalID string       `spec:"external_id" doc:"The external id that other accounts must give." pattern:"^[A-Za-z0-9+=,.@:/_-]{2,1000}[A-Za-z0-9+=,.@:/_-]{0,224}$" want:"2 to 1,224 letters, digits and any of + = , . @ : / _ -"`
	Statement  []entry.Tree `spec:"statement" doc:"Statements as in IAM, beside the ones that the other keys make."`
}

// OIDC is a web identity provider and whom of it to trust.
type OIDC struct {
	Provider string   `spec:"provider,required" doc:"The provider's host and path, without https://." example:"token.actions.githubusercontent.com"`
	Subject  []string `spec:"subject,required" doc:"The subjects that are trusted; * and ? match." min:"1" example:"repo:acme/web:ref:refs/heads/main"`
	Audience string   `spec:"audience" doc:"The audience that tokens must carry." default:"sts.amazonaws.com"`
}

var rolesSection = entry.Section{
	Name: "roles", Noun: "role",
	Summary: "Roles: for instances, servers outside EC2, automation, people, or what you say.",
	Example: "ssm-managed: {type: instance}",
	Pattern: name64, Want: want64,
	New:    func() any { return &RoleEntry{} },
	Expand: func(x *entry.Expansion, e any) { e.(*RoleEntry).expand(x) },
}

// The policies that a role of a type carries without being told.
var typePolicies = map[string]string{
	"instance":   "AmazonSSMManagedInstanceCore",
	"hybrid":     "AmazonSSMManagedInstanceCore",
	"automation": "AmazonSSMAutomationRole",
}

// bucketsPolicy is the inline policy that a role's buckets become.
const bucketsPolicy = "ssmctl-buckets"

func (e *RoleEntry) expand(x *entry.Expansion) {
	to := id(roleKind, x.Name)
	boundary, at := e.boundary(x, e.PermissionsBoundary, e.Existing)
	var bound []resource.ID
	if e.Existing {
		e.checkExisting(x)
		bound = boundExisting(x, to, boundary, at...)
	}
	limits := slices.Concat(bound, e.denials(x.Spec, to))
	if !e.Existing {
		e.own(x, boundary)
		e.checkAgent(x)
		if p, ok := typePolicies[e.typ()]; ok {
			if arn, ok := policyARN(x, p, "type"); ok {
				x.Add(Attachment{To: to, Policy: arn, after: limits}, "type")
			}
		}
	}
	if len(e.Buckets) > 0 {
		doc, err := policy.BucketWrite(place(x.Spec), e.Buckets)
		if faultless(x, err) {
			x.Add(InlinePolicy{Of: to, Name: bucketsPolicy, Document: doc, after: limits}, "buckets")
		}
	}
	e.Grants.expand(x, to, e.Existing, bound)
	if name := e.profile(x.Name); name != "" && !e.Existing {
		e.ownProfile(x, name)
	}
}

func (e *RoleEntry) typ() string { return or(e.Type, "instance") }

// own asks for the role itself.
func (e *RoleEntry) own(x *entry.Expansion, boundary string) {
	trust, ok := e.trust(x)
	if !ok {
		return
	}
	role := Role{
		Name: x.Name, Path: pathOf(x.Spec, e.Path), Description: e.Description, MaxSession: defaultMaxSession,
		PermissionsBoundary: boundary,
		Tags:                tagsFor(x.Spec, e.Tags), Trust: trust, account: x.Spec.Account,
	}
	if e.MaxSession != "" {
		hours, _ := strconv.Atoi(strings.TrimSuffix(e.MaxSession, "h")) // the table has checked it
		role.MaxSession = int32(hours) * 3600
	}
	checkTags(x, role.Tags, "tags")
	x.Add(role)
	protect(x, e.Protect, role.ID())
}

// ownProfile asks for the role's instance profile, after all that the role is
// given: an agent that finds a role which may not do its work yet asks again
// only after half an hour.
func (e *RoleEntry) ownProfile(x *entry.Expansion, name string) {
	p := Profile{Name: name, Path: markedPath(x.Spec.Name, pathOf(x.Spec, e.Path)), Role: x.Name, Tags: tagsFor(x.Spec, e.Tags)}
	for _, o := range x.Objects {
		if link, ok := o.Value.(resource.Link); ok {
			p.after = append(p.after, link.ID())
		}
	}
	x.Add(p, "instance_profile")
	protect(x, e.Protect, p.ID())
}

// profile returns the name of the role's instance profile, or "" if it has
// none.
func (e *RoleEntry) profile(role string) string {
	switch {
	case e.InstanceProfile == "none":
		return ""
	case e.InstanceProfile != "":
		return e.InstanceProfile
	case e.Existing || e.typ() == "instance":
		return role
	}
	return ""
}

func (e *RoleEntry) trust(x *entry.Expansion) (policy.Document, bool) {
	at := place(x.Spec)
	switch t := e.typ(); {
	case (t == "people" || t == "custom") && e.Trust == nil:
		x.Fault(fmt.Sprintf("a role of type %s must say whom it trusts", t), "add `trust:` with services, accounts, principals, saml, oidc or statement", "type")
		return policy.Document{}, false
	case t != "people" && t != "custom" && e.Trust != nil:
		x.Fault(fmt.Sprintf("a role of type %s has a trust policy of its own", t), "use `type: custom` to write the trust policy yourself", "trust")
		return policy.Document{}, false
	case t == "instance":
		doc, err := policy.ServiceTrust(at, []string{"ec2"}, false)
		return doc, faultless(x, err)
	case t == "hybrid" || t == "automation":
		doc, err := policy.ServiceTrust(at, []string{"ssm"}, true)
		return doc, faultless(x, err)
	}
	trust := policy.Trust{
		Services: e.Trust.Services, Accounts: e.Trust.Accounts, Principals: e.Trust.Principals,
		SAML: e.Trust.SAML, MFA: e.Trust.MFA, ExternalID: e.Trust.ExternalID, Statement: e.Trust.Statement,
	}
	if o := e.Trust.OIDC; o != nil {
		trust.OIDC = &policy.OIDC{Provider: o.Provider, Subject: o.Subject, Audience: o.Audience}
	}
	doc, err := trust.Compile(at)
	if found := doc.Check(policy.ForTrust); err == nil && len(found) > 0 {
		err = found
	}
	return doc, faultless(x, err, "trust")
}

// checkExisting reports the keys that only an owner could honour.
func (e *RoleEntry) checkExisting(x *entry.Expansion) {
	for key, given := range map[string]bool{
		"description": e.Description != "", "type": e.Type != "", "trust": e.Trust != nil,
		"max_session": e.MaxSession != "", "path": e.Path != "", "tags": e.Tags != nil,
	} {
		if given {
			notOwned(x, key)
		}
	}
}

// place returns where the spec's policies apply.
func place(s *entry.Spec) policy.Place {
	return policy.Place{Partition: s.Partition, Account: s.Account, Region: s.Region}
}
