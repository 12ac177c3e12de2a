package check

import (
	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/resource"
)

// touched returns the users and roles of the account after the plan on which
// anything else bears than before: those that a grant, a boundary, a
// membership, a text or a tag of theirs differs for. It takes one look at each
// account, so that only these few have to be looked at closely.
func touched(before, after *access.Account) map[resource.ID]bool {
	holders := map[resource.ID]bool{}
	differ(managedTexts(before), managedTexts(after), func(arn string) {
		for _, a := range []*access.Account{before, after} {
			for _, g := range a.Grants {
				if g.Document == nil && g.ARN == arn {
					holders[g.To] = true
				}
			}
			for _, b := range a.Bounds {
				if b.ARN == arn {
					holders[b.Of] = true
				}
			}
		}
	})
	differ(held(before), held(after), func(h holding) { holders[h.by] = true })
	for _, a := range []*access.Account{before, after} {
		for _, m := range a.Members {
			if holders[resource.ID{Kind: "group", Name: m.Group}] {
				holders[resource.ID{Kind: "user", Name: m.User}] = true
			}
		}
	}
	return holders
}

// differ calls found for each key that is in one of two maps alone, or has
// another value in each.
func differ[K comparable](a, b map[K]string, found func(K)) {
	for k, v := range a {
		if w, there := b[k]; !there || v != w {
			found(k)
		}
	}
	for k := range b {
		if _, there := a[k]; !there {
			found(k)
		}
	}
}

// A holding is what bears on a user, group or role: what it is by ARN or name,
// and in which way.
type holding struct {
	by   resource.ID
	what string
	name string
}

// held returns all that bears on anybody, and what inline policies say.
func held(a *access.Account) map[holding]string {
	all := map[holding]string{}
	for _, g := range a.Grants {
		if g.Document != nil {
			all[holding{g.To, "inline", g.Name}] = canonical(*g.Document)
			continue
		}
		all[holding{g.To, "attached", g.ARN}] = ""
	}
	for _, b := range a.Bounds {
		all[holding{b.Of, "bound", b.ARN}] = ""
	}
	for _, m := range a.Members {
		all[holding{resource.ID{Kind: "user", Name: m.User}, "member", m.Group}] = ""
	}
	for _, p := range a.Principals {
		all[holding{p.ID, "is", p.ARN}] = ""
		for k, v := range p.Tags {
			all[holding{p.ID, "tag", k}] = v
		}
	}
	return all
}

// managedTexts returns what each managed policy says, by ARN.
func managedTexts(a *access.Account) map[string]string {
	all := make(map[string]string, len(a.Policies))
	for arn, m := range a.Policies {
		all[arn] = m.Unread + canonical(m.Document)
	}
	return all
}
