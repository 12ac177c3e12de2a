package check_test

import (
	"strings"
	"testing"

	"github.com/ssmctl/ssmctl/access"
	"github.com/ssmctl/ssmctl/check"
	"github.com/ssmctl/ssmctl/resource"
)

// The rules take what package access finds to differ as it comes: nodes that
// are launched or tagged are access too, though no policy changes.
func TestCompared(t *testing.T) {
	t.Parallel()
	const alice = "user/alice attachment/user/alice/web "
	tests := map[string]struct {
		before, after string
		code          string   // of the refusal; "" for none
		want          []string // what its text says
	}{
		"a tag that lets in":    {alice + "instance/i-1=App=db", alice + "instance/i-1=App=web", check.CodeNewAccess, []string{"access.yaml:3:1", "user/alice would gain", "i-1", "ssm:SendCommand", "once it changes instance/i-1", "attachment/user/alice/web"}},
		"a launch":              {alice, alice + "instance/i-2=App=web", check.CodeNewAccess, []string{"access.yaml:3:1", "user/alice would gain", "i-2", "once it creates instance/i-2"}},
		"a launch out of reach": {alice, alice + "instance/i-2=App=db", "", nil},
		"a member":              {"user/alice user/bob group/g membership/g/alice attachment/group/g/web instance/i-1=App=web", "user/alice user/bob group/g membership/g/alice attachment/group/g/web instance/i-1=App=web membership/g/bob", check.CodeNewAccess, []string{"access.yaml:7:1", "user/bob would gain", "ssm:SendCommand", "once it creates membership/g/bob", "through membership/g/bob -> attachment/group/g/web"}},
		"a tag that shuts out":  {alice + "instance/i-1=App=web", alice + "instance/i-1=App=db", check.CodeBreakGlass, []string{"access.yaml:3:1", "user/alice is break-glass", "ssm:SendCommand", "once it changes instance/i-1"}},
		"other words":           {alice + "instance/i-1=App=web", "user/alice inline/user/alice/p=web instance/i-1=App=web", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.before, tt.after)
			in.Changes = access.Compare(in.Before, in.After)
			in.NoNewAccess, in.BreakGlass = true, []resource.ID{id("user", "alice")}
			refused, _ := check.Run(in)
			if tt.code == "" {
				if len(refused) > 0 {
					t.Errorf("refused: %v", refused)
				}
				return
			}
			if len(refused) != 1 || refused[0].Code != tt.code {
				t.Fatalf("%d refusals, want one of %s: %v", len(refused), tt.code, refused)
			}
			for _, want := range tt.want {
				if got := refused[0].String(); !strings.Contains(got, want) {
					t.Errorf("%q does not say %q", got, want)
				}
			}
		})
	}
}
