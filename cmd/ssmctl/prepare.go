package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

// A loadedSpec is a spec that has passed every check that asks no account.
type loadedSpec struct {
	*spec.Loaded
	data     []byte
	declared *access.Account // who can do what by the spec alone
	notes    []planner.Note  // what may be a mistake
}

// A prepared is a spec, planned against an account.
type prepared struct {
	loaded  *loadedSpec
	account *kind.Session
	survey  *kind.Survey
	plan    *planner.Plan
	file    planner.File
}

// load reads and checks a spec, without AWS.
func (o *options) load(name string) (*loadedSpec, error) {
	data, err := o.read(name)
	if err != nil {
		return nil, err
	}
	loaded, err := spec.Load(name, data, kind.Sections())
	if err != nil {
		return nil, err
	}
	if refused := refusals(kind.Check(loaded.Desired), loaded.Desired); refused != nil {
		return nil, invalidError{refused}
	}
	l := &loadedSpec{Loaded: loaded, data: data, declared: kind.Declared(loaded.Spec, loaded.Desired)}
	refused, notes := check.Documents(l.declared, loaded.Desired)
	if refused != nil {
		return nil, invalidError{refused}
	}
	if region := loaded.Spec.Region; o.region != "" && o.region != region {
		return nil, refusedError{fmt.Errorf("%s is for region %s, and --region says %s\ndrop --region, or use the spec for that region", name, region, o.region)}
	}
	l.notes = notes
	return l, nil
}

// checkAccount refuses an account that is not the spec's.
func (o *options) checkAccount(file, account, region, partition string, caller kind.Caller) error {
	switch {
	case caller.Account != account && o.kept != nil:
		return refusedError{fmt.Errorf("the spec is for account %s, and the sandbox %s is account %s\nuse another sandbox with --sandbox=FILE, or correct `account:` in %s", account, o.kept.file, caller.Account, file)}
	case caller.Account != account:
		return refusedError{fmt.Errorf("the spec is for account %s, and the credentials are of account %s (%s)\nuse the right --profile, or correct `account:` in %s", account, caller.Account, caller.ARN, file)}
	case caller.Partition != partition:
		return refusedError{fmt.Errorf("region %s is of partition %s, and the credentials are of %s", region, partition, caller.Partition)}
	}
	return nil
}

// prepare reads the spec, reaches the account that it names, and plans.
func (o *options) prepare(ctx context.Context, name string, destroy bool) (*prepared, error) {
	loaded, err := o.load(name)
	if err != nil {
		return nil, err
	}
	account, err := o.open(ctx, loaded.Spec.Account, loaded.Spec.Region)
	if err != nil {
		return nil, err
	}
	if err := o.checkAccount(name, loaded.Spec.Account, loaded.Spec.Region, loaded.Spec.Partition, account.Caller); err != nil {
		return nil, err
	}
	return o.prepareFrom(ctx, loaded, name, destroy, account)
}

