package kind

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// An InstanceEntry is what a spec writes under instances: which instances,
// and which role they carry.
type InstanceEntry struct {
	ID        string            `spec:"id" doc:"One instance." pattern:"^m?i-[0-9a-f]{8}([0-9a-f]{9})?$" want:"an instance id such as i-1234567890abcdef0"`
	IDs       []string          `spec:"ids" doc:"Several instances." pattern:"^m?i-[0-9a-f]{8}([0-9a-f]{9})?$" want:"an instance id such as i-1234567890abcdef0" min:"1"`
	Tags      map[string]string `spec:"tags" doc:"Every instance that carries all these tags; with launch, tags for the new ones." min:"1" max:"45"`
	Launch    *Launch           `spec:"launch" doc:"New instances, made by the spec and owned by it."`
	Role      string            `spec:"role" doc:"A role from roles, or the name of one that is there. Without one, the defaults' instance_role."`
	IfProfile string            `spec:"if_profile" doc:"What to do about an instance that carries another profile. fail: refuse the plan. replace: swap it. extend: keep it and give its role the policies of this one, inline ones included." enum:"fail,replace,extend" default:"fail"`
	Restart   string            `spec:"restart" doc:"What to do after the role changed, so that SSM Agent takes note; without it an agent may be silent for half an hour." enum:"none,agent,reboot" default:"none"`
	Protect   *bool             `spec:"protect" doc:"Refuse any plan that terminates the instances." default:"false"`
	Only      []string          `spec:"only" reserved:"environments come with a later version; this one reads one account a file"`
}

var instancesSection = entry.Section{
	Name: "instances", Noun: "instance entry",
	Summary: "Instances, by id, by tag or to be launched, and the role they carry.",
	Example: "web: {tags: {App: web}, role: ssm-managed}",
	Pattern: `^[A-Za-z][A-Za-z0-9_.-]{0,63}$`, Want: "a letter, then up to 63 letters, digits and any of _ . -",
	New:    func() any { return &InstanceEntry{} },
	Expand: func(x *entry.Expansion, e any) { e.(*InstanceEntry).expand(x) },
}

// ids returns the instances that the entry names by id.
func (e *InstanceEntry) ids() []string {
	if e.ID != "" {
		return []string{e.ID}
	}
	return e.IDs
}

func (e *InstanceEntry) expand(x *entry.Expansion) {
	if !e.checkWhich(x) {
		return
	}
	role, at := e.Role, []string{"role"}
	if role == "" {
		role, at = x.Spec.Defaults.InstanceRole, nil
	}
	if role == "" {
		if e.Launch != nil {
			x.Fault("a new instance needs a role, or SSM Agent on it can do nothing", "add `role:`, or defaults.instance_role", "launch")
		}
		for _, key := range []string{"if_profile", "restart"} {
			if key == "if_profile" && e.IfProfile != "" || key == "restart" && e.Restart != "" {
				x.Fault(fmt.Sprintf("%q has no effect without a role", key), "add `role:`, or drop it", key)
			}
		}
		return
	}
	profile := role
	declared := entry.Lookup[RoleEntry](x.Spec, "roles", role)
	if declared != nil {
		if profile = declared.profile(role); profile == "" {
			x.Fault(fmt.Sprintf("role %s has no instance profile, so no instance can carry it", role), "give it `instance_profile: NAME`", at...)
			return
		}
	}
	if e.Launch != nil {
		e.expandLaunch(x, profile)
		return
	}
	sel := selection{Entry: x.Name, Tags: e.Tags, Profile: profile, IfProfile: or(e.IfProfile, "fail"), Restart: or(e.Restart, "none")}
	for i, instance := range e.ids() {
		if strings.HasPrefix(instance, "mi-") {
			if e.Role != "" {
				x.Fault(fmt.Sprintf("%s is not an EC2 instance: it has the role that it was activated with", instance), "drop `role:`, or list it in an entry of its own", "ids", strconv.Itoa(i))
			}
			continue
		}
		sel.IDs = append(sel.IDs, instance)
	}
	if sel.IfProfile == "extend" {
		if declared == nil {
			x.Fault(fmt.Sprintf("role %s is not declared here, so it is not known what to extend another role with", role), "declare it under roles, or use `if_profile: replace`", "if_profile")
			return
		}
		sel.Extend, sel.ExtendInline = declared.grants(x.Spec, role)
	}
	if len(sel.IDs) > 0 || sel.Tags != nil {
		x.Add(sel)
	}
}

// checkWhich reports an entry that does not say which instances, or says it
// twice.
func (e *InstanceEntry) checkWhich(x *entry.Expansion) bool {
	given := 0
	for _, is := range []bool{e.ID != "", e.IDs != nil, e.Launch != nil, e.Tags != nil && e.Launch == nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		x.Fault("an entry gives exactly one of id, ids, tags or launch", "split it into one entry each")
		return false
	}
	if e.Launch == nil && e.Protect != nil {
		x.Fault("only launched instances can be terminated by a plan, so \"protect\" has no effect", "drop it", "protect")
		return false
	}
	if e.Launch != nil && e.IfProfile != "" {
		x.Fault("a new instance carries no other profile, so \"if_profile\" has no effect", "drop it", "if_profile")
		return false
	}
	if e.Launch != nil && e.Restart != "" {
		x.Fault("a new instance starts with its role, so \"restart\" has no effect", "drop it", "restart")
		return false
	}
	return true
}

func (e *InstanceEntry) expandLaunch(x *entry.Expansion, profile string) {
	if instanceID.MatchString(x.Name) {
		x.Fault(fmt.Sprintf("%q looks like the id of an instance, and here it would be the name of new ones", x.Name), "choose another name")
		return
	}
	for n := 1; n <= max(1, e.Launch.Count); n++ {
		name := launchedName(x.Name, n)
		i := Instance{Name: name, Launch: e.Launch, Profile: profile, Tags: tagsFor(x.Spec, e.Tags)}
		i.Tags[instanceTag], i.Tags[launchTag] = x.Name, e.Launch.digest()
		if n > 1 {
			i.Tags[indexTag] = strconv.Itoa(n)
		}
		if _, named := i.Tags["Name"]; !named {
			i.Tags["Name"] = or(e.Launch.Name, name)
		}
		checkTags(x, i.Tags, "tags")
		x.Add(i, "launch")
		protect(x, e.Protect, i.ID())
	}
}

// grants returns the policies that a declared role carries: managed ones by
// ARN, inline ones by name.
func (e *RoleEntry) grants(s *entry.Spec, name string) (managed []string, inline map[string]policy.Document) {
	probe := &entry.Expansion{Spec: s, Name: name} // problems are reported where the role is declared
	e.expand(probe)
	inline = map[string]policy.Document{}
	for _, o := range probe.Objects {
		switch o := o.Value.(type) {
		case Attachment:
			managed = union(managed, []string{o.Policy})
		case InlinePolicy:
			inline[o.Name] = o.Document
		}
	}
	return managed, inline
}

// mentionNode returns the object that must be there for an instance id to be
// named. Servers outside EC2 are not looked up.
func mentionNode(instance string) []resource.ID {
	if strings.HasPrefix(instance, "mi-") {
		return nil
	}
	return []resource.ID{id("instance", instance)}
}

// nearestEntry says which entry of a section may have been meant.
func nearestEntry(s *entry.Spec, section, name string) string {
	names := slices.Sorted(maps.Keys(s.Entries[section]))
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return fmt.Sprintf("did you mean %q?", n)
		}
	}
	if len(names) == 0 {
		return "declare it under " + section
	}
	return section + " has " + strings.Join(names, ", ")
}
