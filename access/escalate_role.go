package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// nodeRoles finds the roles of nodes that a principal comes to act as.
func (x *explorer) nodeRoles(s *subject) []Escalation {
	var found []Escalation
	for _, name := range sortedKeys(x.carriers) {
		id := resource.ID{Kind: roleKind, Name: name}
		role, ok := x.people.byID[id]
		if !ok || id == s.principal.ID {
			continue
		}
		how, ok := x.runsOn(s, x.carriers[name])
		if !ok {
			continue
		}
		w, ok := x.weigh(s, role)
		if !ok {
			continue
		}
		text := fmt.Sprintf("%s can act as %s by %s", s.principal.ID, id, how)
		found = append(found, finding(escalateNodeRole, s, w, text, how.String(), id.String()))
	}
	return found
}

// passing are the calls that take a role and then act as it, in the order in
// which they are named.
var passing = []struct {
	action string
	chosen bool // what is done with the role is what a document says
}{
	{"ssm:CreateActivation", false}, // any machine registers with it, and has its credentials
	{"ssm:StartAutomationExecution", true},
	{"ssm:RegisterTaskWithMaintenanceWindow", false}, // its task is an automation, or a command, of any content
	{"ssm:CreateAssociation", true},
}

// passedRoles finds the roles that a principal can pass to Systems Manager.
func (x *explorer) passedRoles(s *subject) []Escalation {
	if !s.speaksOf(passRole) {
		return nil
	}
	how := ""
	for _, p := range passing {
		if !s.speaksOf(p.action) {
			continue
		}
		var slots []slot
		step := p.action
		for _, l := range LegsOf(p.action) {
			if l.Required && !(p.chosen && l.Type == DocumentLeg) {
				slots = append(slots, shared(l, s.anyTarget(p.action, l)))
			}
		}
		if p.chosen {
			document, ok := x.anything(s, p.action)
			if !ok {
				continue
			}
			slots = append(slots, one(document))
			step += " of " + document.Name
		}
		if when, ok := s.passes(p.action, nil, slots...); ok {
			how = strings.TrimSpace(step + " " + when)
			break
		}
	}
	if how == "" {
		return nil
	}
	return x.passed(s, escalatePassRole, "ssm.amazonaws.com", how)
}

// profiles finds the roles that a principal can give to a machine on which it
// can run anything.
func (x *explorer) profiles(s *subject) []Escalation {
	if !s.speaksOf(passRole) {
		return nil
	}
	how, ok := x.machine(s)
	if !ok {
		return nil
	}
	return x.passed(s, escalateProfile, "ec2.amazonaws.com", how)
}

// machine returns how a principal can have a role on a machine that it controls.
func (x *explorer) machine(s *subject) (string, bool) {
	for _, action := range profileActions {
		if !s.speaksOf(action) {
			continue
		}
		both := slices.Clone(x.mayRun(s))
		both.and(x.acts(s, action))
		for i := range both.each() {
			n := x.account.Nodes[i]
			if !strings.Contains(n.ARN, ":instance/") {
				continue
			}
			if _, ok := s.passes(action, nil, one(nodeTarget(n))); !ok {
				continue
			}
			if how, ok := x.runs(s, n); ok {
				return action + " and " + how.String(), true
			}
		}
	}
	const launch = "ec2:RunInstances"
	if !s.speaksOf(launch) {
		return "", false
	}
	var slots []slot
	for _, l := range LegsOf(launch) {
		if l.Required {
			made := slices.DeleteFunc(s.anyTarget(launch, l), func(t Target) bool { return t.Known }) // no machine that is there
			slots = append(slots, shared(l, made))
		}
	}
	_, ok := s.passes(launch, nil, slots...)
	return launch, ok
}

const passRole = "iam:PassRole"

// passed returns the findings for the roles that a principal may pass to a
// service that can assume them.
func (x *explorer) passed(s *subject, code, service, how string) []Escalation {
	var found []Escalation
	for _, role := range x.people.list {
		id := role.principal.ID
		if id.Kind != roleKind || id == s.principal.ID || strings.Contains(role.principal.ARN, ":role/aws-service-role/") || !x.trusts(role, service) {
			continue
		}
		to := policy.Context{"iam:PassedToService": policy.One(service)}
		target := Target{Leg: roleKind, Name: id.Name, ARN: role.principal.ARN, Tags: role.principal.Tags, Known: true}
		when, ok := s.passes(passRole, to, one(target))
		if !ok {
			continue
		}
		w, ok := x.weigh(s, role)
		if !ok {
			continue
		}
		pass := strings.TrimSpace(passRole + " on " + id.String() + " " + when)
		text := fmt.Sprintf("%s can act as %s by %s and %s", s.principal.ID, id, pass, how)
		found = append(found, finding(code, s, w, text, pass, how, id.String()))
	}
	return found
}

// trusts reports whether a role lets a service assume it, for this account.
func (x *explorer) trusts(role *subject, service string) bool {
	at := x.account.Place
	names := []string{service}
	if at.Partition == "aws-cn" {
		names = append(names, service+".cn")
	}
	return slices.ContainsFunc(names, func(name string) bool {
		short, _, _ := strings.Cut(service, ".")
		d := policy.Policies{Resource: &role.principal.Trust}.Decide(policy.Request{
			Principal: name, Action: assumeAction, Resource: role.principal.ARN, Account: at.Account,
			Context: policy.Context{
				"aws:SourceAccount": policy.One(at.Account),
				"aws:SourceArn":     policy.One("arn:" + at.Partition + ":" + short + ":" + at.Region + ":" + at.Account + ":*"),
			},
		})
		return d.Verdict == policy.Allowed
	})
}
