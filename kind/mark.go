package kind

import (
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/entry"
)

// The marks of ownership in AWS. Groups, managed policies and instance
// profiles are marked by their path, since the bulk reads show no tags for
// them; everything else by a tag.
const (
	ownerTag    = "ssmctl:name"     // the spec's name
	instanceTag = "ssmctl:instance" // the entry that launched an instance
	indexTag    = "ssmctl:index"    // which of the entry's instances it is, from 1
	launchTag   = "ssmctl:launch"   // the digest of what it was launched with
	ownerPath   = "/ssmctl/"        // followed by the spec's name and a slash
)

// markedPath returns the path that marks what owner owns, with the spec's own
// path behind it: "/ssmctl/web-fleet/" and "/ssm/" give "/ssmctl/web-fleet/ssm/".
func markedPath(owner, path string) string {
	return ownerPath + owner + "/" + strings.TrimPrefix(path, "/")
}

// marked reports whether path carries owner's mark.
func marked(path, owner string) bool { return strings.HasPrefix(path, ownerPath+owner+"/") }

// taggedBy reports whether tags carry owner's mark.
func taggedBy(tags map[string]string, owner string) bool { return tags[ownerTag] == owner }

// tagsFor returns the tags of something the spec owns: its defaults, the
// entry's own, and the mark.
func tagsFor(s *entry.Spec, own map[string]string) map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, s.Defaults.Tags)
	maps.Copy(tags, own)
	tags[ownerTag] = s.Name
	return tags
}

// withoutAWS drops the tags that AWS itself puts on things, which nobody else
// may write.
func withoutAWS(tags map[string]string) map[string]string {
	maps.DeleteFunc(tags, func(k, _ string) bool { return strings.HasPrefix(strings.ToLower(k), "aws:") })
	return tags
}

// tagsToWrite compares tags and returns those to set and the keys to remove.
// Where AWS keeps keys without regard to case, a key that only changes case
// must not be removed after the new one was set, so fold says to compare keys
// so.
func tagsToWrite(before, after map[string]string, fold bool) (set map[string]string, remove []string) {
	set = map[string]string{}
	for k, v := range after {
		if old, ok := before[k]; !ok || old != v {
			set[k] = v
		}
	}
	for k := range before {
		if _, ok := after[k]; ok {
			continue
		}
		if fold && slices.ContainsFunc(slices.Collect(maps.Keys(after)), func(a string) bool { return strings.EqualFold(a, k) }) {
			continue
		}
		remove = append(remove, k)
	}
	slices.Sort(remove)
	return set, remove
}

// pathOf returns the entry's own path, or the spec's.
func pathOf(s *entry.Spec, own string) string {
	switch {
	case own != "":
		return own
	case s.Defaults.Path != "":
		return s.Defaults.Path
	}
	return "/"
}
