package access

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Question asks whether someone can do something.
type Question struct {
	Who    resource.ID // a user or role
	Action string      // as ResolveAction takes it

	// On is what it is done on: a node by id, name, ARN or tag:Key=Value, several
	// ids or names between commas, "all" nodes; or a resource by its name, by
	// type/name, or by ARN. "" asks whether there is anything.
	On string

	// With is the document that is used, by name or ARN. "" asks whether there
	// is any; for a session it is the default shell.
	With string

	// Context are keys of the request that are known: with
	// aws:MultiFactorAuthPresent "true", nothing depends on MFA any more.
	Context policy.Context
}

// A Verdict answers a question.
type Verdict string

// The verdicts.
const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Depends Verdict = "depends" // on what When says
	Unknown Verdict = "unknown" // nothing that is known allows it, and not all is known
)

// An Answer says whether someone can do something, and why.
type Answer struct {
	Who       resource.ID `json:"principal"`
	Action    string      `json:"action"`
	Verdict   Verdict     `json:"verdict"`
	When      string      `json:"when,omitempty"`       // in words: "with MFA", "on web-1, not on db-1"
	Allowed   int         `json:"allowed"`              // how many of Calls are not No or Unknown
	Calls     []CallReply `json:"calls"`                // one for each node or resource that was asked about
	AssumedBy []Assumer   `json:"assumed_by,omitempty"` // of a role, whoever can act as it
	Notes     []string    `json:"notes,omitempty"`
}

// A CallReply is the answer for one call.
type CallReply struct {
	On      string     `json:"on,omitempty"` // the name of the node or resource
	ARN     string     `json:"arn,omitempty"`
	Verdict Verdict    `json:"verdict"`
	When    string     `json:"when,omitempty"`
	Legs    []LegReply `json:"legs"`

	onward bool // the service's own check of the call is likely to fail
}

// A LegReply is the answer for one leg of a call, in the simplest of the
// circumstances that allow the call if any does.
type LegReply struct {
	Leg     string         `json:"leg"`
	Target  Target         `json:"target"`            // the one that was looked at: the first that is allowed, or that is not
	Allowed []string       `json:"allowed,omitempty"` // where any target would do, those that do
	Verdict policy.Verdict `json:"verdict"`
	Chains  []Chain        `json:"chains,omitempty"` // to the statements that decide, or that come nearest
	Reason  string         `json:"reason,omitempty"` // of what is not allowed, why
	Missing []string       `json:"missing,omitempty"`
}

// Can answers a question. An error says which part of the question names
// nothing that the account or AWS has.
func (a *Account) Can(q Question) (Answer, error) {
	action, err := ResolveAction(q.Action)
	if err != nil {
		return Answer{}, err
	}
	everyone := newPeople(a)
	s, ok := everyone.byID[q.Who]
	if !ok {
		return Answer{}, a.noPrincipal(q.Who)
	}
	plan, err := q.plan(a, action)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Who: q.Who, Action: action, Calls: []CallReply{}}
	for _, c := range plan.calls(s, plan.targets) {
		r := s.reply(action, c, q.Context)
		if r.Verdict == Yes || r.Verdict == Depends {
			answer.Allowed++
		}
		answer.Calls = append(answer.Calls, r)
	}
	answer.summarise(q.On == "")
	if q.Who.Kind != userKind {
		answer.AssumedBy = everyone.assumers(q.Who)
	}
	answer.Notes = s.notes(action, q, answer)
	return answer, nil
}

func (a *Account) noPrincipal(who resource.ID) error {
	if who.Kind == groupKind {
		return fmt.Errorf("%s is a group; ask about one of its members", who)
	}
	for _, p := range a.Principals {
		if strings.EqualFold(p.ID.Name, who.Name) {
			return fmt.Errorf("the account has no %s; did you mean %s?", who, p.ID)
		}
	}
	return fmt.Errorf("the account has no %s; name a user or a role, such as user/alice", who)
}

// summarise sums up the answers for all calls. With anything, one that may be
// made is enough.
func (a *Answer) summarise(anything bool) {
	verdicts := map[Verdict][]string{}
	whens := map[string]bool{}
	for _, c := range a.Calls {
		verdicts[c.Verdict] = append(verdicts[c.Verdict], c.On)
		if c.When != "" {
			whens[c.When] = true
		}
	}
	may, mayNot := slices.Concat(verdicts[Yes], verdicts[Depends]), slices.Concat(verdicts[No], verdicts[Unknown])
	switch {
	case len(may) == 0 && len(verdicts[Unknown]) > 0:
		a.Verdict = Unknown
	case len(may) == 0:
		a.Verdict = No
	case len(verdicts[Yes]) > 0 && (anything || len(verdicts[Yes]) == len(a.Calls)):
		a.Verdict = Yes
	default:
		a.Verdict = Depends
	}
	var parts []string
	if len(mayNot) > 0 && len(may) > 0 {
		parts = append(parts, "on "+firstOf(may, 5))
		if !anything {
			parts[0] += ", not on " + firstOf(mayNot, 5)
		}
	}
	if a.Verdict == Depends && len(whens) == 1 {
		parts = append(parts, sortedKeys(whens)...)
	} else if a.Verdict == Depends && len(whens) > 1 {
		parts = append(parts, "as each of "+strconv.Itoa(len(may))+" says")
	}
	a.When = strings.Join(parts, ", ")
}

