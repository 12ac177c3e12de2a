package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/resource"
)

// What every rule finds comes in the order of the spec, what it is not in
// last; and a plan that changes nothing passes whatever there is.
func TestRun(t *testing.T) {
	t.Parallel()
	const after = "role/new=wide user/alice attachment/user/alice/admin inline/user/alice/fence=no-iam user/root"
	in := input(t, "user/alice attachment/user/alice/admin user/root attachment/user/root/s3", after)
	in.Caller, in.BreakGlass, in.NoNewAccess = alice, []resource.ID{id("user", "root")}, true
	refused, _ := check.Run(in)
	var got []string
	for _, r := range refused {
		at := "nowhere"
		if r.Position != nil {
			at = r.Position.String()
		}
		got = append(got, at+" "+r.Code+" "+r.ID.String())
	}
	want := []string{
		"access.yaml:1:1 P013 role/new",
		"access.yaml:4:1 P011 inline/user/alice/fence",
		"nowhere P012 attachment/user/root/s3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	in = input(t, after, after)
	in.Caller, in.BreakGlass, in.NoNewAccess = "arn:aws:iam::999999999999:user/eve", []resource.ID{id("user", "root")}, true
	if got := said(check.Run(in)); len(got) > 0 {
		t.Errorf("of a plan that changes nothing: %v", got)
	}
}

// BenchmarkRun applies every rule to a plan that changes what 1,000 users of a
// group hold.
func BenchmarkRun(b *testing.B) {
	users := many("user/u%d membership/g/u%d attachment/user/u%d/less", 1, 1000)
	in := input(b, users+"group/g policy/p=read attachment/group/g/p", users+"group/g policy/p=split attachment/group/g/p")
	in.Caller, in.NoNewAccess = "arn:aws:iam::"+account+":user/u1", true
	in.BreakGlass = []resource.ID{id("user", "u2")}
	for b.Loop() {
		if refused, _ := check.Run(in); len(refused) > 0 {
			b.Fatal(refused)
		}
	}
}
