package kind

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/resource"
)

// IAM's quotas, as high as AWS raises them for anybody: what is beyond is
// wrong in every account. What is beyond the quotas of one account, only that
// account can tell, and a plan is checked against them. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const (
	maxGroupsPerUser = 10
	maxTags          = 50
	maxTrust         = 8192 // characters but white space
)

// maxAttached is how many managed policies one principal may carry.
var maxAttached = map[string]int{userKind: 20, groupKind: 10, roleKind: 25}

// maxInline is the size of all inline policies of one principal together, in
// characters but white space. AWS does not raise it.
var maxInline = map[string]int{userKind: 2048, groupKind: 5120, roleKind: 10240}

// tagText is what tags may be written with in IAM.
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// checkTags reports tags that AWS would refuse.
func checkTags(x *entry.Expansion, tags map[string]string, at ...string) {
	if n := len(tags) + 1; n > maxTags { // and that of the run
		x.Fault(fmt.Sprintf("%d tags, with the defaults' and ssmctl's own, are more than the %d that AWS allows", n, maxTags), "drop some", at...)
	}
	seen := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		where := append(slices.Clone(at), k)
		switch v := tags[k]; {
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			x.Fault(fmt.Sprintf("tag %q: keys that begin with aws: are AWS's own", k), "choose another key", where...)
		case strings.EqualFold(k, runTag):
			x.Fault(fmt.Sprintf("tag %q: ssmctl writes it itself, to say which run made something", k), "choose another key", where...)
		case k == "" || utf8.RuneCountInString(k) > 127:
			x.Fault(fmt.Sprintf("tag %q: a key has 1 to 127 characters", k), "shorten it", where...)
		case utf8.RuneCountInString(v) > 256:
			x.Fault(fmt.Sprintf("tag %s: a value has at most 256 characters", k), "shorten it", where...)
		case !tagText.MatchString(k) || !tagText.MatchString(v):
			x.Fault(fmt.Sprintf("tag %s: AWS takes letters, digits, blanks and any of _ . : / = + - @", k), "drop the other characters", where...)
		case seen[strings.ToLower(k)] != "":
			x.Fault(fmt.Sprintf("tags %q and %q are one and the same to IAM", seen[strings.ToLower(k)], k), "keep one of them", where...)
		}
		seen[strings.ToLower(k)] = k
	}
}

// checkQuotas reports more policies on a principal than IAM takes, and larger
// ones.
func checkQuotas(x *entry.Expansion, to resource.ID) {
	attached, inline := map[resource.ID]bool{}, 0
	for _, o := range x.Objects {
		switch o := o.Value.(type) {
		case Attachment:
			if o.To == to {
				attached[o.ID()] = true
			}
		case InlinePolicy:
			if o.Of == to {
				inline += o.Document.Size()
			}
		case Role:
			if n := o.Trust.Size(); n > maxTrust {
				x.Fault(fmt.Sprintf("the trust policy has %d characters; IAM takes %d at most", n, maxTrust), "trust fewer principals, or whole accounts", "trust")
			}
		}
	}
	if n := len(attached); n > maxAttached[to.Kind] {
		x.Fault(fmt.Sprintf("%d managed policies on %s; IAM attaches at most %d to one", n, to, maxAttached[to.Kind]), "merge restrictions, or share them out over several groups")
	}
	if n := inline; n > maxInline[to.Kind] {
		x.Fault(fmt.Sprintf("the inline policies of %s have %d characters together; IAM takes %d", to, n, maxInline[to.Kind]), "move some to a managed policy and list its ARN under policies", "inline")
	}
}

// Check reports what only the spec as a whole shows: users in more groups
// than IAM takes, and names that IAM cannot tell apart.
func Check(d *resource.Desired) []Refusal {
	groups := map[string]int{}
	all := clashesWithin(d)
	for o := range d.State.All() {
		m, ok := o.(Membership)
		if !ok {
			continue
		}
		if groups[m.User]++; groups[m.User] == maxGroupsPerUser+1 {
			all = append(all, Refusal{m.ID(), fmt.Sprintf("user %s is in more than %d groups, and IAM takes no more", m.User, maxGroupsPerUser), "merge groups, or take the user out of some"})
		}
	}
	return all
}
