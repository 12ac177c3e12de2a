package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// Dump returns what the account holds, as indented JSON, without what AWS
// makes up: ids, dates, version numbers. Two accounts that a person could not
// tell apart but by those give the same bytes, so a dump before and a dump
// after say whether anything is different.
//
// Documents are in canonical form. A trust policy that names somebody who is
// gone says so, and so does an instance that is bound to an instance profile
// that is gone, whatever has the name now. What was done rather than made,
// such as commands and sessions, and terminated instances are left out.
func (s *Server) Dump() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s.account.dump()); err != nil {
		panic("sandbox: an account that is not JSON: " + err.Error())
	}
	return b.Bytes()
}

type (
	accountDump struct {
		Account          string                   `json:"account"`
		Users            map[string]userDump      `json:"users,omitempty"`
		Groups           map[string]principalDump `json:"groups,omitempty"`
		Roles            map[string]roleDump      `json:"roles,omitempty"`
		Policies         map[string]policyDump    `json:"policies,omitempty"`
		InstanceProfiles map[string]profileDump   `json:"instance_profiles,omitempty"`
		Regions          map[string]regionDump    `json:"regions,omitempty"`
	}

	principalDump struct {
		Path     string                     `json:"path"`
		Inline   map[string]json.RawMessage `json:"inline,omitempty"`
		Attached []string                   `json:"attached,omitempty"`
		Boundary string                     `json:"boundary,omitempty"`
		Tags     tags                       `json:"tags,omitempty"`
	}

	userDump struct {
		principalDump
		Groups     []string `json:"groups,omitempty"`
		Password   bool     `json:"password,omitempty"`
		AccessKeys []string `json:"access_keys,omitempty"` // their states
	}

	roleDump struct {
		principalDump
		Trust       json.RawMessage `json:"trust"`
		Description string          `json:"description,omitempty"`
		MaxSession  int             `json:"max_session"`
	}

	policyDump struct {
		Path        string            `json:"path"`
		Description string            `json:"description,omitempty"`
		Document    json.RawMessage   `json:"document"`
		Others      []json.RawMessage `json:"other_versions,omitempty"`
		Tags        tags              `json:"tags,omitempty"`
	}

	profileDump struct {
		Path string `json:"path"`
		Role string `json:"role,omitempty"`
		Tags tags   `json:"tags,omitempty"`
	}

	regionDump struct {
		Instances  []instanceDump           `json:"instances,omitempty"`
		Parameters map[string]parameterDump `json:"parameters,omitempty"`
		Documents  map[string]documentDump  `json:"documents,omitempty"`
		Tags       map[string]tags          `json:"tags,omitempty"`
	}

	instanceDump struct {
		Tags           tags            `json:"tags,omitempty"`
		State          string          `json:"state"`
		Profile        string          `json:"instance_profile,omitempty"` // its ARN
		ProfileGone    bool            `json:"instance_profile_is_gone,omitempty"`
		Image          string          `json:"image"`
		Type           string          `json:"type"`
		Subnet         string          `json:"subnet"`
		SecurityGroups []string        `json:"security_groups"`
		Key            string          `json:"key,omitempty"`
		UserData       string          `json:"user_data,omitempty"`
		Metadata       metadataOptions `json:"metadata"`
		Protected      bool            `json:"protected_from_termination,omitempty"`
		Monitoring     bool            `json:"monitoring,omitempty"`
		Optimized      bool            `json:"ebs_optimized,omitempty"`
		Volumes        []volume        `json:"volumes,omitempty"`
	}

	parameterDump struct {
		Type        string `json:"type"`
		Tier        string `json:"tier"`
		Value       string `json:"value"`
		Description string `json:"description,omitempty"`
		Pattern     string `json:"allowed_pattern,omitempty"`
		Tags        tags   `json:"tags,omitempty"`
	}

	documentDump struct {
		Type       string   `json:"type"`
		Format     string   `json:"format"`
		TargetType string   `json:"target_type,omitempty"`
		Content    string   `json:"content"`
		Others     []string `json:"other_versions,omitempty"`
		Tags       tags     `json:"tags,omitempty"`
	}
)

