package match

import "strings"

// An ARN is a resource as a policy names it: a pattern of ARNs, or "*".
//
// The first five fields end at colons, which no wildcard in them matches: two
// samples that AWS labels for its CheckNoNewAccess are right only so. The
// sixth is all the rest, in which * matches slashes and colons too. A pattern
// of fewer fields is taken as if the others were "*".
//
// A wildcard in the resource type, what stands before the first slash or colon
// of the sixth field, is not allowed (IAM User Guide, "IAM identifiers":
// incorrect wildcard usage), yet policies managed by AWS have some, such as
// security-group*/* and */webacl/*. Here it is a wildcard if there is another
// after it, as there is in all of those, and else a plain character, so that
// the pattern matches no resource.
type ARN struct {
	Any   bool        // "*": every resource, and the "*" of a request whose action knows none
	Field [6]Template // arn, partition, service, region, account, resource
}

// untyped are the services whose ARNs have a name where others have the
// resource type, such as a bucket's.
var untyped = map[string]bool{"s3": true, "execute-api": true, "wafv2": true, "aws-marketplace": true, "codepipeline": true}

// ParseARN reads a resource of a policy. With variables, those of the sixth
// field count: AWS knows none before the fifth colon, where ${ is plain text.
func ParseARN(s string, variables bool) ARN {
	if isAny(s) {
		return ARN{Any: true}
	}
	var a ARN
	fields := split(s)
	for i, field := range fields[:5] {
		a.Field[i] = Parse(field, true, false)
	}
	if n := literalType(fields[2], fields[5], variables); n > 0 {
		a.Field[5] = join(Parse(fields[5][:n], false, variables), Parse(fields[5][n:], true, variables))
	} else {
		a.Field[5] = Parse(fields[5], true, variables)
	}
	return a
}

// join returns a template of both.
func join(a, b Template) Template {
	return Template{append(a.parts[:len(a.parts):len(a.parts)], b.parts...)}
}

// Match reports whether a matches an ARN. Variables are looked up as Resolve
// does it, and only once the first five fields match.
func (a ARN) Match(arn string, lookup func(key string) (string, bool)) bool {
	if a.Any {
		return true
	}
	if strings.Count(arn, ":") < 5 {
		return false
	}
	fields := split(arn)
	for i, t := range a.Field {
		p, ok := t.Resolve(lookup)
		if !ok || !p.Match(fields[i]) {
			return false
		}
	}
	return true
}

// Resource reports whether a resource as a policy names it, without variables,
// matches an ARN: what ParseARN(pattern, false) matches, without making it.
func Resource(pattern, arn string) bool {
	if isAny(pattern) {
		return true
	}
	if strings.Count(arn, ":") < 5 {
		return false
	}
	var field, got string
	service := ""
	for i := range 5 {
		field, pattern = cut(pattern)
		got, arn = cut(arn)
		if !Wild(field, got) {
			return false
		}
		if i == 2 {
			service = field
		}
	}
	if n := literalType(service, pattern, false); n > 0 {
		return strings.HasPrefix(arn, pattern[:n]) && Wild(pattern[n:], arn[n:])
	}
	return Wild(pattern, arn)
}

// isAny reports whether a resource is "*", or more of them.
func isAny(s string) bool { return s != "" && strings.Trim(s, "*") == "" }

// split returns the six fields of an ARN, or of a pattern of them.
func split(s string) (fields [6]string) {
	for i := range 5 {
		fields[i], s = cut(s)
	}
	fields[5] = s
	return fields
}

// cut returns the first field and what follows it: "*" if nothing does.
func cut(s string) (field, rest string) {
	field, rest, found := strings.Cut(s, ":")
	if !found {
		rest = "*"
	}
	return field, rest
}

// literalType returns how much of the sixth field is a resource type whose
// wildcards are plain characters.
func literalType(service, resource string, variables bool) int {
	if untyped[service] || !strings.ContainsAny(resource, "*?") {
		return 0
	}
	end, wild := 0, false
	for i := 0; i < len(resource); i++ {
		switch c := resource[i]; {
		case variables && strings.HasPrefix(resource[i:], "${") && strings.IndexByte(resource[i:], '}') > 0:
			i += strings.IndexByte(resource[i:], '}')
		case c == '*' || c == '?':
			if end > 0 {
				return 0
			}
			wild = true
		case (c == '/' || c == ':') && end == 0:
			end = i
		}
	}
	if !wild {
		return 0
	}
	return end
}
