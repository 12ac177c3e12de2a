package kind_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/sandbox"
)

const ledgerPath = "/access/ssmctl/test"

// ledger returns the lines of the ledger by parameter.
func (by somebody) ledger() map[string][]string {
	parts := map[string][]string{}
	pages := ssm.NewGetParametersByPathPaginator(by.ssm, &ssm.GetParametersByPathInput{Path: new(ledgerPath)})
	for pages.HasMorePages() {
		for _, p := range must(pages.NextPage(by.Context())).Parameters {
			parts[strings.TrimPrefix(*p.Name, ledgerPath+"/")] = strings.Split(strings.TrimSpace(*p.Value), "\n")[1:]
		}
	}
	return parts
}

func (by somebody) writes(parameter, text string) {
	must(by.ssm.PutParameter(by.Context(), &ssm.PutParameterInput{Name: new(ledgerPath + "/" + parameter), Value: &text, Type: ssmtypes.ParameterTypeString, Overwrite: new(true)}))
}

func TestLedger(t *testing.T) {
	t.Parallel()
	const protected, access = "groups: {staff: {protect: true}}", "users: {alice: {existing: true, access: {actions: read-only}}}"
	tellAll(t, map[string]story{
		"a link that was there survives its line": {
			before: func(by somebody) { by.attaches("alice", readOnlyARN) }, first: access, then: "groups: {}",
		},
		"a link that was made goes with its line": {
			first: access, then: "groups: {}", plan: []string{"delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"},
		},
		"a link made again by hand goes with its line": {
			first: access, then: "groups: {}", plan: []string{"delete attachment/user/alice/aws:AmazonSSMReadOnlyAccess"},
			meanwhile: func(by somebody) { by.attaches("alice", readOnlyARN) },
		},
		"protection survives its entry": {first: protected, then: "groups: {}", refused: "group/staff is protected"},
		"protection goes with its key":  {first: protected, then: "groups: {staff: {}}"},
		"another's parameter beside it": {first: access, meanwhile: func(by somebody) { by.writes("ledger-old", "notes") }},
		"damaged":                       {first: access, meanwhile: func(by somebody) { by.writes("ledger", "hello") }, refused: "parameter /access/ssmctl/test/ledger: this is not a ledger"},
		"damaged, a line":               {first: access, meanwhile: func(by somebody) { by.writes("ledger", "ssmctl-ledger/1\nlnk x\n") }, refused: `"lnk x" is not a line of a ledger`},
		"damaged, an ID":                {first: access, meanwhile: func(by somebody) { by.writes("ledger", "ssmctl-ledger/1\nprotect x\n") }, refused: `the ledger: "x" is not of the form kind/name`},
		"a tie to a profile that was remade": {
			first: tiedToOne, meanwhile: func(by somebody) { by.remakesProfile("one", "one") }, then: untied, oneWay: true,
			plan: []string{"delete association/" + web + "; loses the tie to a profile that is gone for good"},
		},
	})
}

// manyMembers puts the three users of the guide's account in so many groups of
// somebody else's, whose names are long.
func manyMembers(groups int) string {
	var b strings.Builder
	b.WriteString("groups:\n")
	for g := range groups {
		fmt.Fprintf(&b, "  %s: {existing: true, policies: [AmazonSSMReadOnlyAccess], members: [%s]}\n", longName(g), []string{"alice", "bob", "carol"}[g%3])
	}
	return b.String()
}

func longName(n int) string { return fmt.Sprintf("%s-%03d", strings.Repeat("g", 120), 27-n) }

// A ledger larger than a parameter is kept in several, and in none when it is
// empty.
func TestLedgerInParts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		by := somebody{t, account, clientsOf(account)}
		for g := range 27 {
			by.makesGroup(longName(g))
		}
		for _, tt := range []struct{ groups, parts int }{{27, 3}, {3, 1}, {20, 2}, {27, 3}, {8, 1}} {
			mustApply(t, account, head+manyMembers(tt.groups))
			lines := 0
			for name, part := range by.ledger() {
				lines += len(part)
				if size := len(strings.Join(part, "\n")) + 20; size > 4096 {
					t.Errorf("%d groups: parameter %s has %d bytes", tt.groups, name, size)
				}
			}
			if parts := len(by.ledger()); parts != tt.parts || lines != 2*tt.groups {
				t.Errorf("%d groups: %d lines in %d parameters, want %d", tt.groups, lines, parts, tt.parts)
			}
		}
		mustApply(t, account, head+"groups: {}")
		if left := by.ledger(); len(left) != 0 {
			t.Errorf("the ledger is empty, and still kept in %v", left)
		}
	})
}

// stopAt lets so many writes through, and then none.
type stopAt struct {
	http.RoundTripper
	left *int
}

func (s stopAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if target := r.Header.Get("X-Amz-Target"); strings.HasSuffix(target, "PutParameter") || strings.HasSuffix(target, "DeleteParameter") {
		if *s.left--; *s.left < 0 {
			return nil, errors.New("the process was killed")
		}
	}
	return s.RoundTripper.RoundTrip(r)
}

// However a write of the ledger is cut short, it lists no less than what is in
// both the ledger before and the ledger after; and the next write puts it
// right.
func TestLedgerWriteCutShort(t *testing.T) {
	t.Parallel()
	listOf := func(from, to int) kind.Ledger {
		l := kind.Ledger{Spec: "test", Links: []string{}}
		for n := from; n < to; n++ {
			l.Links = append(l.Links, fmt.Sprintf("membership/%s-%03d/alice", strings.Repeat("g", 120), n))
		}
		return l
	}
	tests := map[string]struct{ before, after kind.Ledger }{
		"grows at the front":   {listOf(10, 90), listOf(0, 90)},
		"grows at the end":     {listOf(0, 80), listOf(0, 90)},
		"shrinks at the front": {listOf(0, 90), listOf(10, 90)},
		"shrinks at the end":   {listOf(0, 90), listOf(0, 20)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for calls := range 4 {
					account := sandbox.New(sandbox.Options{})
					ctx := context.Background()
					whole := connect(t, account)
					if err := whole.Write(ctx, resource.Change{After: tt.before}); err != nil {
						t.Fatal(err)
					}
					left := calls
					cut := connectBy(t, account, stopAt{account.Client().Transport, &left})
					_ = cut.Write(ctx, resource.Change{Before: tt.before, After: tt.after}) // may well fail

					survey := must(whole.Survey(ctx, "test", load(t, head+"groups: {}").Desired))
					found, _ := survey.Live.State.Get(tt.before.ID()).(kind.Ledger)
					for _, link := range tt.before.Links {
						if slices.Contains(tt.after.Links, link) && !slices.Contains(found.Links, link) {
							t.Fatalf("after %d calls the ledger has forgotten %s", calls, link)
						}
					}
					if err := whole.Write(ctx, resource.Change{Before: found, After: tt.after}); err != nil {
						t.Fatal(err)
					}
					survey = must(whole.Survey(ctx, "test", load(t, head+"groups: {}").Desired))
					if diff := cmp.Diff(asText(tt.after), asText(survey.Live.State.Get(tt.before.ID()))); diff != "" {
						t.Errorf("after %d calls and a whole write (-want +got):\n%s", calls, diff)
					}
				}
			})
		})
	}
}
