package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"
)

// An account is all that one AWS account holds. Its JSON is what Save writes.
// References between its parts are the unique ids that AWS would use, so that
// renaming a group keeps its members and a role made again is not the old one.
type account struct {
	ID     string
	Home   string // the region of the sandbox
	Serial int    // how many ids have been made up
	Raised bool   // AWS has raised how many users, groups, roles, policies and profiles there may be

	Users    table[*user]
	Groups   table[*group]
	Roles    table[*role]
	Policies table[*customerPolicy]
	Profiles table[*instanceProfile]
	Regions  table[*region]
	Sessions table[*session]

	requests int // how many request ids have been made up
}

// full reports whether there are as many of a sort as the account may have.
func (a *account) full(n, quota int) bool { return n >= quota && !a.Raised }

func newAccount(id, region string) *account {
	return &account{ID: cmp.Or(id, "123456789012"), Home: cmp.Or(region, "us-east-1")}
}

// A principal is what users, groups and roles have in common.
type principal struct {
	Kind     kind
	Name     string
	Path     string
	ID       string // AIDA..., AGPA... or AROA...
	Created  time.Time
	Inline   map[string]string // documents by policy name
	Attached []string          // ARNs of managed policies, in the order they came
	Boundary string            // ARN of the policy that is the permissions boundary
	Tags     tags
	unseen   unseen
}

func (p *principal) key() string { return strings.ToLower(p.Name) }

// A kind says what a principal is, in the word its ARN uses.
type kind string

const (
	userKind  kind = "user"
	groupKind kind = "group"
	roleKind  kind = "role"
)

// title is the word IAM's quotas and listings use: "User".
func (k kind) title() string { return strings.ToUpper(string(k[:1])) + string(k[1:]) }

// prefix is how the unique ids of the kind begin.
func (k kind) prefix() string {
	return map[kind]string{userKind: "AIDA", groupKind: "AGPA", roleKind: "AROA"}[k]
}

// inlineQuota is how much all inline policies of one principal may hold.
func (k kind) inlineQuota() int {
	return map[kind]int{userKind: 2048, groupKind: 5120, roleKind: 10240}[k]
}

type user struct {
	principal
	Groups []string // ids of the groups it is in
	Login  *loginProfile
	Keys   []accessKey
}

type loginProfile struct {
	Created time.Time
	Reset   bool
}

type accessKey struct {
	ID      string
	Status  string
	Created time.Time
}

type group struct{ principal }

type role struct {
	principal
	Trust       string // its document, users and roles of the account as unique ids
	Description string
	MaxSession  int // seconds
}

// A customerPolicy is a managed policy that the account made itself.
type customerPolicy struct {
	Name        string
	Path        string
	ID          string
	Description string
	Created     time.Time
	Updated     time.Time
	Default     string // the id of the version in force
	Versions    []policyVersion
	Made        int // how many versions there have ever been
	Tags        tags
	unseen      unseen
}

func (p *customerPolicy) key() string { return strings.ToLower(p.Name) }

type policyVersion struct {
	ID       string // "v1"
	Document string
	Created  time.Time
}

type instanceProfile struct {
	Name       string
	Path       string
	ID         string
	Created    time.Time
	Role       string // the id of its role, or ""
	Tags       tags
	unseen     unseen // the profile itself
	unseenRole unseen // that it has a role
}

func (p *instanceProfile) key() string { return strings.ToLower(p.Name) }

// A session is a set of temporary credentials.
type session struct {
	KeyID   string
	ARN     string
	UserID  string
	Expires time.Time
}

func (s *session) key() string { return s.KeyID }

// A region is what an account holds in one region.
type region struct {
	Name         string
	Instances    table[*instance]
	Associations table[*association]
	Launches     table[*launch]
	Parameters   table[*parameter]
	Documents    table[*document]
	Commands     table[*command]
	Tags         map[string]tags `json:",omitempty"` // of the VPC, subnets and other things that are always there
}

func (r *region) key() string { return r.Name }

// region returns what the account holds where the request was sent.
func (c *call) region() *region {
	return c.account.region(cmp.Or(c.regionID, c.Home))
}

func (a *account) region(name string) *region {
	r := a.Regions.get(name)
	if r == nil {
		r = &region{Name: name}
		a.Regions.put(r)
	}
	return r
}

func (a *account) partition() string { return partitionOf(a.Home) }

// arn makes the ARN of something of the account. IAM's have no region.
func (a *account) arn(service, region, resource string) string {
	return "arn:" + a.partition() + ":" + service + ":" + region + ":" + a.ID + ":" + resource
}

func (a *account) principalARN(p *principal) string {
	return a.arn("iam", "", string(p.Kind)+p.Path+p.Name)
}

func (a *account) policyARN(p *customerPolicy) string {
	return a.arn("iam", "", "policy"+p.Path+p.Name)
}

func (a *account) profileARN(p *instanceProfile) string {
	return a.arn("iam", "", "instance-profile"+p.Path+p.Name)
}

// digest makes up something that no one could guess but that is the same
// whenever the same things are done to the same account.
func (a *account) digest(what string) [32]byte {
	a.Serial++
	return sha256.Sum256([]byte(a.ID + "/" + what + "/" + itoa(a.Serial)))
}

// newID makes up a unique id of IAM: the prefix and 17 letters and digits.
func (a *account) newID(prefix string) string {
	sum := a.digest(prefix)
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// newResourceID makes up an id of EC2: the prefix, a dash and 17 hex digits.
func (a *account) newResourceID(prefix string) string {
	sum := a.digest(prefix)
	return prefix + "-0" + hex.EncodeToString(sum[:])[:16]
}

// newUUID makes up the id of an SSM command or the like.
func (a *account) newUUID(what string) string { return uuid(a.digest(what)) }

// newRequestID makes up the id of a request. It leaves Serial alone, so that
// looking at an account does not change it.
func (a *account) newRequestID() string {
	a.requests++
	return uuid(sha256.Sum256([]byte(a.ID + "/request/" + itoa(a.Serial) + "/" + itoa(a.requests))))
}

func uuid(sum [32]byte) string {
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}

// An unseen counts how many more requests that ask for something will not
// find it yet.
type unseen struct{ left int }

// hide starts the count of something just made.
func (c *call) hide(u *unseen) { u.left = c.hiding }

// sees reports whether the request finds what u is the count of. However
// often one request asks, it counts once.
func (c *call) sees(u *unseen) bool {
	if seen, ok := c.asked[u]; ok {
		return seen
	}
	if c.asked == nil {
		c.asked = map[*unseen]bool{}
	}
	seen := u.left == 0
	if !seen {
		u.left--
	}
	c.asked[u] = seen
	return seen
}
