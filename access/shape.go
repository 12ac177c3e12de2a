package access

import (
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// A form is one way to make a call: the things that it touches, each of which
// must be allowed. AddTagsToResource, for one, has a form for each kind of
// thing that has tags, and StartSession one without a document.
type form []leg

// A leg is one of the things that a form touches.
type leg struct {
	kind  legKind
	types []catalogue.Resource // of otherLeg
	gate  bool                 // it only matters that something is allowed: nobody asks what
}

type legKind int

const (
	nodeLeg     legKind = iota
	documentLeg         // of Systems Manager
	otherLeg            // what has no inventory
	noLeg               // "*": the action knows no resources
)

// universe names what the leg is taken from, the same for legs that share it.
func (l leg) universe() string {
	name := string(rune('0' + l.kind))
	for _, t := range l.types {
		name += " " + t.Service + ":" + t.Name
	}
	return name
}

// formsOf returns the ways to make a call of an action.
func formsOf(action string) []form {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	var base, full form
	var alternatives []form
	legs := LegsOf(action)
	for _, l := range legs {
		kinds := split(l, service)
		switch {
		case service == "ec2" && kinds[0].kind == nodeLeg:
			// Whatever else EC2 does with a call, here it matters for the node.
			return []form{{kinds[0]}}
		case !l.Required && (kinds[0].kind == nodeLeg || kinds[0].kind == documentLeg):
			full = append(full, kinds[0])
		case !l.Required:
		case len(legs) == 1 || len(kinds) == 1:
			base = append(base, kinds[0])
			for _, k := range kinds[1:] {
				alternatives = append(alternatives, form{k})
			}
		default: // one of several, beside others: StartSession's node or task
			base = append(base, kinds[0])
			alternatives = append(alternatives, form{kinds[1]})
		}
	}
	// An instance and a managed instance are one node.
	base = slices.CompactFunc(base, func(a, b leg) bool { return a.kind == b.kind && a.kind != otherLeg })
	others := 0
	for i := range base {
		if base[i].kind == otherLeg {
			others++
			base[i].gate = others > 1
		}
	}
	forms := []form{base}
	if len(full) > 0 {
		forms = append(forms, append(slices.Clip(base), full...))
	}
	return append(forms, alternatives...)
}

// split returns the kinds of things that can fill a leg.
func split(l Leg, service string) []leg {
	var kinds []leg
	var other []catalogue.Resource
	for _, name := range l.Types {
		switch {
		case name == "instance" || name == "managed-instance":
			if !slices.ContainsFunc(kinds, func(k leg) bool { return k.kind == nodeLeg }) {
				kinds = append(kinds, leg{kind: nodeLeg})
			}
		case name == "document" && service == "ssm":
			kinds = append(kinds, leg{kind: documentLeg})
		default:
			if t, ok := catalogue.Type(service, name); ok {
				other = append(other, t)
			}
		}
	}
	slices.SortFunc(kinds, func(a, b leg) int { return int(a.kind - b.kind) })
	if len(other) > 0 {
		kinds = append(kinds, leg{kind: otherLeg, types: other})
	}
	if len(kinds) == 0 {
		kinds = []leg{{kind: noLeg}}
	}
	return kinds
}

// An arnForm is what the ARNs of one kind of thing look like, as a glob.
type arnForm struct {
	glob string
	name string // of the type: "parameter"
	// Beyond are things of other regions or accounts, which are only looked at
	// where policies tell them from those of the place.
	beyond string // "in other regions", "shared by other accounts"; "" is of the place
	bare   bool   // such things have no tags that policies see
}

// documentOfAWS names the form of the documents that AWS owns.
const documentOfAWS = "document of AWS"

// arnForms returns the forms of the ARNs that a leg of this kind can have:
// those of the place, then those beyond it, in the regions and in any other.
func arnForms(l leg, place policy.Place, regions []string) []arnForm {
	forms := arnFormsHere(l, place)
	for _, f := range slices.Clone(forms) {
		if f.beyond != "" || fields(f.glob)[3] != "*" {
			continue
		}
		for _, region := range append(regions, string(fresh)) {
			g := f
			g.beyond = "in " + region
			if region == string(fresh) {
				g.beyond = "in other regions"
			}
			g.glob = strings.Replace(f.glob, ":*:", ":"+region+":", 1)
			forms = append(forms, g)
		}
	}
	return forms
}

func arnFormsHere(l leg, place policy.Place) []arnForm {
	at := func(service, account, resource string) string {
		return "arn:" + place.Partition + ":" + service + ":*:" + account + ":" + resource
	}
	switch l.kind {
	case nodeLeg:
		return []arnForm{
			{glob: at("ec2", place.Account, "instance/i-*"), name: "instance"},
			{glob: at("ssm", place.Account, "managed-instance/mi-*"), name: "managed-instance"},
		}
	case documentLeg:
		return []arnForm{
			{glob: at("ssm", place.Account, "document/*"), name: "document"},
			{glob: at("ssm", "", "document/*"), name: documentOfAWS, bare: true},
			{glob: at("ssm", string(fresh), "document/*"), name: "document", beyond: "shared by other accounts", bare: true},
		}
	case noLeg:
		return nil
	}
	var forms []arnForm
	for _, t := range l.types {
		for _, format := range t.ARNs {
			f := arnForm{glob: globOf(format, place), name: t.Name}
			if !slices.Contains(forms, f) {
				forms = append(forms, f)
			}
		}
	}
	return forms
}

// globOf returns a format of the catalogue, such as
// arn:${Partition}:ssm:${Region}:${Account}:parameter/${Name}, as a glob.
func globOf(format string, place policy.Place) string {
	return catalogue.Fill(format, func(name string) string {
		switch name {
		case "Partition":
			return place.Partition
		case "Account":
			return place.Account
		}
		return "*"
	})
}
