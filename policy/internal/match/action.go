package match

import "strings"

// An Action is what a policy calls an action: a pattern such as ssm:Get*, or
// "*". The zero Action matches nothing.
//
// Case does not count. The service is written out: the documentation of the
// Action element has wildcards in the name only. A text that is not
// service:name, or that holds white space or a comma, matches nothing.
type Action struct {
	Any     bool    // "*": every action
	Service string  // in lower case
	Name    Pattern // in lower case; nil if the action matches nothing
}

// ParseAction reads an action of a policy.
func ParseAction(s string) Action {
	if isAny(s) {
		return Action{Any: true}
	}
	service, name, ok := cutAction(s)
	if !ok {
		return Action{}
	}
	return Action{Service: Fold(service), Name: Glob(Fold(name))}
}

// Match reports whether a matches an action such as ssm:GetDocument.
func (a Action) Match(action string) bool {
	service, name, ok := strings.Cut(action, ":")
	if a.Any {
		return true
	}
	return ok && a.Name != nil && a.Service == Fold(service) && a.Name.Match(Fold(name))
}

// Names reports whether an action of a policy matches an action: what
// ParseAction(pattern) matches, without making it.
func Names(pattern, action string) bool {
	if isAny(pattern) {
		return true
	}
	end := strings.IndexByte(pattern, ':')
	if end < 0 || len(action) <= end || action[end] != ':' || !EqualFold(pattern[:end], action[:end]) {
		return false
	}
	name := action[end+1:]
	if !strings.ContainsAny(pattern, "*?") && !EqualFold(pattern[end+1:], name) {
		return false // as most do
	}
	_, wild, ok := cutAction(pattern)
	return ok && Wild(Fold(wild), Fold(name))
}

// cutAction returns the service and the name of an action, if it can match any.
func cutAction(s string) (service, name string, ok bool) {
	service, name, ok = strings.Cut(s, ":")
	ok = ok && service != "" && name != "" &&
		!strings.ContainsAny(service, "*?") && !strings.ContainsAny(s, " \t\r\n,") && !strings.Contains(name, ":")
	return service, name, ok
}