// reply answers for one call.
func (s *subject) reply(action string, c call, given policy.Context) CallReply {
	a := s.decide(action, c.slots, given)
	r := CallReply{On: cmp.Or(c.on.Name, c.on.ARN), ARN: c.on.ARN, Verdict: a.verdict, When: a.when}
	if a.verdict == No && slices.ContainsFunc(s.effective.Unread, func(u Unread) bool { return !u.Boundary }) && !a.best.denied() {
		r.Verdict = Unknown
	}
	if tagged, tags, ok := s.ifTagged(action, c, given); r.Verdict == No && ok {
		a = tagged
		r.Verdict, r.When = Depends, both("only if it is tagged "+tagText(tags), a.when)
	}
	r.onward = s.refusedOnward(action, c, a.best)
	for i, slot := range c.slots {
		r.Legs = append(r.Legs, s.legReply(action, slot, a.best.decisions[i], a.best.keys))
	}
	return r
}

// ifTagged answers for a call on something that the account does not know, as
// if it had tags that the policies ask for.
func (s *subject) ifTagged(action string, c call, given policy.Context) (answer, map[string]string, bool) {
	if len(c.slots) == 0 || len(c.slots[0].targets) != 1 || c.on.Known || c.on.ARN == "" || c.on.ARN == "*" {
		return answer{}, nil, false
	}
	about := s.about(action)
	for _, e := range about.entries {
		for _, tags := range tagsFor(e, about.party) {
			tagged := c.on
			tagged.Tags = tags
			slots := append([]slot{{leg: c.slots[0].leg, targets: []Target{tagged}}}, c.slots[1:]...)
			if a := s.decide(action, slots, given); a.verdict != No {
				return a, tags, true
			}
		}
	}
	return answer{}, nil, false
}

// denied reports whether something denies a leg of the call, so that no other
// policy could allow it.
func (c circumstance) denied() bool {
	return slices.ContainsFunc(c.decisions, func(targets []policy.Decision) bool {
		return !slices.ContainsFunc(targets, func(d policy.Decision) bool { return d.Verdict != policy.ExplicitDeny })
	})
}

// legReply answers for one leg.
func (s *subject) legReply(action string, sl slot, decisions []policy.Decision, given policy.Context) LegReply {
	r := LegReply{Leg: sl.leg.Type}
	if len(sl.targets) == 0 {
		r.Reason = "there is nothing in the account that it could be done on"
		return r
	}
	at := 0
	for i, d := range decisions {
		if d.Verdict == policy.Allowed {
			if len(r.Allowed) == 0 {
				at = i
			}
			r.Allowed = append(r.Allowed, cmp.Or(sl.targets[i].Name, sl.targets[i].ARN))
		}
	}
	if len(sl.targets) == 1 {
		r.Allowed = nil
	}
	d := decisions[at]
	r.Target, r.Verdict, r.Missing = sl.targets[at], d.Verdict, d.Missing
	r.Chains = s.effective.chains(s.principal.ID, d.By)
	if d.Verdict != policy.Allowed {
		r.Reason, r.Chains = s.why(action, r.Target, d, given)
	}
	return r
}

// notes says what a reader of the answer should know besides.
func (s *subject) notes(action string, q Question, answer Answer) []string {
	var notes []string
	for _, u := range s.effective.Unread {
		what := "the policy"
		if u.Boundary {
			what = "the boundary"
		}
		notes = append(notes, fmt.Sprintf("%s %s is left out: %s", what, u.Name, u.Why))
	}
	if len(answer.Calls) == 0 {
		notes = append(notes, "the account has no nodes that it could be done on")
	}
	may := answer.Verdict == Yes || answer.Verdict == Depends
	if action == "ssm:StartSession" && q.With == "" && may {
		if s.decide(action, []slot{one(s.account.shell())}, q.Context).verdict == No {
			notes = append(notes, "ssm:StartSession is not granted on "+defaultShell+", which AWS asks for by its newer documentation: without it the default shell may be refused")
		}
	}
	if slices.ContainsFunc(answer.Calls, func(c CallReply) bool { return c.onward }) {
		notes = append(notes, "Systems Manager checks a command again, by itself, and then aws:SourceIp and the like are not there: allow it too if aws:ViaAWSService is true, or commands may fail (Systems Manager User Guide, \"Setting up Run Command\")")
	}
	return notes
}

// defaultShell is the document of a session that names none.
const defaultShell = "SSM-SessionManagerRunShell"

func (a *Account) shell() Target {
	return Target{Leg: DocumentLeg, Name: defaultShell, ARN: a.documentARN(defaultShell), Known: true}
}

// networkKeys are the keys that tell where a request comes from. The requests
// that a service makes for someone have none of them (IAM User Guide, "AWS
// global condition context keys").
var networkKeys = []string{"aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn", "aws:VpcSourceIp"}

// refusedOnward reports whether Systems Manager's own check of a command that
// passes is likely to fail: since that request does not come from where the
// policies want it to come from.
func (s *subject) refusedOnward(action string, c call, passing circumstance) bool {
	if action != "ssm:SendCommand" || !passing.passes {
		return false
	}
	onward := maps.Clone(passing.keys)
	maps.DeleteFunc(onward, func(key string, _ policy.Value) bool {
		return slices.ContainsFunc(networkKeys, func(n string) bool { return strings.EqualFold(n, key) })
	})
	if len(onward) == len(passing.keys) {
		return false
	}
	onward["aws:ViaAWSService"] = policy.One("true")
	slots := apply(c.slots, func(sl slot) slot { return slot{leg: sl.leg, targets: sl.targets} }) // what was decided before is of another request
	return !s.in(action, slots, 0, world{}, onward, true).passes
}
