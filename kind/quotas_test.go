package kind_test

import (
	"testing"

	"github.com/ssmctl/ssmctl/sandbox"
)

// The account tells its quotas and counts, and that a caller may not ask for
// them is no error.
func TestAccountQuotas(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	got, err := connect(t, account).Quotas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"AttachedPoliciesPerRoleQuota": 10, "UserPolicySizeQuota": 2048, "RolesQuota": 1000, "Groups": 0} {
		if n, told := got[name]; !told || n != want {
			t.Errorf("%s is %d (%v), want %d", name, n, told, want)
		}
	}
	if got["Users"] == 0 {
		t.Errorf("no users are counted")
	}
	account.Inject(sandbox.Fault{Operation: "iam:GetAccountSummary", Effect: sandbox.ErrorBefore, Code: "AccessDenied", Status: 403})
	if got, err := connect(t, account).Quotas(t.Context()); got != nil || err != nil {
		t.Errorf("without the right: %v, %v, want neither", got, err)
	}
	account.ClearFaults()
	account.Inject(sandbox.Fault{Operation: "iam:GetAccountSummary", Effect: sandbox.ErrorBefore, Code: "ServiceFailure", Status: 400})
	if _, err := connect(t, account).Quotas(t.Context()); err == nil {
		t.Errorf("an answer that is none is taken for one")
	}
}
