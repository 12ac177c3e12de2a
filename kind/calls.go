package kind

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// Calls returns what IAM authorises when the change is written, each call on
// each thing it acts on, as made by the session's caller: the calls that write
// it, those that look at it before and after, and what else IAM asks for along
// with them, such as iam:PassRole. For the empty change it returns the calls
// that no plan, check or rollback can do without, whatever it changes.
//
// Actions are IAM's, which need not be called as the calls are; where they
// differ the kind says so. What the survey before found tells the paths and
// tags of what the change refers to. A call that a write makes only in some
// states of the account is among them.
func (s *Session) Calls(c resource.Change) []policy.Request {
	w := s.where()
	var asked []policy.Request
	if c == (resource.Change{}) {
		asked = w.unconditional()
	} else if d, err := kindOf(c.ID()); err == nil {
		asked = d.calls(w, c)
	}
	for i := range asked {
		asked[i].Principal = s.Caller.ARN
	}
	return asked
}

// A Where is where a change is written: what the ARNs and the condition keys
// of its calls follow from.
type Where struct {
	policy.Place
	Owner string // the spec's name

	run    string // that was begun; "" if none was
	scope  Scope
	survey *Survey // nil before the first one
}

func (s *Session) where() Where {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Where{
		Place: s.place(), Owner: s.scope.Owner, run: s.run, scope: s.scope, survey: s.surveyed,
	}
}

// object returns an object as the account has it, or else as the spec wants
// it; nil if neither knows it.
func (w Where) object(id resource.ID) resource.Object {
	if w.survey != nil {
		if o := w.survey.Live.State.Get(id); o != nil {
			return o
		}
	}
	return w.scope.wants(id)
}

// unconditional are the reads that a survey and the check after an apply
// cannot do without, and the calls about the lock.
func (w Where) unconditional() []policy.Request {
	reads := []policy.Request{
		w.call("sts:GetCallerIdentity", "*"),
		w.call("iam:GetAccountAuthorizationDetails", "*"),
		w.call("iam:ListRoles", "*"),
		w.call("iam:ListInstanceProfiles", "*"),
		w.call("ec2:DescribeInstances", "*"),
		w.call("ec2:DescribeIamInstanceProfileAssociations", "*"),
		w.call("ssm:GetParametersByPath", w.parameter(ledgerPath(w.Owner))),
	}
	reads = append(reads, w.lockCalls()...)
	if w.scope.mentions("document") {
		reads = append(reads, w.call("ssm:ListDocuments", "*"))
	}
	return reads
}

// call is one action on one resource, with the keys of the request.
func (w Where) call(action, on string, keys ...policy.Context) policy.Request {
	region := w.Region
	if service, _, _ := strings.Cut(action, ":"); service == "iam" || service == "tag" {
		region = globalRegions[w.Partition]
	}
	context := policy.Context{"aws:RequestedRegion": policy.One(region)}
	for _, more := range keys {
		maps.Copy(context, more)
	}
	return policy.Request{Action: action, Resource: on, Context: context}
}

// calls are several actions on the same resource.
func (w Where) calls(actions []string, on string, keys ...policy.Context) []policy.Request {
	all := make([]policy.Request, len(actions))
	for i, action := range actions {
		all[i] = w.call(action, on, keys...)
	}
	return all
}

// iam returns the ARN of something of IAM's: the kind of resource, its path,
// which is "/" if it is not known, and its name.
func (w Where) iam(sort, path, name string) string {
	return w.IAM(sort + or(path, "/") + name)
}

// parameter returns the ARN of a parameter, or of a path of them. Its name
// begins with a slash.
func (w Where) parameter(name string) string { return w.ARN("ssm", "parameter"+name) }

// key is one condition key and its value; "" is a key that the request lacks.
func key(name, value string) policy.Context {
	if value == "" {
		return nil
	}
	return policy.Context{name: policy.One(value)}
}

// newTags are the keys of a request that creates something with tags.
func (w Where) newTags(tags map[string]string) policy.Context {
	return requestTags(withRun(w.run, tags))
}

// requestTags are the keys of a request that sets tags.
func requestTags(tags map[string]string) policy.Context {
	keys := tagKeys(slices.Sorted(maps.Keys(tags)))
	for k, v := range tags {
		keys["aws:RequestTag/"+k] = policy.One(v)
	}
	return keys
}

// tagKeys are the keys of a request that names the keys of tags.
func tagKeys(names []string) policy.Context {
	if len(names) == 0 {
		return policy.Context{}
	}
	return policy.Context{"aws:TagKeys": policy.Many(names...)}
}

// resourceTags are the keys of a request about something that has tags, under
// the prefixes by which the service knows them.
func resourceTags(tags map[string]string, prefixes ...string) policy.Context {
	keys := policy.Context{}
	for k, v := range tags {
		for _, prefix := range prefixes {
			keys[prefix+":ResourceTag/"+k] = policy.One(v)
		}
	}
	return keys
}

// retagCalls are the calls of retag.
func (w Where) retagCalls(before, after map[string]string, untag, tag, on string, keys ...policy.Context) []policy.Request {
	var all []policy.Request
	_ = retag(before, after, func(names []string) error {
		all = append(all, w.call(untag, on, append(slices.Clip(keys), tagKeys(names))...))
		return nil
	}, func(tags map[string]string) error {
		all = append(all, w.call(tag, on, append(slices.Clip(keys), requestTags(tags))...))
		return nil
	})
	return all
}
