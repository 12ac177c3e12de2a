package access

// Rights returns what every user and role may do: what each would gain if
// nobody held anything before, in the order of Compare.
func (a *Account) Rights() []Change {
	nobody := *a
	nobody.Members, nobody.Grants, nobody.Bounds = nil, nil, nil
	return Compare(&nobody, a)
}

// Example returns one call of those that c is about, the one that matters most:
// "ssm:SendCommand on i-1234567890abcdef0 with AWS-RunShellScript". The account
// is that after a gain, or before a loss. It is "" if it is not known what c is
// about.
func (a *Account) Example(c Change) string {
	if len(c.Actions) == 0 {
		return ""
	}
	call := c.Actions[0]
	for _, action := range c.Actions[1:] {
		if importance([]string{action}) > importance([]string{call}) {
			call = action
		}
	}
	on, with := "", ""
	for _, l := range LegsOf(call) {
		switch {
		case !l.Required:
		case l.Type == NodeLeg && c.On != nil:
			on = " on " + a.nodeIn(*c.On)
		case l.Type == DocumentLeg && c.With != nil && len(c.With.Names) > 0:
			with = " with " + c.With.Names[0]
		case l.Type == DocumentLeg && c.With != nil:
			with = " with " + runShellScript // one of any
		case l.Type != NodeLeg && l.Type != DocumentLeg && len(c.Resources) > 0 && c.Resources[0] != "*":
			on = " on " + c.Resources[0]
		}
	}
	return call + on + with
}

// nodeIn returns the id of a node in the set.
func (a *Account) nodeIn(s Set) string {
	if len(s.Names) > 0 {
		return s.Names[0]
	}
	for _, n := range a.Nodes {
		if n.Carries(s.Tags) {
			return n.ID
		}
	}
	return s.Text
}
