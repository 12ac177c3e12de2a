package kind

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/go-hclog"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A Caller is who a session acts as.
type Caller struct{ Account, Partition, ARN string }

// clients reach the services in the one way, reading or writing.
type clients struct {
	iam     *iam.Client
	ec2     *ec2.Client
	ssm     *ssm.Client
	sts     *sts.Client
	tagging *resourcegroupstaggingapi.Client // of the Region that IAM's resources are listed in
}

// A Session reaches one AWS account and Region. It is safe for concurrent use.
type Session struct {
	Region string
	Caller Caller

	read  clients // retries; for calls that change nothing
	write clients // one attempt a call: only the executor may decide about another
	log   hclog.Logger
	nonce string // tells this session's launches from those of others, if no run was begun

	mu       sync.Mutex
	run      string               // that was begun; "" if none was
	hold     *hold                // on the lock of a spec; nil if none was taken
	scope    Scope                // of the last survey, for reading back
	surveyed *Survey              // the last survey
	made     map[resource.ID]bool // what this session created: others may not see it yet
	freed    map[resource.ID]bool // what this session took something away from, which AWS may go on seeing
	notes    []SessionNote

	swapping map[string]bool // instances between two profiles, by id
}

// place is the account and Region that the session reaches.
func (s *Session) place() policy.Place {
	return policy.Place{Partition: s.Caller.Partition, Account: s.Caller.Account, Region: s.Region}
}

// A SessionNote is something to know about a change that stopped nothing.
type SessionNote struct {
	ID   resource.ID
	Text string
}

// Write makes one change; an executor.Account must. Its error is a
// *resource.Failure.
func (s *Session) Write(ctx context.Context, c resource.Change) error {
	d, err := kindOf(c.ID())
	if err != nil {
		return &resource.Failure{Class: resource.Refused, Call: "ssmctl", Err: err}
	}
	w := &Write{clients: s.write, Session: s, change: s.here(c)}
	if err := d.write(ctx, w, w.change); err != nil {
		if f, ok := errors.AsType[*resource.Failure](err); ok {
			return f
		}
		return w.notCalled(err)
	}
	s.wrote(c)
	return nil
}

// Begin names the run that the session's writes are of. From here on whatever
// it creates carries the tag ssmctl:run with that name, where AWS has tags:
// users, roles, managed policies, instance profiles and instances. The tag is
// part of no object. A launch that is asked for again in the same run, also by
// another process, gives the same instance. Begin is called before the first
// Write; without it nothing is tagged so.
func (s *Session) Begin(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = run
}

// begun returns the run that was begun, or "".
func (s *Session) begun() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run
}

// here completes the objects of a stored change by the account that they are
// in, which their data does not repeat.
func (s *Session) here(c resource.Change) resource.Change {
	for _, side := range []*resource.Object{&c.Before, &c.After} {
		if r, ok := (*side).(Role); ok {
			r.account = s.Caller.Account
			*side = r
		}
	}
	return c
}

// wrote remembers what others may not see for a while.
func (s *Session) wrote(c resource.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Before != nil {
		for _, id := range c.Before.Needs() {
			if c.After == nil || !slices.Contains(c.After.Needs(), id) {
				s.freed[id] = true
			}
		}
	}
	switch {
	case c.After == nil:
		delete(s.made, c.ID())
	case c.Before == nil:
		s.made[c.ID()] = true
	}
}

// untied remembers that this session took away what stood in the place of
// the object, for EC2 may go on seeing it for a while.
func (s *Session) untied(id resource.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.freed[id] = true
}

// notYet reports whether a refusal of c may only mean that something this
// session made, or took away, a moment ago is not known everywhere. IAM is
// eventually consistent and has no call that tells when it is done; see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html.
func (s *Session) notYet(c resource.Change, code string, err error) bool {
	if c == (resource.Change{}) {
		return false // the lock, which needs nothing
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case code == "DeleteConflict":
		return s.freed[c.ID()]
	case code == "IncorrectState" && strings.Contains(err.Error(), "existing association"):
		return s.freed[c.ID()]
	}
	fresh := s.made[c.ID()]
	for _, side := range []resource.Object{c.Before, c.After} {
		if side != nil {
			for _, id := range side.Needs() {
				fresh = fresh || s.made[id]
			}
		}
	}
	if !fresh {
		return false
	}
	text := err.Error()
	switch code {
	case "NoSuchEntity":
		return true
	case "MalformedPolicyDocument":
		return strings.Contains(text, "Invalid principal")
	case "InvalidParameterValue":
		return strings.Contains(text, "Invalid IAM Instance Profile") || strings.Contains(text, "has no associated IAM Roles")
	}
	return false
}

func (s *Session) note(id resource.ID, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, SessionNote{id, text})
}

// Notes returns what the changes written so far left to say.
func (s *Session) Notes() []SessionNote {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]SessionNote(nil), s.notes...)
}

// Preflight asks, of each change, whether AWS would refuse it: by what can be
// read, and of calls that EC2 can be asked about without making them, by asking
// EC2. It needs a survey, or Attend, before it. An error is of a question that
// got no answer.
func (s *Session) Preflight(ctx context.Context, changes []resource.Change) ([]Refusal, error) {
	var all []Refusal
	for _, c := range changes {
		d, err := kindOf(c.ID())
		if err != nil {
			return nil, err
		}
		refusals, err := d.preflight(ctx, s, s.here(c))
		if err != nil {
			return nil, fmt.Errorf("checking %s: %w", c.ID(), plain(err))
		}
		all = append(all, refusals...)
	}
	refusals, err := s.rehearse(ctx, changes)
	return append(all, refusals...), err
}
