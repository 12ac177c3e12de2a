package sandbox

import (
	"slices"
	"strings"
)

// attachmentQuota is how many managed policies one principal may have
// attached.
const attachmentQuota = 10

type attachment struct {
	nameable
	PolicyArn string `is:"arn!"`
}

// attach returns the operation that attaches a managed policy. Attaching one
// that is attached already changes nothing.
func attach(k kind) func(*call, attachment) (none, error) {
	return func(c *call, in attachment) (out none, err error) {
		p, err := c.modifiable(k, in.nameable)
		if err != nil {
			return out, err
		}
		if err := c.found(p); err != nil {
			return out, err
		}
		policy, err := c.policy(in.PolicyArn)
		if err != nil || policy.own != nil && !c.sees(&policy.own.unseen) {
			return out, noSuchEntity("Policy %s does not exist or is not attachable.", in.PolicyArn)
		}
		switch {
		case !policy.IsAttachable:
			return out, errorf("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer %s.", k.title())
		case slices.Contains(p.Attached, in.PolicyArn):
			return out, nil
		case len(p.Attached) >= attachmentQuota:
			return out, overQuota("PoliciesPer"+k.title(), attachmentQuota)
		}
		p.Attached = append(p.Attached, in.PolicyArn)
		return out, nil
	}
}

func detach(k kind) func(*call, attachment) (none, error) {
	return func(c *call, in attachment) (out none, err error) {
		p, err := c.modifiable(k, in.nameable)
		if err != nil {
			return out, err
		}
		i := slices.Index(p.Attached, in.PolicyArn)
		if i < 0 {
			return out, policyNotFound(in.PolicyArn)
		}
		p.Attached = slices.Delete(p.Attached, i, i+1)
		return out, nil
	}
}

type attachedView struct{ PolicyName, PolicyArn string }

func viewAttached(p *principal) []attachedView {
	list := make([]attachedView, len(p.Attached))
	for i, arn := range p.Attached {
		list[i] = attachedView{arn[strings.LastIndexByte(arn, '/')+1:], arn}
	}
	return list
}

type attachedInput struct {
	nameable
	paging
	PathPrefix string `is:"pathPrefix"`
}

type attachedOutput struct {
	AttachedPolicies []attachedView
	truncation
}

func listAttached(k kind) func(*call, attachedInput) (attachedOutput, error) {
	return func(c *call, in attachedInput) (out attachedOutput, err error) {
		p, err := c.principal(k, in.nameable)
		if err != nil {
			return out, err
		}
		list := slices.DeleteFunc(viewAttached(p), func(v attachedView) bool {
			_, path, _ := strings.Cut(strings.TrimSuffix(v.PolicyArn, v.PolicyName), ":policy")
			return !strings.HasPrefix(path, in.PathPrefix)
		})
		out.AttachedPolicies, out.truncation, err = pageOf(c, list, in.paging, func(v attachedView) string { return v.PolicyArn })
		return out, err
	}
}
