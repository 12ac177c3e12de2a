package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A brute decides one account request by request.
type brute struct {
	*Account
	holdings *Holdings
	policies map[resource.ID]policy.Policies
	may      map[resource.ID][]bool // which of the requests, once it was tried
}

func newBrute(a *Account, supposed map[string]policy.Document) *brute {
	b := &brute{Account: new(*a), policies: map[resource.ID]policy.Policies{}, may: map[resource.ID][]bool{}}
	b.Account.Policies = maps.Clone(a.Policies)
	for arn, p := range a.Policies {
		if d, ok := supposed[arn]; ok && p.Unread != "" {
			p.Unread, p.Document = "", d
			b.Account.Policies[arn] = p
		}
	}
	b.holdings = b.Account.Holdings()
	for _, p := range a.Principals {
		e, _ := b.holdings.Effective(p.ID)
		// A boundary that is not there allows nothing.
		for _, bound := range a.Bounds {
			if _, there := a.Policies[bound.ARN]; bound.Of == p.ID && !there {
				e.Policies.Boundary = []policy.Document{{}}
			}
		}
		b.policies[p.ID] = e.Policies
	}
	return b
}

// allows decides whether a principal may do something on what has those tags.
func (b *brute) allows(who resource.ID, r policy.Request, tags map[string]string) bool {
	p, there := b.holdings.Principal(who)
	if !there {
		return false
	}
	context := policy.Context{}
	for key, value := range p.Tags {
		context["aws:PrincipalTag/"+key] = policy.One(value)
	}
	for key, value := range tags {
		context["aws:ResourceTag/"+key] = policy.One(value)
		if r.Action[:4] == "ssm:" {
			context["ssm:resourceTag/"+key] = policy.One(value)
		}
	}
	maps.Copy(context, r.Context)
	r.Principal, r.Context = p.ARN, context
	return b.policies[who].Decide(r).Verdict == policy.Allowed
}

// assumes decides whether somebody, who may be outside, may assume a role.
func (b *brute) assumes(who resource.ID, outside string, role resource.ID) bool {
	to, there := b.holdings.Principal(role)
	if !there || who == role {
		return false
	}
	r := policy.Request{Principal: outside, Action: assumeAction, Resource: to.ARN, Account: account}
	ps := policy.Policies{Identity: []policy.Document{policy.New(policy.Allow("*").On("*"))}}
	if outside == "" {
		p, there := b.holdings.Principal(who)
		if !there {
			return false
		}
		r.Principal, ps = p.ARN, b.policies[who]
	}
	ps.Resource = &to.Trust
	return ps.Decide(r).Verdict == policy.Allowed
}

// tries returns which of the requests a principal may make.
func (b *brute) tries(who resource.ID, requests []policy.Request) []bool {
	if b.may[who] == nil {
		b.may[who] = apply(requests, func(r policy.Request) bool { return b.allows(who, r, nil) })
	}
	return b.may[who]
}

// requests returns what is tried: of every kind that the statements of the
// world can tell apart.
func (w passageWorld) requests() (requests []policy.Request) {
	for _, action := range triedActions {
		for _, on := range triedResources {
			for _, mfa := range []string{"", "true"} {
				r := policy.Request{Action: action, Resource: on}
				if mfa != "" {
					r.Context = policy.Context{"aws:MultiFactorAuthPresent": policy.One(mfa)}
				}
				if mfa == "" || w.conditions {
					requests = append(requests, r)
				}
			}
		}
	}
	if w.nodes > 0 {
		for _, action := range []string{"ssm:SendCommand", "ssm:GetDocument", "ec2:StartInstances"} {
			// That both keys hold the same is not known to those who prove.
			for _, app := range []string{"", "web", "db", "x", "other"} {
				for _, ours := range []string{"", "web", "db", "x", "other"} {
					r := policy.Request{Action: action, Resource: "arn:aws:ec2:us-east-1:" + account + ":instance/i-any", Context: policy.Context{}}
					if app != "" {
						r.Context["aws:ResourceTag/App"] = policy.One(app)
					}
					if ours != "" {
						r.Context["ssm:resourceTag/App"] = policy.One(ours)
					}
					requests = append(requests, r)
				}
			}
		}
	}
	for _, name := range []string{"r0", "r1", "other"} {
		requests = append(requests, policy.Request{Action: assumeAction, Resource: iamARN("role/" + name)})
	}
	return requests
}

// A fate is a principal and what happens to its access.
type fate struct {
	who    resource.ID
	effect string
}

