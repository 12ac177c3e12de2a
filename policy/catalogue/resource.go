package catalogue

import "strings"

// A Resource is a resource type. Its slices are shared by all callers, who
// must not change them.
type Resource struct {
	Service string // whose actions take it: "ssm"
	Name    string // AWS's: "managed-instance"
	// ARNs are the formats of its ARNs, with placeholders such as
	// ${Partition}, for ARNMatches. The first is AWS's own. Where AWS owns some
	// resources of the type, there is a second for those, in which the account
	// is empty: arn:${Partition}:ssm:${Region}::document/${DocumentName}.
	ARNs []string
	Keys []string // condition keys that AWS lists for the type, as in Action.Keys
}

// Type returns a resource type of a service that is Detailed. Case does not
// matter. A type belongs to the service whose actions take it: the role that
// sts:AssumeRole takes is found as ("sts", "role").
func Type(service, name string) (Resource, bool) {
	s, ok := details().services[strings.ToLower(service)]
	if !ok {
		return Resource{}, false
	}
	r, ok := s.types[strings.ToLower(name)]
	return r, ok
}

// Types returns the resource types of a service in the order of their names,
// nil if it has none or is not Detailed.
func Types(service string) []Resource {
	s, ok := details().services[strings.ToLower(service)]
	if !ok {
		return nil
	}
	var types []Resource
	for _, name := range s.typeNames {
		types = append(types, s.types[name])
	}
	return types
}

// ResourcesOf returns the resource types that an action takes, in the order of
// Action.Resources. It is nil if the action takes none, so that only "*" can
// grant it, and also if Lookup does not know the action.
func ResourcesOf(action string) []Resource {
	a, ok := Lookup(action)
	if !ok {
		return nil
	}
	service, _, _ := strings.Cut(a.Name, ":")
	var types []Resource
	for _, use := range a.Resources {
		r, _ := Type(service, use.Type) // there is every type that is used: refresh sees to it
		types = append(types, r)
	}
	return types
}
