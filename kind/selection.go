package kind

import (
	"context"
	"fmt"
	"slices"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// A selection is an entry of instances whose meaning depends on the account:
// which instances carry a tag, and which profile each carries already. A
// survey replaces it by associations, attachments and restarts.
type selection struct {
	Entry     string            `json:"entry"`
	IDs       []string          `json:"ids,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
	Profile   string            `json:"profile"`
	IfProfile string            `json:"if_profile"`
	Restart   string            `json:"restart"`
	Extend    []string          `json:"extend,omitempty"` // ARNs of policies

	ExtendInline map[string]policy.Document `json:"extend_inline,omitempty"`
}

func (s selection) ID() resource.ID      { return id("instances", s.Entry) }
func (s selection) Needs() []resource.ID { return nil }

// A resolver is a desired object that stands for others until the account has
// been read.
type resolver interface {
	resource.Object
	resolve(context.Context, *Sweep) (resolution, error)
}

type resolution struct {
	objects  []resource.Object
	refusals []Refusal
	notes    []SessionNote
}

func (s selection) resolve(ctx context.Context, sw *Sweep) (r resolution, err error) {
	ids, err := s.instances(ctx, sw)
	if err != nil {
		return r, err
	}
	if len(ids) == 0 {
		r.notes = append(r.notes, SessionNote{s.ID(), "no instance carries all the tags of entry " + s.Entry + ", so its role goes to none now"})
	}
	associations, err := sw.profileAssociations(ctx)
	if err != nil {
		return r, err
	}
	profiles, err := sw.profilesByName(ctx)
	if err != nil {
		return r, err
	}
	instances, err := sw.ec2Instances(ctx)
	if err != nil {
		return r, err
	}
	for _, instance := range ids {
		want := Association{Instance: instance, Profile: s.Profile}
		current := ""
		if a, ok := associations[instance]; ok && a.IamInstanceProfile != nil {
			current = tiedTo(a.IamInstanceProfile, profiles)
		}
		switch {
		case sw.launchedBySpec(instances[instance]):
			by := fromEC2Tags(instances[instance].Tags)[instanceTag]
			r.refusals = append(r.refusals, Refusal{want.ID(), fmt.Sprintf("instance %s was launched by entry %s of this spec, which says its role", instance, by), "give the role there, and take the id out of this entry"})
		case current == "" || current == s.Profile || current == s.Profile+deletedProfile || s.IfProfile == "replace":
			r.objects = append(r.objects, want)
			if s.Restart != "none" {
				r.objects = append(r.objects, Restart{Instance: instance, How: s.Restart, Profile: s.Profile})
			}
		case s.IfProfile == "extend":
			p, ok := profiles[current]
			if !ok || len(p.Roles) == 0 {
				r.refusals = append(r.refusals, Refusal{want.ID(), fmt.Sprintf("instance %s carries the profile %s, which has no role to extend", instance, current), "use `if_profile: replace`"})
				continue
			}
			to := id(roleKind, *p.Roles[0].RoleName)
			for _, arn := range s.Extend {
				r.objects = append(r.objects, Attachment{To: to, Policy: arn})
			}
			for name, doc := range s.ExtendInline {
				r.objects = append(r.objects, InlinePolicy{Of: to, Name: name, Document: doc})
			}
		default:
			r.refusals = append(r.refusals, Refusal{want.ID(), fmt.Sprintf("instance %s carries the profile %s already", instance, current), "say `if_profile: replace` to swap it, or `if_profile: extend` to keep it and give its role the policies"})
		}
	}
	return r, nil
}

// instances returns the instances that the entry means, sorted.
func (s selection) instances(ctx context.Context, sw *Sweep) ([]string, error) {
	if s.Tags == nil {
		return s.IDs, nil
	}
	all, err := sw.ec2Instances(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for instance, i := range all {
		if sw.launchedBySpec(i) {
			continue // with a profile of its own
		}
		tags := fromEC2Tags(i.Tags)
		carries := true
		for k, v := range s.Tags {
			got, ok := tags[k]
			carries = carries && ok && got == v
		}
		if carries {
			ids = append(ids, instance)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
