package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// check reports what in r cannot be compiled, or would grant nothing, and
// returns where r holds.
func (r Restriction) check(at Place, ps *Problems) scope {
	in := r.scope(at)
	r.checkRegions(at, ps)
	r.Documents.check(Path{"documents"}, "document", ps)
	r.Nodes.check(ps)
	for i, bucket := range r.Buckets {
		checkBucket(bucket, Path{"buckets", strconv.Itoa(i)}, ps)
	}
	r.Commands.check(ps)
	r.Automation.check(ps)
	r.Sessions.check(ps)
	r.Parameters.check(in, ps)
	switch r.Enforce {
	case "", "grant", "boundary", "deny":
	default:
		ps.add(Path{"enforce"}, fmt.Sprintf("%q is none of grant, boundary and deny", r.Enforce), "write one of them")
	}
	switch {
	case !r.Documents.empty() && r.Nodes.empty():
		ps.add(Path{"documents"}, "documents without instances cannot be run anywhere", "name the instances, or write instances: all")
	case r.Sessions.open() && r.Nodes.empty():
		ps.add(Path{"sessions"}, "sessions without instances cannot be opened anywhere", "name the instances, or write instances: all")
	case r.Documents.empty() && !r.Sessions.open() && !r.Nodes.empty():
		ps.add(Path{"instances"}, "instances say where documents are run and sessions opened, and there are neither", "name documents or sessions; automations do not need instances")
	case r.Documents.empty() && len(r.Buckets) > 0:
		ps.add(Path{"buckets"}, "buckets take the output of documents, and there are no documents", "name documents, or remove the buckets")
	case len(*ps) == 0:
		r.checkVoid(in, ps)
	}
	return in
}

// checkVoid reports a restriction that says nothing.
func (r Restriction) checkVoid(in scope, ps *Problems) {
	grants := len(r.look(in)) + len(r.run(in)) + len(r.automate(in)) + len(r.converse(in)) + len(r.parameters(in))
	switch {
	case r.Enforce == "deny" && len(r.limits()) == 0:
		ps.add(nil, "the restriction denies nothing: it speaks of no action", "name documents and instances, sessions, automations or parameters")
	case r.Enforce != "deny" && grants == 0:
		ps.add(nil, "the restriction allows nothing", "name documents and instances, sessions, automations to start, or parameters")
	}
}

func (r Restriction) checkRegions(at Place, ps *Problems) {
	for i, region := range r.Regions {
		if !regionForm.MatchString(region) {
			ps.add(Path{"regions", strconv.Itoa(i)}, fmt.Sprintf("%q is not a region", region), "write one such as us-east-1")
		}
	}
	if len(r.Regions) > 0 && len(r.Nodes.IDs) > 0 && !r.Nodes.All && !slices.Contains(r.Regions, at.Region) {
		ps.add(Path{"regions"}, fmt.Sprintf("instances that go by id are in %s, the region of the spec, where the restriction does not hold", at.Region),
			"add "+at.Region+", or select the instances by tags")
	}
}

var documentName = regexp.MustCompile(`^[A-Za-z0-9_.*?-]{1,128}$`)

func (n Names) check(path Path, noun string, ps *Problems) {
	for i, name := range n.List {
		path := path.at(strconv.Itoa(i))
		pattern := strings.ContainsAny(name, "*?")
		switch {
		case strings.Trim(name, "*?") == "" && name != "":
			ps.add(path, fmt.Sprintf("%q would be every %s", name, noun), "write all in place of the list, if that is meant")
		case strings.HasPrefix(name, "arn:"):
			ps.add(path, fmt.Sprintf("%q is an ARN: documents go by name, and those that other accounts share cannot be allowed", name), "write only the name, after document/")
		case !documentName.MatchString(name) || len(name) < 3 && !pattern:
			ps.add(path, fmt.Sprintf("%q cannot be the name of a document", name), "use 3 to 128 of A-Z a-z 0-9 _ - . and, for several, * and ?")
		}
	}
}

var nodeID = regexp.MustCompile(`^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$`)

func (n Nodes) check(ps *Problems) {
	path := Path{"instances"} // what selects a node here was most often a label there
	for _, id := range n.IDs {
		if !nodeID.MatchString(id) {
			ps.add(path, fmt.Sprintf("%q is not the id of a node", id), "write i- and 8 or 17, or mi- and 17, of the digits 0-9 a-f")
		}
	}
	for _, tags := range n.Tags {
		if len(tags) == 0 {
			ps.add(path, "a selection by tags has no tags, which would be every node", "name tags, or write instances: all")
		}
		seen := map[string]string{}
		for _, key := range sortedKeys(tags) {
			if other, ok := seen[fold(key)]; ok {
				ps.add(path, fmt.Sprintf("IAM does not tell the tag keys %s and %s apart", other, key), "select by one of them")
			}
			seen[fold(key)] = key
			checkTag(key, tags[key], path, ps)
		}
	}
}

// checkTag reports what an IAM condition cannot say of a tag, although the tag
// may exist.
func checkTag(key, value string, path Path, ps *Problems) {
	switch {
	case key == "" || utf8.RuneCountInString(key) > 128:
		ps.add(path, fmt.Sprintf("%q is not the key of a tag", key), "use 1 to 128 characters")
	case utf8.RuneCountInString(value) > 256:
		ps.add(path, fmt.Sprintf("the value of tag %s is longer than AWS allows", key), "use up to 256 characters")
	case !latin1(key + value):
		ps.add(path, fmt.Sprintf("the tag %s=%s has a character beyond U+00FF, which IAM takes in no policy", key, value), "select by another tag")
	case strings.Contains(key+value, "${"):
		ps.add(path, fmt.Sprintf("IAM would take ${ in the tag %s=%s for a variable", key, value), "select by another tag")
	}
}

func (c Commands) check(ps *Problems) {
	checkWhose(Path{"commands", "view"}, c.View, "commands", ps)
	checkWhose(Path{"commands", "cancel"}, c.Cancel, "commands", ps)
}

func (a Automation) check(ps *Problems) {
	a.Start.check(Path{"automation", "start"}, "document", ps)
	checkWhose(Path{"automation", "stop"}, a.Stop, "automation executions", ps)
}

func checkWhose(path Path, whose, of string, ps *Problems) {
	switch whose {
	case "", "none", "any":
	case "own":
		ps.add(path, "IAM cannot tell one's own "+of+" from those of others", "write any or none")
	default:
		ps.add(path, fmt.Sprintf("%q is neither any nor none", whose), "write one of them")
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
