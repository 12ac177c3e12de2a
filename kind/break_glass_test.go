package kind_test

import (
	"strings"
	"testing"
)

// What break_glass names must be there, or be declared; and stay.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	account := guideAccount()
	mustApply(t, account, head+"users: {svc: {}}\n")
	tests := map[string]struct{ sections, want string }{
		"there":          {"break_glass: [user/alice]\nusers: {svc: {}}", ""},
		"declared":       {"break_glass: [user/svc, role/ops]\nusers: {svc: {}}\nroles: {ops: {type: instance}}", ""},
		"not there":      {"break_glass: [user/alice, user/alise]\nusers: {svc: {}}", "break_glass/user/alise needs user/alise, which is neither in the account nor declared in the spec [P002]; did you mean user/alice? Otherwise declare it, or create it first: a spec does not create what it only mentions"},
		"a role of none": {"break_glass: [role/alice]\nusers: {svc: {}}", "break_glass/role/alice needs role/alice"},
		"on its way out": {"break_glass: [user/svc]\nusers: {other: {}}", "break_glass/user/svc needs user/svc, which this plan deletes [P003]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := tryPlan(t, connect(t, account), head+tt.sections+"\n")
			got := ""
			if err != nil {
				got = err.Error()
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if err == nil && kindsOf(p)["break_glass"] {
				t.Errorf("the plan has a step for what it only mentions")
			}
		})
	}
}
