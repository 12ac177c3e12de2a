package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ssmctl/ssmctl/policy"
)

// fileFormat and fileVersion mark the files that Save writes. The version
// goes up when an older sandbox could not read them any more.
const (
	fileFormat  = "ssmctl sandbox"
	fileVersion = 1
)

type file struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Account json.RawMessage `json:"account"`
}

// Save writes the whole account as JSON. What was set about the sandbox
// rather than about the account, such as faults and the throttle, is not part
// of it; nor is the record of requests.
func (s *Server) Save(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	account, err := json.Marshal(s.account)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(file{fileFormat, fileVersion, account})
}

// maxFile bounds what Load reads, in bytes. An account of 10,000 users, 1,000
// groups, roles, policies and instances takes 8 MiB.
const maxFile = 32 << 20

// Load makes a sandbox, by the clock of the system, of what Save wrote. A
// file that is cut short, of another version, at odds with itself or of more
// than 32 MiB is refused, with what is wrong with it.
func Load(r io.Reader) (*Server, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the sandbox file is larger than %d MiB; delete it to begin with an empty account", maxFile>>20)
	}
	var f file
	switch err := json.Unmarshal(data, &f); {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("the sandbox file is empty; delete it to begin with an empty account")
	case err != nil:
		return nil, fmt.Errorf("the sandbox file is damaged: %w", err)
	case f.Format != fileFormat:
		return nil, fmt.Errorf("not a sandbox file: its format is %q, and should be %q", f.Format, fileFormat)
	case f.Version != fileVersion:
		return nil, fmt.Errorf("the sandbox file is of version %d, and this program reads version %d; use the program that wrote it, or delete it to begin anew", f.Version, fileVersion)
	}
	s := &Server{clock: time.Now, account: &account{}}
	if err := strictly(f.Account, s.account); err != nil {
		return nil, fmt.Errorf("the sandbox file is damaged: %w", err)
	}
	if err := s.account.check(); err != nil {
		return nil, fmt.Errorf("the sandbox file is damaged: %w", err)
	}
	return s, nil
}

// strictly decodes JSON into a value that has to know all of it.
func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// check follows every reference of the account, so that no operation has to
// reckon with one that leads nowhere.
func (a *account) check() error {
	if !accountID.MatchString(a.ID) || a.Home == "" {
		return fmt.Errorf("account %q in region %q is none", a.ID, a.Home)
	}
	ids := map[string]bool{}
	groups := a.groupsByID()
	c := &call{account: a, service: services[0]}
	for p := range a.principals {
		if ids[p.ID] {
			return fmt.Errorf("the id %s is there twice", p.ID)
		}
		ids[p.ID] = true
		for _, arn := range append(slices.Clone(p.Attached), p.Boundary) {
			if _, err := c.policy(arn); err != nil && arn != "" {
				return fmt.Errorf("%s %s has policy %s, which does not exist", p.Kind, p.Name, arn)
			}
		}
		for name, document := range p.Inline {
			if _, err := policy.Parse([]byte(document)); err != nil {
				return fmt.Errorf("%s %s, inline policy %s: %w", p.Kind, p.Name, name, err)
			}
		}
	}
	for u := range a.Users.all {
		for _, id := range u.Groups {
			if groups[id] == nil {
				return fmt.Errorf("user %s is in group %s, which does not exist", u.Name, id)
			}
		}
		if err := u.is(userKind); err != nil {
			return err
		}
	}
	for g := range a.Groups.all {
		if err := g.is(groupKind); err != nil {
			return err
		}
	}
	roles := map[string]bool{}
	for r := range a.Roles.all {
		roles[r.ID] = true
		if _, err := policy.Parse([]byte(r.Trust)); err != nil {
			return fmt.Errorf("role %s, trust policy: %w", r.Name, err)
		}
		if err := r.is(roleKind); err != nil {
			return err
		}
	}
	for p := range a.Policies.all {
		if !slices.ContainsFunc(p.Versions, func(v policyVersion) bool { return v.ID == p.Default }) {
			return fmt.Errorf("policy %s has no version %q, its default", p.Name, p.Default)
		}
	}
	for p := range a.Profiles.all {
		if p.Role != "" && !roles[p.Role] {
			return fmt.Errorf("instance profile %s has role %s, which does not exist", p.Name, p.Role)
		}
	}
	for r := range a.Regions.all {
		if err := r.check(); err != nil {
			return fmt.Errorf("region %s: %w", r.Name, err)
		}
	}
	return nil
}

func (p *principal) is(k kind) error {
	if p.Kind != k || p.Name == "" || p.ID == "" || p.Path == "" {
		return fmt.Errorf("%s %q has no id, no path or no name, or is said to be a %q", k, p.Name, p.Kind)
	}
	return nil
}

func (r *region) check() error {
	for a := range r.Associations.all {
		if !r.Instances.has(a.Instance) {
			return fmt.Errorf("association %s is of instance %s, which does not exist", a.ID, a.Instance)
		}
	}
	for p := range r.Parameters.all {
		if len(p.Versions) == 0 {
			return fmt.Errorf("parameter %s has no value", p.Name)
		}
	}
	for d := range r.Documents.all {
		if _, err := d.version("", ""); err != nil {
			return fmt.Errorf("document %s has no version %d, its default", d.Name, d.Default)
		}
	}
	return nil
}
