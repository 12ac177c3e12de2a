package planner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/planner"
)

// An approval of access holds while instances come and go, as long as the
// plan gives the same to the same people.
func TestStaleAccess(t *testing.T) {
	t.Parallel()
	approved := planner.AccessChange{
		Principal: thingID("alice"), Effect: planner.Gain, Actions: []string{"ssm:StartSession"}, Rights: "open sessions",
		On: &planner.AccessSet{Text: "3 instances with App=web", Tags: map[string]string{"App": "web"}, Count: 3},
	}
	on := func(s planner.AccessSet) planner.AccessChange {
		c := approved
		c.On = &s
		return c
	}
	listed := on(planner.AccessSet{Text: "i-1", Names: []string{"i-1"}, Count: 1})
	two := on(planner.AccessSet{Text: "i-1 and i-2", Names: []string{"i-1", "i-2"}, Count: 2})
	member := approved
	member.Members = []string{"bob"}
	for name, tc := range map[string]struct {
		then, now planner.AccessChange
		moved     []planner.Moved
	}{
		"one more with the tag": {approved, on(planner.AccessSet{Text: "4 instances with App=web", Tags: map[string]string{"App": "web"}, Count: 4}), nil},
		"another tag":           {approved, on(planner.AccessSet{Text: "4 instances with App=db", Tags: map[string]string{"App": "db"}, Count: 4}), moved("gain: open sessions on 3 instances with App=web", "gain: open sessions on 4 instances with App=db")},
		"one more by its id":    {listed, two, moved("gain: open sessions on i-1", "gain: open sessions on i-1 and i-2")},
		"a member more":         {approved, member, moved("gain: open sessions on 3 instances with App=web", "gain: open sessions on 3 instances with App=web")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := planner.Stale(planner.File{AccessChanges: []planner.AccessChange{tc.then}}, planner.File{AccessChanges: []planner.AccessChange{tc.now}})
			if d := cmp.Diff(tc.moved, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// moved is what Stale says of alice when one gain takes the place of another.
func moved(then, now string) []planner.Moved {
	return []planner.Moved{{"thing/alice", "access", then, "no such gain"}, {"thing/alice", "access", "no such gain", now}}
}
