package catalogue

import (
	"slices"
	"strings"
)

// A Key is a condition key.
type Key struct {
	// Name as AWS spells it. Where a part of it is for the policy to choose,
	// that is a placeholder: "aws:ResourceTag/${TagKey}".
	Name string
	// Type is AWS's: String, ARN, Numeric, Bool, Date or IPAddress, or ArrayOf
	// and one of these. The operators of that type compare it; strings compare
	// all of them.
	Type  string
	Multi bool // whether a request can have several values of it at once
}

// LookupKey returns the condition key of that name, "ssm:resourceTag/Env" or
// the like, that requests to a service can carry: one that AWS lists for the
// service, one of the global keys, or one that sessions bring along from the
// instance, function or identity provider that they began with. Case does not
// matter, that of tag keys included. With service "" it is the service that the
// key's own prefix names. For a service that is not Detailed, only the keys
// that are not its own are known.
func LookupKey(service, name string) (Key, bool) {
	service, folded := strings.ToLower(service), strings.ToLower(name)
	if service == "" {
		service, _, _ = strings.Cut(folded, ":")
	}
	if k, ok := globalKeys().find(folded); ok {
		return k, true
	}
	if s, ok := details().services[service]; ok {
		if k, ok := s.keys.find(folded); ok {
			return k, true
		}
	}
	return providerKey(folded)
}

// Supports reports whether a request for the action, on a resource of that
// type, can carry a condition key; with resource "" the type is any of those
// that the action takes, or none. It can hold of more requests than carry the
// key: true says only that AWS lists it. Where it is false, a condition sees the
// key missing from every request. Case does not matter.
func (a Action) Supports(key, resource string) bool {
	folded := strings.ToLower(key)
	if k, ok := globalKeys().find(folded); ok && !perService[k.Name] {
		return true
	}
	if matchesAny(a.always, folded) {
		return true
	}
	service, _, _ := strings.Cut(a.Name, ":")
	for _, use := range a.Resources {
		if resource != "" && !strings.EqualFold(resource, use.Type) {
			continue
		}
		if r, _ := Type(service, use.Type); matchesAny(use.Keys, folded) || matchesAny(r.Keys, folded) {
			return true
		}
	}
	_, ok := providerKey(folded)
	return ok
}

// matchesAny reports whether a key is one of those of these names.
func matchesAny(names []string, key string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return newTemplate(name).matches(key) })
}

// spelledKey writes the placeholders of the data in one way.
func spelledKey(name string) string {
	name = strings.Replace(name, "<key>", "${TagKey}", 1)
	if prefix, ok := strings.CutSuffix(name, "/tag-key"); ok {
		return prefix + "/${TagKey}"
	}
	return name
}

// A template is a key's name, cut at its placeholder if it has one, which
// stands for any text but none.
type template struct {
	before, after string
	open          bool
}

func newTemplate(name string) template {
	before, rest, open := strings.Cut(name, "${")
	_, after, _ := strings.Cut(rest, "}")
	return template{before, after, open}
}

// matches compares without case.
func (t template) matches(key string) bool {
	if !t.open {
		return strings.EqualFold(key, t.before)
	}
	rest := len(key) - len(t.after)
	return rest > len(t.before) && strings.EqualFold(key[:len(t.before)], t.before) && strings.EqualFold(key[rest:], t.after)
}

// A keyTable finds keys by their names in lower case.
type keyTable struct {
	exact map[string]Key
	open  []openKey // no key matches two that are spelled differently
}

type openKey struct {
	template
	Key
}

func (t *keyTable) add(k Key) {
	template := newTemplate(strings.ToLower(k.Name))
	if !template.open {
		if t.exact == nil {
			t.exact = map[string]Key{}
		}
		t.exact[template.before] = k
		return
	}
	t.open = append(t.open, openKey{template, k})
}

func (t *keyTable) find(folded string) (Key, bool) {
	if k, ok := t.exact[folded]; ok {
		return k, true
	}
	for _, open := range t.open {
		if open.matches(folded) {
			return open.Key, true
		}
	}
	return Key{}, false
}
