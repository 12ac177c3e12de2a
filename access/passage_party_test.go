package access

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
)

// teams returns an account of users in groups, and what becomes of it: of each
// group one policy is replaced, a fence is put up and a text is edited.
func teams(users, groups int) (before, after *Account) {
	b, a := newAccount(), newAccount()
	bucket := func(group, version int) policy.Statement {
		return policy.Allow("s3:GetObject", "s3:PutObject").On(fmt.Sprintf("arn:aws:s3:::team-%d/v%d/*", group, version))
	}
	for g := range groups {
		group := fmt.Sprint("g", g)
		run, session, shared := fmt.Sprint("run-", g), fmt.Sprint("session-", g), fmt.Sprint("shared-", g)
		for side, x := range []*builder{b, a} {
			x.group(group).
				policy(run, onWeb, lookUp).policy(session, onWeb, policy.Allow("ssm:StartSession").On("*")).
				policy(shared, bucket(g, 1), bucket(g, 2+side)).attach(shared, groupID(group))
		}
		b.attach(run, groupID(group))
		a.attach(session, groupID(group)).inline("fence", groupID(group), neverProd)
	}
	for u := range users {
		for _, x := range []*builder{b, a} {
			x.user(fmt.Sprintf("u%04d", u), fmt.Sprint("g", u%groups))
		}
	}
	return &b.Account, &a.Account
}

// everyState calls judge with each state of a party.
func everyState(party Party, judge func(done []bool)) {
	for n := range 1 << len(party.Steps) {
		done := make([]bool, len(party.Steps))
		for i := range done {
			done[i] = n>>i&1 == 1
		}
		judge(done)
	}
}

// Those who fare alike are one party.
func TestPassageParties(t *testing.T) {
	t.Parallel()
	before, after := teams(1000, 10)
	steps := changedObjects(before, after)
	p := NewPassage(before, after, steps)
	parties := p.Parties()
	if len(parties) != 10 {
		t.Fatalf("%d parties, want one for each group", len(parties))
	}
	members := 0
	for i, party := range parties {
		members += len(party.Principals)
		if len(party.Steps) != 4 || !slices.IsSorted(party.Steps) || !slices.IsSortedFunc(party.Principals, resource.ID.Compare) {
			t.Errorf("%v", party)
		}
		wrong, right := 0, 0
		everyState(party, func(done []bool) {
			got := p.Judge(i, done)
			if len(got) == 0 {
				right++
			} else if wrong++; len(got)%100 != 0 {
				t.Errorf("%d breaches of 100 users who fare alike", len(got))
			}
		})
		// Sessions and fence are free of each other; the fence comes before the
		// run of sessions does, and what runs by tags must not be lacking.
		if wrong == 0 || right < 4 {
			t.Errorf("of the states %d are wrong and %d right", wrong, right)
		}
	}
	if members != 1000 {
		t.Errorf("%d members", members)
	}
}

// What no party depends on.
func TestPassageIgnores(t *testing.T) {
	t.Parallel()
	amy, ben := userID("amy"), userID("ben")
	accounts := func() (b, a *builder) {
		b = newAccount().user("amy").user("ben").policy("run", onAny).policy("all", allOfSSM).attach("run", amy).attach("all", ben)
		return b, newAccount().user("amy").user("ben").policy("run", onAny).policy("all", allOfSSM).attach("all", amy).attach("all", ben)
	}
	attachment := func(to resource.ID, name string) resource.ID {
		return resource.ID{Kind: "attachment", Name: to.String() + "/" + name}
	}
	for name, test := range map[string]struct {
		steps  []resource.ID
		change func(before, after *builder)
		want   []Party
	}{
		"two steps": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all")},
			want:  []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
		"what neither account knows": {
			steps: []resource.ID{{Kind: "restart", Name: "x"}, attachment(amy, "run"), {Kind: "group", Name: "none"}, attachment(amy, "all")},
			want:  []Party{{Principals: []resource.ID{amy}, Steps: []int{1, 3}}},
		},
		"what changes nothing": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all"), amy, attachment(ben, "all"), {Kind: "policy", Name: "run"}},
			want:  []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
		"what several steps change": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all"), attachment(amy, "run")},
			want:  []Party{},
		},
		"one step": {
			steps: []resource.ID{attachment(amy, "all")},
			want:  []Party{},
		},
		"a policy of which only words for people differ": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all"), {Kind: "policy", Name: "all"}},
			change: func(_, after *builder) {
				arn := iamARN("policy/all")
				all := after.Policies[arn]
				all.Document.Statements = []policy.Statement{allOfSSM.As("All")}
				after.Policies[arn] = all
			},
			want: []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
		"a node that nobody's policies ask of": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all"), {Kind: "instance", Name: "i-1"}},
			change: func(before, after *builder) {
				before.node("i-1", "", "", map[string]string{"App": "web"})
				after.node("i-1", "", "", map[string]string{"App": "db"})
			},
			want: []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
		"what a node carries": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all"), {Kind: "instance", Name: "i-1"}},
			change: func(before, after *builder) {
				before.node("i-1", "", "one", nil).inline("web", amy, onWeb)
				after.node("i-1", "", "other", nil).inline("web", amy, onWeb)
			},
			want: []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
		"a role that stays as it is": {
			steps: []resource.ID{attachment(amy, "run"), attachment(amy, "all")},
			change: func(before, after *builder) {
				for _, b := range []*builder{before, after} {
					b.role("power", trustAccount).attach("all", roleID("power"))
				}
			},
			want: []Party{{Principals: []resource.ID{amy}, Steps: []int{0, 1}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := accounts()
			if test.change != nil {
				test.change(before, after)
			}
			got := NewPassage(&before.Account, &after.Account, test.steps).Parties()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// All may ask at once, and the same question has the same answer.
func TestPassageAtOnce(t *testing.T) {
	t.Parallel()
	before, after := teams(40, 4)
	steps := changedObjects(before, after)
	var all [8]string
	p := NewPassage(before, after, steps)
	var wg sync.WaitGroup
	for i := range all {
		asked := p
		if i%2 == 1 {
			asked = NewPassage(before, after, steps)
		}
		wg.Go(func() {
			for n, party := range asked.Parties() {
				everyState(party, func(done []bool) { all[i] += fmt.Sprintln(asked.Judge(n, done)) })
			}
		})
	}
	wg.Wait()
	for i := range all {
		if diff := cmp.Diff(all[0], all[i]); diff != "" {
			t.Fatalf("%d (-first +it)\n%s", i, diff)
		}
	}
}

func BenchmarkPassage(b *testing.B) {
	before, after := teams(1000, 10)
	steps := changedObjects(before, after)
	b.ReportAllocs()
	for b.Loop() {
		p := NewPassage(before, after, steps)
		for i, party := range p.Parties() {
			everyState(party, func(done []bool) { p.Judge(i, done) })
		}
	}
}
