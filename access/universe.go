package access

import (
	"encoding/binary"
	"slices"
)

// A universe is the things that can fill a leg: those of the account's
// inventory, of which two snapshots have one list, and samples of those that
// no inventory has. A set of its things has the bits of the inventory first;
// the samples begin at a new word.
type universe struct {
	inventory [2]*index // of each snapshot
	samples   *index
	about     []sampled // the samples
	forms     []arnForm
	*inquiry
}

// A sampled thing is a sample of an ARN with certain tags.
type sampled struct {
	sample
	tags map[string]string // as a policy asks for them
}

// size returns how many bits a set of things has.
func (u *universe) size() int { return u.start() + len(u.samples.things) }

// start returns the bit of the first sample.
func (u *universe) start() int { return words(len(u.inventory[0].things)) * 64 }

// mostSampled bounds the samples of a universe with their tags, before those
// that are alike are left out.
const mostSampled = 512

// newUniverse returns the universe of a leg, with samples of all that an
// inquiry's policies tell apart.
func newUniverse(l leg, inventory [2]*index, q *inquiry, words *vocabulary) *universe {
	u := &universe{inventory: inventory, inquiry: q, forms: arnForms(l, words.place, q.regions)}
	if l.kind == noLeg {
		u.samples = newIndex([]thing{{arn: "*", region: words.place.Region}})
		u.about = []sampled{{}}
		return u
	}
	all := words.samples(globs(u.forms), q.filled)
	if len(q.regions) == 0 {
		all = u.distinct(all)
	}
	services := []string{"ssm", "ec2"}
	if l.kind == otherLeg {
		services = []string{l.types[0].Service}
	}
	seen := map[string]bool{}
	var things []thing
	var key []byte
	for _, s := range all {
		reached := q.reached(s)
		region := regionOf(s.arn, words.place)
		for i, v := range q.variants {
			if i > 0 && u.forms[s.form].bare || len(things) == mostSampled {
				break
			}
			key = append(key[:0], byte(s.form))
			if len(q.regions) > 0 {
				key = append(key, region...)
			}
			for _, service := range services {
				for k, word := range q.pass(service)[i] {
					key = binary.LittleEndian.AppendUint64(key, word&reached[k])
				}
			}
			if q.plain && seen[string(key)] {
				continue // every statement treats one before as it does this
			}
			seen[string(key)] = true
			things = append(things, thing{arn: s.arn, region: region, tags: v.folded, keys: v.keys})
			u.about = append(u.about, sampled{s, v.tags})
		}
	}
	u.samples = newIndex(things)
	return u
}

func globs(forms []arnForm) []string {
	list := make([]string, len(forms))
	for i, f := range forms {
		list[i] = f.glob
	}
	return list
}

// distinct leaves out samples of things beyond the place that the same
// patterns match as some of the place.
func (u *universe) distinct(all []sample) []sample {
	here := map[string]bool{}
	for _, s := range all {
		if f := u.forms[s.form]; f.beyond == "" {
			here[f.name+signature(0, s.patterns)] = true
		}
	}
	return slices.DeleteFunc(all, func(s sample) bool {
		f := u.forms[s.form]
		return f.beyond != "" && here[f.name+signature(0, s.patterns)]
	})
}
