package main

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A source is the directory data of the package: services.json lists the
// services, and of each there is a file in actions, resourceTypes and
// conditionKeys, whose entries are keyed by their names in lower case.
type source string

type action struct {
	Name          string
	AccessLevel   string
	ConditionKeys []string // whatever the resource is
	ResourceTypes []struct {
		Name          string
		Required      bool
		ConditionKeys []string // with a resource of this type
	}
}

type resourceType struct {
	Key           string // its name
	ARN           string
	ConditionKeys []string
}

type conditionKey struct{ Key, Type string }

var (
	spelled = regexp.MustCompile(`^[A-Za-z0-9-]+$`)              // of services and actions
	typed   = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9 -]*$`) // of resource types
	levels  = []string{"Read", "Write", "List", "Tagging", "Permissions management"}
	types   = []string{"String", "ARN", "Numeric", "Bool", "Date", "IPAddress", "Binary"}
)

// names returns the actions of all services, sorted, a line each, and how many
// services there are.
func (s source) names() (text []byte, services int, err error) {
	var all []string
	if err := read(filepath.Join(string(s), "services.json"), &all); err != nil {
		return nil, 0, err
	}
	if len(all) == 0 {
		return nil, 0, fmt.Errorf("%s: there is no service in it", filepath.Join(string(s), "services.json"))
	}
	var names []string
	for _, service := range all {
		actions, err := entries(s, "actions", service, func(a action) string { return a.Name })
		if err != nil {
			return nil, 0, err
		}
		if len(actions) == 0 || !spelled.MatchString(service) {
			return nil, 0, fmt.Errorf("service %q has no actions, or a name that is none", service)
		}
		for _, a := range actions {
			if !spelled.MatchString(a.Name) {
				return nil, 0, fmt.Errorf("service %s: %q is not the name of an action", service, a.Name)
			}
			names = append(names, service+":"+a.Name)
		}
	}
	slices.Sort(names)
	return []byte(strings.Join(names, "\n") + "\n"), len(all), nil
}

type counts struct{ actions, resources, keys int }

// detail returns the full data of these services, in the format that data.go
// of package catalogue describes.
func (s source) detail(services []string) (text []byte, n counts, err error) {
	var out bytes.Buffer
	for _, service := range services {
		keys, err := entries(s, "conditionKeys", service, func(k conditionKey) string { return k.Key })
		if err != nil {
			return nil, n, err
		}
		resources, err := entries(s, "resourceTypes", service, func(r resourceType) string { return r.Key })
		if err != nil {
			return nil, n, err
		}
		actions, err := entries(s, "actions", service, func(a action) string { return a.Name })
		if err != nil {
			return nil, n, err
		}
		if err := write(&out, service, keys, resources, actions); err != nil {
			return nil, n, fmt.Errorf("service %s: %w", service, err)
		}
		n.keys, n.resources, n.actions = n.keys+len(keys), n.resources+len(resources), n.actions+len(actions)
	}
	return out.Bytes(), n, nil
}

// entries reads the file of a service in a directory of the source, in the
// order of the entries' names.
func entries[E any](s source, directory, service string, name func(E) string) ([]E, error) {
	file := filepath.Join(string(s), directory, service+".json")
	var all map[string]E
	if err := read(file, &all); err != nil {
		return nil, err
	}
	for key, e := range all {
		if strings.ToLower(name(e)) != key {
			return nil, fmt.Errorf("%s: the name of %q is %q", file, key, name(e))
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b E) int { return strings.Compare(name(a), name(b)) }), nil
}

// write appends the lines of a service.
func write(out *bytes.Buffer, service string, keys []conditionKey, resources []resourceType, actions []action) error {
	fmt.Fprintf(out, "service\t%s\n", service)
	index := make(map[string]string, len(keys)) // of a key, by its name in lower case
	for i, k := range keys {
		if strings.ContainsAny(k.Key, "\t\n") || !slices.Contains(types, strings.TrimPrefix(k.Type, "ArrayOf")) {
			return fmt.Errorf("condition key %q has the type %q, which is none of %s", k.Key, k.Type, strings.Join(types, ", "))
		}
		index[strings.ToLower(k.Key)] = strconv.Itoa(i)
		fmt.Fprintf(out, "key\t%s\t%s\n", k.Key, k.Type)
	}
	refer := func(names []string) (string, error) {
		var list []string
		for _, name := range names {
			i, ok := index[strings.ToLower(name)]
			if !ok {
				return "", fmt.Errorf("condition key %q is not among those of the service", name)
			}
			list = append(list, i)
		}
		return strings.Join(list, ","), nil
	}
	for _, r := range resources {
		if !typed.MatchString(r.Key) || strings.Count(r.ARN, ":") < 5 || strings.ContainsAny(r.ARN, "\t\n") {
			return fmt.Errorf("resource type %q has the ARN %q", r.Key, r.ARN)
		}
		list, err := refer(r.ConditionKeys)
		if err != nil {
			return fmt.Errorf("resource type %s: %w", r.Key, err)
		}
		fmt.Fprintf(out, "resource\t%s\t%s\t%s\n", r.Key, r.ARN, list)
	}
	for _, a := range actions {
		for level := range strings.SplitSeq(a.AccessLevel, ", ") {
			if !slices.Contains(levels, level) {
				return fmt.Errorf("action %s: access level %q is none of %s", a.Name, level, strings.Join(levels, ", "))
			}
		}
		list, err := refer(a.ConditionKeys)
		if err != nil {
			return fmt.Errorf("action %s: %w", a.Name, err)
		}
		fmt.Fprintf(out, "action\t%s\t%s\t%s", a.Name, a.AccessLevel, list)
		for _, use := range a.ResourceTypes {
			if !slices.ContainsFunc(resources, func(r resourceType) bool { return r.Key == use.Name }) {
				return fmt.Errorf("action %s: resource type %q is not among those of the service", a.Name, use.Name)
			}
			list, err := refer(use.ConditionKeys)
			if err != nil {
				return fmt.Errorf("action %s with %s: %w", a.Name, use.Name, err)
			}
			required := ""
			if use.Required {
				required = "!"
			}
			fmt.Fprintf(out, "\t%s%s=%s", required, use.Name, list)
		}
		out.WriteByte('\n')
	}
	return nil
}
