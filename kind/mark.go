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
	runTag      = "ssmctl:run"      // the run that made something; part of no object
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

// withRun adds the tag of the run that makes something; none if run is "".
func withRun(run string, tags map[string]string) map[string]string {
	if run == "" {
		return tags
	}
	tags = maps.Clone(tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[runTag] = run
	return tags
}

// wantable drops the tags that nobody can want: those that AWS itself puts on
// things, which nobody else may write, and that of the run which made them.
func wantable(tags map[string]string) map[string]string {
	maps.DeleteFunc(tags, func(k, _ string) bool { return k == runTag || strings.HasPrefix(strings.ToLower(k), "aws:") })
	return tags
}

// retag writes what differs between tags, by two calls at most. Keys go before
// others are set: IAM keeps the keys of users and roles without regard to
// case, so one that only changes its case would else be taken away again.
func retag(before, after map[string]string, untag func(keys []string) error, tag func(tags map[string]string) error) error {
	var remove []string
	for k := range before {
		if _, stays := after[k]; !stays {
			remove = append(remove, k)
		}
	}
	if len(remove) > 0 {
		slices.Sort(remove)
		if err := untag(remove); err != nil {
			return err
		}
	}
	set := map[string]string{}
	for k, v := range after {
		if old, there := before[k]; !there || old != v {
			set[k] = v
		}
	}
	if len(set) == 0 {
		return nil
	}
	return tag(set)
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