// verdicts returns who has what effect in the middle of three accounts, by
// trying all requests: what must be found, and what may be.
func verdicts(w passageWorld, b [3]*brute, ids []resource.ID, requests []policy.Request) (must, may map[fate]bool) {
	none := make([]bool, len(requests))
	must, may = map[fate]bool{}, map[fate]bool{}
	note := func(who resource.ID, effect string, is, found bool) {
		f := fate{who, effect}
		may[f], must[f] = may[f] || is, must[f] || is && found
	}
	own := map[resource.ID][3][]bool{}
	for _, id := range ids {
		own[id] = [3][]bool{b[0].tries(id, requests), b[1].tries(id, requests), b[2].tries(id, requests)}
	}
	for _, id := range ids {
		o := own[id]
		for n := range requests {
			note(id, Gain, o[1][n] && !o[0][n] && !o[2][n], true)
			note(id, Loss, o[0][n] && o[2][n] && !o[1][n], true)
		}
		for i := range w.nodes {
			nodeVerdicts(b, id, fmt.Sprint("i-", i), must, may)
		}
	}
	through := func(who resource.ID, o [3][]bool, role resource.ID, can [3]bool) {
		g := own[role]
		always := can == [3]bool{true, true, true} // then what the role lacks or leaks may be said of it alone
		for n := range requests {
			leak := can[1] && g[1][n]
			for _, end := range []int{0, 2} {
				leak = leak && !o[end][n] && !(can[end] && g[end][n])
			}
			// By one of both itself and by the role, or always by the role.
			has := func(i int) bool { return o[i][n] || can[i] && g[i][n] }
			loss := has(0) && has(2) && !has(1)
			note(who, Gain, leak, !always)
			note(who, Loss, loss, !(always && g[0][n] && g[2][n]))
		}
	}
	for _, role := range ids {
		if role.Kind != roleKind {
			continue
		}
		for _, who := range ids {
			if who == role {
				continue
			}
			var can [3]bool
			for i := range b {
				can[i] = b[i].assumes(who, "", role)
			}
			note(who, Gain, can[1] && !can[0] && !can[2], true)
			note(who, Loss, can[0] && can[2] && !can[1], true)
			through(who, own[who], role, can)
		}
		for _, outside := range []string{"ec2.amazonaws.com", "arn:aws:iam::999999999999:root"} {
			var can [3]bool
			for i := range b {
				can[i] = b[i].assumes(resource.ID{}, outside, role)
			}
			through(role, [3][]bool{none, none, none}, role, can)
		}
	}
	return must, may
}

// nodeVerdicts adds what there is about one node. It must be found where
// policies that bear on the principal ask for the tags of a node that changes.
func nodeVerdicts(b [3]*brute, who resource.ID, id string, must, may map[fate]bool) {
	var nodes [3]*Node
	asks := false
	for i := range b {
		for _, n := range b[i].Nodes {
			if n.ID == id {
				nodes[i] = &n
			}
		}
		text, err := json.Marshal(b[i].policies[who])
		if err != nil {
			panic(err)
		}
		asks = asks || strings.Contains(strings.ToLower(string(text)), "resourcetag/app")
	}
	if nodes[0] != nil && nodes[2] != nil && maps.Equal(nodes[0].Tags, nodes[2].Tags) || nodes[0] == nil && nodes[2] == nil {
		return
	}
	for _, action := range []string{"ssm:SendCommand", "ssm:GetDocument", "ec2:StartInstances"} {
		var is [3]bool
		for i, n := range nodes {
			is[i] = n != nil && b[i].allows(who, policy.Request{Action: action, Resource: n.ARN}, n.Tags)
		}
		for effect, found := range map[string]bool{Gain: is[1] && !is[0] && !is[2], Loss: is[0] && is[2] && !is[1]} {
			if found {
				may[fate{who, effect}] = true
				if asks {
					must[fate{who, effect}] = true
				}
			}
		}
	}
}

// suppose returns all that the unknown policies may say of a request.
func suppose(accounts ...*Account) []map[string]policy.Document {
	all := []map[string]policy.Document{{}}
	seen := map[string]bool{}
	for _, a := range accounts {
		for _, arn := range sortedKeys(a.Policies) {
			if a.Policies[arn].Unread == "" || seen[arn] {
				continue
			}
			seen[arn] = true
			var more []map[string]policy.Document
			for _, have := range all {
				for _, d := range []policy.Document{{}, policy.New(policy.Allow("*").On("*")), policy.New(policy.Deny("*").On("*"))} {
					with := maps.Clone(have)
					with[arn] = d
					more = append(more, with)
				}
			}
			all = more
		}
	}
	return all
}