func (a *account) dump() accountDump {
	d := accountDump{
		Account: a.ID, Users: map[string]userDump{}, Groups: map[string]principalDump{}, Roles: map[string]roleDump{},
		Policies: map[string]policyDump{}, InstanceProfiles: map[string]profileDump{}, Regions: map[string]regionDump{},
	}
	groups, arns := a.groupsByID(), a.arnByID()
	for u := range a.Users.all {
		one := userDump{principalDump: dumpPrincipal(&u.principal), Password: u.Login != nil}
		for _, id := range u.Groups {
			one.Groups = append(one.Groups, groups[id].Name)
		}
		for _, k := range u.Keys {
			one.AccessKeys = append(one.AccessKeys, k.Status)
		}
		slices.Sort(one.Groups)
		slices.Sort(one.AccessKeys)
		d.Users[u.Name] = one
	}
	for g := range a.Groups.all {
		d.Groups[g.Name] = dumpPrincipal(&g.principal)
	}
	roles := map[string]string{}
	for r := range a.Roles.all {
		roles[r.ID] = r.Name
		trust := showPrincipals(r.Trust, arns, func(string) string { return "(deleted)" })
		d.Roles[r.Name] = roleDump{dumpPrincipal(&r.principal), canonical(trust), r.Description, r.MaxSession}
	}
	for p := range a.Policies.all {
		d.Policies[p.Name] = dumpPolicy(p)
	}
	for p := range a.Profiles.all {
		d.InstanceProfiles[p.Name] = profileDump{p.Path, roles[p.Role], p.Tags}
	}
	for r := range a.Regions.all {
		if one := a.dumpRegion(r); len(one.Instances)+len(one.Parameters)+len(one.Documents)+len(one.Tags) > 0 {
			d.Regions[r.Name] = one
		}
	}
	return d
}

func dumpPrincipal(p *principal) principalDump {
	d := principalDump{Path: p.Path, Inline: map[string]json.RawMessage{}, Attached: slices.Sorted(slices.Values(p.Attached)), Boundary: p.Boundary, Tags: p.Tags}
	for name, document := range p.Inline {
		d.Inline[name] = canonical(document)
	}
	return d
}

func dumpPolicy(p *customerPolicy) policyDump {
	d := policyDump{Path: p.Path, Description: p.Description, Tags: p.Tags}
	for _, v := range p.Versions {
		if v.ID == p.Default {
			d.Document = canonical(v.Document)
		} else {
			d.Others = append(d.Others, canonical(v.Document))
		}
	}
	slices.SortFunc(d.Others, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	return d
}

// canonical returns a policy document in the form in which equal documents
// are equal texts.
func canonical(document string) json.RawMessage {
	d, err := policy.Parse([]byte(document))
	if err != nil {
		text, _ := json.Marshal(document) // a string always can be
		return text
	}
	text, _ := d.MarshalJSON() // the canonical form, which never fails
	return text
}

func (a *account) dumpRegion(r *region) regionDump {
	d := regionDump{Parameters: map[string]parameterDump{}, Documents: map[string]documentDump{}, Tags: r.Tags}
	for i := range r.Instances.all {
		if i.State == "terminated" {
			continue
		}
		one := instanceDump{
			Tags: i.Tags, State: i.State, Image: i.Image, Type: i.Type, Subnet: i.Subnet, SecurityGroups: i.Groups, Key: i.Key,
			UserData: i.UserData, Metadata: i.Metadata, Protected: i.Protected, Monitoring: i.Monitoring, Optimized: i.Optimized,
			Volumes: slices.Clone(i.Volumes),
		}
		for v := range one.Volumes {
			one.Volumes[v].ID = ""
		}
		if b := r.associationOf(i); b != nil {
			p := a.Profiles.get(strings.ToLower(b.profileName()))
			one.Profile, one.ProfileGone = b.ProfileARN, p == nil || p.ID != b.ProfileID
		}
		d.Instances = append(d.Instances, one)
	}
	slices.SortFunc(d.Instances, func(x, y instanceDump) int { return bytes.Compare(encodeJSON(x), encodeJSON(y)) })
	for p := range r.Parameters.all {
		d.Parameters[p.Name] = parameterDump{p.Type, p.Tier, p.latest().Value, p.Description, p.Pattern, p.Tags}
	}
	for doc := range r.Documents.all {
		v, _ := doc.version("", "") // there is always a default one
		one := documentDump{Type: doc.Type, Format: v.Format, TargetType: doc.TargetType, Content: v.Content, Tags: doc.Tags}
		for _, other := range doc.Versions {
			if other.Version != v.Version {
				one.Others = append(one.Others, other.Content)
			}
		}
		slices.Sort(one.Others)
		d.Documents[doc.Name] = one
	}
	return d
}
