package access

import (
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// The actions that run documents.
const (
	send  = "ssm:SendCommand"
	start = "ssm:StartAutomationExecution"
)

// documents finds the documents that a principal can change and others run.
func (x *explorer) documents(s *subject) []Escalation {
	if !s.speaksOf("ssm:UpdateDocument") || !s.speaksOf("ssm:UpdateDocumentDefaultVersion") {
		return nil
	}
	var found []Escalation
	for _, d := range x.account.Documents {
		t := documentTarget(d)
		if policy.OwnedByAWS(d.Name) {
			continue
		}
		if _, ok := s.passes("ssm:UpdateDocument", nil, one(t)); !ok {
			continue
		}
		if _, ok := s.passes("ssm:UpdateDocumentDefaultVersion", nil, one(t)); !ok {
			continue
		}
		if e, ok := x.changed(s, t); ok {
			found = append(found, e)
		}
	}
	return found
}

// changed returns what a principal gains by what others run of a document: by the
// first of them, which is enough to say it.
func (x *explorer) changed(s *subject, t Target) (Escalation, bool) {
	edit := "ssm:UpdateDocument of " + t.Name
	text := func(other *subject) string {
		return fmt.Sprintf("%s can change what %s runs by %s", s.principal.ID, other.principal.ID, t.Name)
	}
	for _, r := range x.named(send) {
		if r.subject == s || r.document != t.ARN {
			continue
		}
		i, ok := x.beyond(s, r.subject)
		if !ok {
			continue
		}
		on := nodeTarget(x.account.Nodes[i])
		a := r.subject.decide(send, []slot{one(on), one(t)}, nil)
		if a.verdict == No {
			continue
		}
		gains := x.account.Requests(r.subject.principal, send, []Target{on}, a.best.keys)[0]
		step := send + " on " + on.Name + " by " + r.subject.principal.ID.String()
		return finding(escalateDocument, s, weight{severity: High, gains: &gains}, text(r.subject), edit, step), true
	}
	for _, r := range x.named(start) {
		if r.subject == s || r.document != t.ARN {
			continue
		}
		slots := []slot{one(t), shared(anExecution, r.subject.anyTarget(start, anExecution))}
		if _, ok := r.subject.passes(start, nil, slots...); !ok {
			continue
		}
		if w, ok := x.weigh(s, r.subject); ok {
			return finding(escalateDocument, s, w, text(r.subject), edit, start+" by "+r.subject.principal.ID.String()), true
		}
	}
	return Escalation{}, false
}

// mostLooked bounds the nodes on which it is looked closely whether one can
// run something.
const mostLooked = 3

// beyond returns a node that another may send commands to, and on which a
// principal cannot run anything.
func (x *explorer) beyond(s, other *subject) (int, bool) {
	theirs := minus(x.acts(other, send), x.mayRun(s))
	if i := theirs.first(); i >= 0 {
		return i, true
	}
	looked := 0
	for i := range x.acts(other, send).each() {
		if looked++; looked > mostLooked {
			break
		}
		if _, can := x.runsOn(s, []int{i}); !can {
			return i, true
		}
	}
	return 0, false
}

// A runner is someone who is granted a document by a pattern narrower than all
// documents, and so is meant to run it.
type runner struct {
	subject  *subject
	document string // its ARN
}

// named returns who is granted which of the account's documents by name, for
// an action.
func (x *explorer) named(action string) []runner {
	if runners, ok := x.runners[action]; ok {
		return runners
	}
	runners := []runner{}
	for _, s := range x.people.list {
		granted := map[string]bool{}
		for _, e := range s.about(action).entries {
			if e.deny || e.layer != policy.LayerIdentity {
				continue
			}
			for _, r := range e.source.Resource {
				kind, name, ok := strings.Cut(fields(r)[5], "/")
				if !ok || kind != "document" || strings.Trim(name, "*") == "" {
					continue
				}
				filled, ok := fill(r, e.version, s.about(action).party.lookup)
				for _, d := range x.account.Documents {
					if ok && !granted[d.ARN] && policy.MatchARN(filled, d.ARN) {
						granted[d.ARN] = true
						runners = append(runners, runner{s, d.ARN})
					}
				}
			}
		}
	}
	x.runners[action] = runners
	return runners
}