// prepareFrom plans a spec that has been read against an account that has been
// reached.
func (o *options) prepareFrom(ctx context.Context, loaded *loadedSpec, name string, destroy bool, account *kind.Session) (*prepared, error) {
	p := &prepared{loaded: loaded, account: account}
	var err error
	if p.survey, err = p.account.Survey(ctx, loaded.Spec.Name, loaded.Desired); err != nil {
		return nil, err
	}
	survey := p.survey
	sum := sha256.Sum256(loaded.data)
	in := planner.Input{
		Desired: survey.Desired,
		Live:    survey.Live,
		Spec:    planner.Spec{Name: loaded.Spec.Name, File: name, SHA256: hex.EncodeToString(sum[:])},
		Environment: planner.Environment{
			Account: p.account.Caller.Account, Partition: p.account.Caller.Partition, Region: p.account.Region,
			Caller: p.account.Caller.ARN, Sandbox: o.kept != nil,
		},
		Loss:       kind.Loss,
		Destroy:    destroy,
		MaxDeletes: o.maxDeletes.limit,
	}
	var refused planner.Refused
	if !destroy {
		refused = refusals(survey.Refusals, survey.Desired)
	}
	p.plan, err = planner.Make(in)
	if more, ok := err.(planner.Refused); ok {
		refused, err = append(refused, more...), nil
	}
	if err != nil {
		return nil, err
	}
	if refused == nil {
		if refused, err = o.order(p); err != nil {
			return nil, err
		}
	}
	if refused == nil {
		if refused, err = p.preflight(ctx, survey.Desired); err != nil {
			return nil, err
		}
	}
	if refused == nil {
		if refused, err = p.guard(ctx, o.noNewAccess); err != nil {
			return nil, err
		}
		if o.anyCaller {
			refused = withoutCaller(refused)
		}
	}
	if refused != nil {
		return nil, refused
	}
	p.plan.Notes = append(append(p.plan.Notes, notes(survey)...), loaded.notes...)
	p.file, err = p.plan.File(version())
	return p, err
}

// notes are what a survey has to say, with the place in the spec.
func notes(survey *kind.Survey) []planner.Note {
	var all []planner.Note
	for _, n := range survey.Notes {
		note := planner.Note{Resource: n.ID, Text: n.Text}
		if at, ok := survey.Desired.Source[n.ID]; ok {
			note.Source = &at
		}
		all = append(all, note)
	}
	return all
}

// preflight asks AWS about what the plan would do.
func (p *prepared) preflight(ctx context.Context, d *resource.Desired) (planner.Refused, error) {
	found, err := p.account.Preflight(ctx, p.changes())
	return refusals(found, d), err
}

// changes are those of the plan, in order.
func (p *prepared) changes() []resource.Change {
	changes := make([]resource.Change, len(p.plan.Steps))
	for i, s := range p.plan.Steps {
		changes[i] = s.Change
	}
	return changes
}

// guard works out whose access the plan changes, and whether it may.
func (p *prepared) guard(ctx context.Context, noNewAccess bool) (planner.Refused, error) {
	if len(p.plan.Steps) == 0 {
		return nil, nil
	}
	before, after := p.survey.Access(nil), p.survey.Access(p.changes())
	at := func(done []int) *access.Account {
		changes := make([]resource.Change, len(done))
		for i, n := range done {
			changes[i] = p.plan.Steps[n].Change
		}
		return p.survey.Access(changes)
	}
	found := access.Compare(before, after)
	sources := map[resource.ID]*resource.Position{}
	for _, s := range p.plan.Steps {
		sources[s.ID()] = s.Source
	}
	p.plan.Access = accessChanges(found, sources)
	quotas, err := p.account.Quotas(ctx)
	if err != nil {
		return nil, err
	}
	refused, more := check.Run(check.Input{
		Plan: p.plan, Before: before, After: after, Changes: found, Caller: p.account.Caller.ARN,
		BreakGlass: p.loaded.Spec.BreakGlass, Calls: p.account.Calls, At: at, Quotas: quotas, NoNewAccess: noNewAccess,
	})
	p.plan.Notes = append(p.plan.Notes, more...)
	return refused, nil
}

// refusals gives reasons of package kind the place in the spec that they come
// from.
func refusals(found []kind.Refusal, d *resource.Desired) planner.Refused {
	var all planner.Refused
	for _, r := range found {
		refusal := planner.Refusal{ID: r.ID, Text: r.Text, Help: r.Help, Code: planner.CodeImpossible}
		if at, ok := d.Source[r.ID]; ok {
			refusal.Position = &at
		}
		all = append(all, refusal)
	}
	return all
}

// where names the account for a question.
func (p *prepared) where() string {
	e := p.file.Environment
	s := "account " + e.Account
	if e.Sandbox {
		s = "the sandbox"
	}
	return strings.TrimSpace(s + " " + e.Region)
}
