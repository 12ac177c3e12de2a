package kind

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
		name += " " + strings.TrimSuffix(a.Profile, deletedProfile)
	}
	return name
}

// union returns what either has, sorted, each once; never nil.
func union(a, b []string) []string {
	both := append(append([]string{}, a...), b...)
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

// partNumber is the inverse of partName; false for other parameters.
func partNumber(spec, name string) (int, bool) {
	rest, ok := strings.CutPrefix(name, partName(spec, 0))
	if rest == "" {
		return 0, ok
	}
	n, err := strconv.Atoi(strings.TrimPrefix(rest, "-"))
	return n - 1, ok && err == nil && n > 1 && partName(spec, n-1) == name
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
	Calls: ledgerCalls,
	Write: writeLedger,
	Owned: func(l Ledger, owner string) bool { return l.Spec == owner },
})

// ledger returns the spec's ledger, or nil if there is none.
func (sw *Sweep) ledger(ctx context.Context) (*Ledger, error) {
	return once(sw, "ssm:GetParametersByPath", func() (*Ledger, error) {
		parts, err := sw.ledgerParts(ctx, sw.Owner)
		if err != nil {
			return nil, err
		}
		return ledgerOf(sw.Owner, parts)
	})
}

// ledgerOf joins the parts of a spec's ledger; nil if there are none.
func ledgerOf(spec string, parts map[int]string) (*Ledger, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	l := &Ledger{Spec: spec, Links: []string{}}
	for n, text := range parts {
		if err := l.add(text); err != nil {
			return nil, fmt.Errorf("parameter %s: %w; put back an earlier version, which `aws ssm get-parameter-history` shows, or delete it and so forget what it lists", partName(spec, n), err)
		}
	}
	// What moved from one part to another by an interrupted write is in both.
	l.Links, l.Protected = union(l.Links, nil), union(l.Protected, nil)
	return l, nil
}

// same reports whether both list the same, or neither is there.
func (l *Ledger) same(other *Ledger) bool {
	if l == nil || other == nil {
		return l == other
	}
	return resource.Equal(*l, *other)
}

// ledgerParts returns the text of each part that there is, by number from 0.
func (s *Session) ledgerParts(ctx context.Context, spec string) (map[int]string, error) {
	parts := map[int]string{}
	pages := ssm.NewGetParametersByPathPaginator(s.read.ssm, &ssm.GetParametersByPathInput{Path: new(ledgerPath(spec))})
	for page, err := range eachPage(ctx, pages) {
		if err != nil {
			return nil, err
		}
		for _, p := range page.Parameters {
			if n, ok := partNumber(spec, aws.ToString(p.Name)); ok {
				parts[n] = aws.ToString(p.Value)
			}
		}
	}
	return parts, nil
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

// writeLedger writes the parts that differ. What the ledger lists is in one of
// them at any time, so that a write that is cut short forgets nothing: as it
// grows, lines move to later parts, and those are written first; as it
// shrinks, they move to earlier ones.
func writeLedger(ctx context.Context, w *Write, before, after *Ledger) error {
	spec, want := or(ledgerSpec(after), ledgerSpec(before)), after.parts()
	have, err := w.Session.ledgerParts(ctx, spec)
	if err != nil {
		return err
	}
	if now, err := ledgerOf(spec, have); err != nil || !now.same(before) {
		return w.unseen("ssm:GetParametersByPath")
	}
	order := make([]int, len(want))
	for n := range order {
		order[n] = n
	}
	if after.size() > before.size() {
		slices.Reverse(order)
	}
	for _, n := range order {
		if text, there := have[n]; there && text == want[n] {
			continue
		}
		_, err := call(ctx, w, w.ssm.PutParameter, &ssm.PutParameterInput{
			Name: new(partName(spec, n)), Value: &want[n], Type: ssmtypes.ParameterTypeString, Overwrite: new(true),
			Description: new("What ssmctl keeps in mind for spec " + spec + ": links on things that it does not own, and what it protects"),
		})
		if err != nil {
			return err
		}
	}
	for _, n := range slices.Sorted(maps.Keys(have)) {
		if n < len(want) {
			continue
		}
		if _, err := call(ctx, w, w.ssm.DeleteParameter, &ssm.DeleteParameterInput{Name: new(partName(spec, n))}); gone(err) != nil {
			return err
		}
	}
	return nil
}

// size returns how much the ledger lists; nil lists nothing.
func (l *Ledger) size() int {
	if l == nil {
		return 0
	}
	return len(l.Links) + len(l.Protected)
}

func ledgerSpec(l *Ledger) string {
	if l == nil {
		return ""
	}
	return l.Spec
}
