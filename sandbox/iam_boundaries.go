package sandbox

type boundaryInput struct {
	nameable
	PermissionsBoundary string `is:"arn!"`
}

// putBoundary returns the operation that sets a permissions boundary, for
// users and roles: groups have none.
func putBoundary(k kind) func(*call, boundaryInput) (none, error) {
	return func(c *call, in boundaryInput) (out none, err error) {
		p, err := c.modifiable(k, in.nameable)
		if err != nil {
			return out, err
		}
		if err := c.found(p); err != nil {
			return out, err
		}
		if err := c.boundary(in.PermissionsBoundary); err != nil {
			return out, err
		}
		p.Boundary = in.PermissionsBoundary
		return out, nil
	}
}

func deleteBoundary(k kind) func(*call, nameable) (none, error) {
	return func(c *call, in nameable) (out none, err error) {
		p, err := c.modifiable(k, in)
		switch {
		case err != nil:
		case p.Boundary == "":
			err = noSuchEntity("Cannot find the permissions boundary of the %s with name %s.", k, p.Name)
		default:
			p.Boundary = ""
		}
		return out, err
	}
}

// boundary says whether the policy with that ARN can be a boundary; "" can.
func (c *call) boundary(arn string) error {
	if arn == "" {
		return nil
	}
	p, err := c.policy(arn)
	if err != nil || p.own != nil && !c.sees(&p.own.unseen) {
		return noSuchEntity("Scope ARN: %s does not exist or is not attachable.", arn)
	}
	if !p.IsAttachable {
		return errorf("PolicyNotAttachable", "Scope ARN: %s cannot be used as a permissions boundary.", arn)
	}
	return nil
}
