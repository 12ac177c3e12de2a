package kind

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ssmctl/ssmctl/resource"
)

// A Ledger lists, by name only, what the account itself could not tell once a
// line has left the spec: the links that the spec made on things that it does
// not own, so that dropping the line revokes what it granted, and the objects
// that the spec protects, so that dropping the line does not delete them. It
// is kept in Parameter Store.
type Ledger struct {
	Spec      string   `json:"spec"`
	Links     []string `json:"links"` // sorted IDs
	Protected []string `json:"protected,omitempty"`
}

// ID returns ledger/SPEC.
func (l Ledger) ID() resource.ID { return id("ledger", l.Spec) }

// Needs returns nothing.
func (l Ledger) Needs() []resource.ID { return nil }

// Union lists what either does: while a plan is under way a link that may
// exist has to be listed.
func (l Ledger) Union(other resource.Object) resource.Object {
	o := other.(Ledger)
	return Ledger{Spec: l.Spec, Links: union(l.Links, o.Links), Protected: union(l.Protected, o.Protected)}
}

// ledgerName is how a link is listed: by its ID, and an association also by
// its profile, since another may come to stand in its place.
func ledgerName(link resource.Object) string {
	name := link.ID().String()
	if a, ok := link.(Association); ok {
		name += " " + a.Profile
	}
	return name
}

func union(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// A part of the ledger is at most partSize bytes, the most that a parameter
// of the standard tier holds. Names of parameters may not begin with ssm or
// aws; see
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html.
const (
	partSize     = 4096
	ledgerHeader = "ssmctl-ledger/1"
)

func ledgerPath(spec string) string { return "/access/ssmctl/" + spec }

// partName is the parameter of the nth part, from 0: ledger, ledger-2, ...
func partName(spec string, n int) string {
	name := ledgerPath(spec) + "/ledger"
	if n > 0 {
		name = fmt.Sprintf("%s-%d", name, n+1)
	}
	return name
}

var _ = define(Kind[Ledger]{
	Name:    "ledger",
	Summary: "The list of links that the spec made on things that it does not own, and of what it protects.",
	Example: []string{
		`groups: {staff: {protect: true}}
users: {alice: {existing: true, access: {actions: read-only}}}`,
		`groups: {staff: {protect: true}}
users: {bob: {existing: true, access: {actions: read-only}}}`,
		`groups: {staff: {}}`,
	},
	Read: func(ctx context.Context, sw *Sweep) ([]Ledger, error) {
		l, err := sw.ledger(ctx)
		if err != nil || l == nil {
			return nil, err
		}
		return []Ledger{*l}, nil
	},
	Find:  func(ctx context.Context, sw *Sweep, _ string) (*Ledger, error) { return sw.ledger(ctx) },
	Write: writeLedger,
	Owned: func(l Ledger, owner string) bool { return l.Spec == owner },
})

// ledger returns the spec's ledger, or nil if there is none.
func (sw *Sweep) ledger(ctx context.Context) (*Ledger, error) {
	return once(sw, "ssm:GetParametersByPath", func() (*Ledger, error) {
		var l *Ledger
		pages := ssm.NewGetParametersByPathPaginator(sw.read.ssm, &ssm.GetParametersByPathInput{Path: new(ledgerPath(sw.Owner))})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("reading the ledger: %w", err)
			}
			for _, p := range page.Parameters {
				if name := aws.ToString(p.Name); strings.HasPrefix(name, partName(sw.Owner, 0)) {
					if l == nil {
						l = &Ledger{Spec: sw.Owner, Links: []string{}}
					}
					if err := l.add(aws.ToString(p.Value)); err != nil {
						return nil, fmt.Errorf("parameter %s: %w", name, err)
					}
				}
			}
		}
		if l != nil {
			slices.Sort(l.Links)
			slices.Sort(l.Protected)
		}
		return l, nil
	})
}

// add reads one part.
func (l *Ledger) add(text string) error {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] != ledgerHeader {
		return fmt.Errorf("this is not a ledger that this version can read: it begins with %q, not %q", lines[0], ledgerHeader)
	}
	for _, line := range lines[1:] {
		switch word, name, _ := strings.Cut(line, " "); word {
		case "link":
			l.Links = append(l.Links, name)
		case "protect":
			l.Protected = append(l.Protected, name)
		default:
			return fmt.Errorf("%q is not a line of a ledger", line)
		}
	}
	return nil
}

// parts encodes the ledger in pieces that fit a parameter.
func (l *Ledger) parts() []string {
	if l == nil {
		return nil
	}
	var lines, parts []string
	for _, link := range l.Links {
		lines = append(lines, "link "+link+"\n")
	}
	for _, name := range l.Protected {
		lines = append(lines, "protect "+name+"\n")
	}
	current := ledgerHeader + "\n"
	for _, line := range lines {
		if len(current)+len(line) > partSize {
			parts = append(parts, current)
			current = ledgerHeader + "\n"
		}
		current += line
	}
	return append(parts, current)
}

func writeLedger(ctx context.Context, w *Write, before, after *Ledger) error {
	spec := or(ledgerSpec(after), ledgerSpec(before))
	had, want := before.parts(), after.parts()
	for n, text := range want {
		if n < len(had) && had[n] == text {
			continue
		}
		_, err := call(ctx, w, w.ssm.PutParameter, &ssm.PutParameterInput{
			Name: new(partName(spec, n)), Value: &text, Type: ssmtypes.ParameterTypeString, Overwrite: new(true),
			Description: new("Links that ssmctl made for spec " + spec + " on things that it does not own"),
		})
		if err != nil {
			return err
		}
	}
	for n := len(want); n < len(had); n++ {
		if _, err := call(ctx, w, w.ssm.DeleteParameter, &ssm.DeleteParameterInput{Name: new(partName(spec, n))}); gone(err) != nil {
			return err
		}
	}
	return nil
}

func ledgerSpec(l *Ledger) string {
	if l == nil {
		return ""
	}
	return l.Spec
}
