package kind

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/ssmctl/ssmctl/resource"
)

// A rehearsal is what EC2 is asked whether it would do it, without its doing
// anything: calls with DryRun, which EC2 answers with the code DryRunOperation
// where it would; see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html.
// Of the calls that changes make, those that tie profiles to instances cannot
// be asked so.
type rehearsal struct {
	session   *Session
	inventory *inventory
	live      *resource.State
	changed   map[resource.ID]bool // by the plan

	asked map[string]*question // by what tells it from others
}

// A question is one call, on as many instances as it is to be made on.
type question struct {
	action string
	ask    func(ctx context.Context, instances []string) error
	of     []asker
}

// An asker is a change that makes the call on an instance, "" for one that is
// yet to be launched.
type asker struct {
	id       resource.ID
	instance string
}

// perQuestion is how many instances one call takes.
const perQuestion = 100

// rehearse asks about the changes, and about undoing them where what they are
// undone on is there already.
func (s *Session) rehearse(ctx context.Context, changes []resource.Change) ([]Refusal, error) {
	w := s.where()
	if w.survey == nil || w.survey.inventory == nil {
		return nil, errors.New("preflight comes after a survey")
	}
	r := &rehearsal{session: s, inventory: w.survey.inventory, live: w.survey.Live.State, changed: map[resource.ID]bool{}, asked: map[string]*question{}}
	for _, c := range changes {
		r.changed[c.ID()] = true
	}
	var all []Refusal
	for _, c := range changes {
		d, err := kindOf(c.ID())
		if err != nil {
			return nil, err
		}
		refusal, err := r.verdict("ec2:RunInstances", asker{id: c.ID()}, d.rehearse(ctx, r, c))
		if err != nil {
			return nil, err
		}
		all = append(all, refusal...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.asked)) {
		refusals, err := r.put(ctx, r.asked[name])
		if err != nil {
			return nil, err
		}
		all = append(all, refusals...)
	}
	return all, nil
}

// put asks one question: of all its instances at once, and one by one only if
// EC2 would not do it on all.
func (r *rehearsal) put(ctx context.Context, q *question) ([]Refusal, error) {
	var all []Refusal
	for batch := range slices.Chunk(q.of, perQuestion) {
		instances := make([]string, len(batch))
		for i, a := range batch {
			instances[i] = a.instance
		}
		err := q.ask(ctx, instances)
		if len(batch) == 1 || wouldDo(err) {
			refusal, err := r.verdict(q.action, batch[0], err)
			if err != nil {
				return nil, err
			}
			all = append(all, refusal...)
			continue
		}
		for _, a := range batch {
			refusal, err := r.verdict(q.action, a, q.ask(ctx, []string{a.instance}))
			if err != nil {
				return nil, err
			}
			all = append(all, refusal...)
		}
	}
	return all, nil
}

// wouldDo reports whether EC2 said that it would do what it was asked about.
func wouldDo(err error) bool { return code(err) == "DryRunOperation" }

// verdict turns EC2's answer into a refusal, if it is one. The error is of a
// question that got no answer. No error at all is of a call that was not made.
func (r *rehearsal) verdict(action string, a asker, err error) ([]Refusal, error) {
	if err == nil || wouldDo(err) {
		return nil, nil
	}
	on := a.id.String()
	if a.instance != "" && a.instance != a.id.Name {
		on += " (" + a.instance + ")"
	}
	_, called := errors.AsType[*smithy.OperationError](err)
	_, answered := errors.AsType[smithy.APIError](err)
	_, expired := expiry(err)
	switch {
	case !called: // it is known without asking
		return []Refusal{{a.id, err.Error(), ""}}, nil
	case expired || !answered || httpStatus(err) >= 500 || slices.Contains(throttlingCodes, code(err)):
		return nil, fmt.Errorf("asking EC2 whether it would do %s on %s: %w", action, on, plain(err))
	case slices.Contains(deniedCodes, code(err)):
		return []Refusal{{a.id, fmt.Sprintf("EC2 would refuse %s on %s: %s", action, on, plainCause(err)), "the caller needs " + action + " for this"}}, nil
	}
	return []Refusal{{a.id, fmt.Sprintf("EC2 would not do %s on %s: %s", action, on, plainCause(err)), ""}}, nil
}

// add asks a question about an instance, together with others of which the same
// is asked.
func (r *rehearsal) add(action, same string, a asker, ask func(ctx context.Context, instances []string) error) {
	name := action + "\x00" + same
	if r.asked[name] == nil {
		r.asked[name] = &question{action: action, ask: ask}
	}
	r.asked[name].of = append(r.asked[name].of, a)
}

// heard is the error of a call with DryRun, which always has one.
func heard[Out any](_ *Out, err error) error {
	if err == nil {
		return errors.New("what answers for EC2 does not know DryRun, and may have done what it was only asked about")
	}
	return err
}

func (r *rehearsal) launch(ctx context.Context, i Instance) error {
	carried, there := r.live.Get(id("profile", i.Profile)).(Profile)
	if !there || carried.Role == "" || r.changed[carried.ID()] {
		i.Profile = "" // EC2 would refuse one that is yet to be made
	}
	same := i.Launch.digest() + " " + i.Profile
	if r.asked["ec2:RunInstances\x00"+same] != nil {
		return nil // it says the same of each
	}
	in, err := r.session.runInstances(ctx, i)
	if err != nil {
		return err
	}
	in.DryRun, in.ClientToken = new(true), nil
	r.add("ec2:RunInstances", same, asker{id: i.ID()}, func(ctx context.Context, _ []string) error {
		return heard(r.session.read.ec2.RunInstances(ctx, in))
	})
	return nil
}

func (r *rehearsal) terminate(i Instance) {
	at, there := r.inventory.launched[i.Name]
	if !there {
		return
	}
	r.add("ec2:TerminateInstances", "", asker{i.ID(), at}, func(ctx context.Context, instances []string) error {
		return heard(r.session.read.ec2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: instances, DryRun: new(true)}))
	})
}

func (r *rehearsal) reboot(of resource.ID, instance string) {
	at, there := r.inventory.instances[instance]
	if !there || at.State == nil || at.State.Name != ec2types.InstanceStateNameRunning {
		return
	}
	r.add("ec2:RebootInstances", "", asker{of, instance}, func(ctx context.Context, instances []string) error {
		return heard(r.session.read.ec2.RebootInstances(ctx, &ec2.RebootInstancesInput{InstanceIds: instances, DryRun: new(true)}))
	})
}

// retag asks about changing the tags of an instance, and about changing them
// back.
func (r *rehearsal) retag(of resource.ID, before, after map[string]string) {
	at, there := r.inventory.launched[of.Name]
	if !there {
		return
	}
	for _, way := range [][2]map[string]string{{before, after}, {after, before}} {
		_ = retag(way[0], way[1], func(keys []string) error {
			r.add("ec2:DeleteTags", strings.Join(keys, "\x00"), asker{of, at}, func(ctx context.Context, instances []string) error {
				return heard(r.session.read.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: instances, Tags: ec2Keys(keys), DryRun: new(true)}))
			})
			return nil
		}, func(tags map[string]string) error {
			r.add("ec2:CreateTags", fmt.Sprint(tags), asker{of, at}, func(ctx context.Context, instances []string) error {
				return heard(r.session.read.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: instances, Tags: ec2Tags(tags), DryRun: new(true)}))
			})
			return nil
		})
	}
}
