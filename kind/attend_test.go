package kind_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/executor"
	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/samples"
	"github.com/ssmctl/ssmctl/sandbox"
)

// stored are the changes of a plan as they come back from a journal.
func stored(t *testing.T, p *planner.Plan) []resource.Change {
	t.Helper()
	again := func(o resource.Object) resource.Object {
		if o == nil {
			return nil
		}
		return must(kind.Decode(o.ID(), must(json.Marshal(o))))
	}
	all := make([]resource.Change, len(p.Steps))
	for i, s := range p.Steps {
		all[i] = resource.Change{Before: again(s.Before), After: again(s.After)}
	}
	return all
}

// writes makes a change, going on from what there is while something is not
// visible yet.
func writes(t *testing.T, session *kind.Session, c resource.Change) {
	t.Helper()
	var last error
	for range 100 {
		err := session.Write(t.Context(), c)
		if f, ok := errors.AsType[*resource.Failure](err); !ok || f.Class != resource.NotYet {
			if err != nil {
				t.Fatalf("%s %s: %v", c.Action(), c.ID(), err)
			}
			return
		}
		time.Sleep(time.Second)
		if last = err; !isEvent(c) {
			c.Before = reads(t, session, c.ID())
		}
	}
	t.Fatalf("%s %s is refused for ever: %v", c.Action(), c.ID(), last)
}

// reads returns one object as it is now.
func reads(t *testing.T, session *kind.Session, id resource.ID) resource.Object {
	t.Helper()
	return must(session.Read(t.Context(), []resource.ID{id})).Get(id)
}

// goneOn applies text to copies of the account up to each of its steps, throws
// the session away, and has another one that knows the plan's changes alone
// undo them, and finish them. What is visible only later must not stop it.
func goneOn(t *testing.T, account *sandbox.Server, text string) {
	t.Helper()
	goal := copyOf(t, account)
	session := connect(t, goal)
	p := makePlan(t, session, text)
	if r := run(session, p); r.Outcome != executor.Applied {
		t.Fatalf("%s: %v", r.Outcome, r.Cause)
	}
	before, after := dump(account), dump(goal)
	for done := range len(p.Steps) + 1 {
		for _, finish := range []bool{false, true} {
			if !finish && slices.ContainsFunc(p.Steps[:done], func(s planner.Step) bool { return s.Loss.Final }) {
				continue
			}
			at := copyOf(t, account)
			at.SetPropagation(2)
			first := connect(t, at)
			first.Begin("run")
			steps := makePlan(t, first, text).Steps
			for _, s := range steps[:done] {
				writes(t, first, s.Change)
			}
			second := connect(t, at)
			changes := stored(t, p)
			if err := second.Attend(t.Context(), "test", changes); err != nil {
				t.Fatal(err)
			}
			second.Begin("run")
			if refusals, err := second.Preflight(t.Context(), changes[done:]); err != nil || len(refusals) > 0 {
				t.Errorf("preflight after %d of %d steps: %v, %v", done, len(steps), refusals, err)
			}
			want := before
			if finish {
				want = after
				for _, c := range changes[done:] {
					writes(t, second, c)
				}
			} else {
				for _, c := range slices.Backward(changes[:done]) {
					if _, event := c.After.(resource.Event); !event {
						writes(t, second, c.Inverse())
					}
				}
			}
			if got := settled(at); got != want {
				t.Fatalf("after %d of %d steps, the other session finishing: %t, the account differs (-want +got):\n%s\n%s", done, len(steps), finish, cmp.Diff(want, got), text)
			}
			for i, c := range changes {
				want := c.After
				if !finish && i < done {
					want = c.Before
				}
				if !finish && i >= done || isSpan(c) || isEvent(c) {
					continue
				}
				if got := reads(t, second, c.ID()); !resource.Equal(got, want) {
					t.Errorf("after %d steps, finishing: %t, %s reads as (-want +got):\n%s", done, finish, c.ID(), cmp.Diff(asText(want), asText(got)))
				}
			}
		}
	}
}

func isSpan(c resource.Change) bool {
	_, before := c.Before.(resource.Span)
	_, after := c.After.(resource.Span)
	return before || after
}

func isEvent(c resource.Change) bool {
	_, event := c.After.(resource.Event)
	return event
}

// settled is the dump once everything is visible.
func settled(s *sandbox.Server) string {
	s.SetPropagation(0)
	return dump(s)
}

// A run that was killed after any of its steps is undone, or finished, by a
// process that has the changes of its plan and no spec.
//
// Faults 31, 32: the process is killed before a step is sent, and after its
// effect.
func TestAttend(t *testing.T) {
	t.Parallel()
	t.Run("guide", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(string(samples.Guide), "name: ssm-access", "name: test", 1)
		synctest.Test(t, func(t *testing.T) { goneOn(t, guideAccount(), text) })
	})
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				for _, sections := range append(slices.Clone(example), "groups: {}") {
					text := head + sections + "\n"
					goneOn(t, account, text)
					mustApply(t, account, text)
				}
			})
		})
	}
	t.Run("a description", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			account := guideAccount()
			mustApply(t, account, head+"restrictions: {run: {description: what it was, documents: [AWS-RunPatchBaseline], instances: all}}\n")
			goneOn(t, account, head+"restrictions: {run: {description: another, documents: [AWS-RunShellScript], instances: all}}\n")
			goneOn(t, account, head+"groups: {}\n")
		})
	})
}

// The swap of a stopped instance's profile takes three calls. Whichever of them
// the process was killed at, before or after its effect, another one takes the
// instance back, or goes on.
//
// Faults 32, 34: the process is killed in the middle of a step.
func TestAttendSwap(t *testing.T) {
	t.Parallel()
	id := ids("association/" + web)[0]
	calls := []string{"ec2:ReplaceIamInstanceProfileAssociation", "ec2:DisassociateIamInstanceProfile", "ec2:AssociateIamInstanceProfile"}
	for _, call := range calls {
		for _, effect := range []sandbox.FaultEffect{sandbox.DropBefore, sandbox.DropAfter} {
			for _, finish := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %d, finish %t", call, effect, finish), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						account := guideAccount()
						mustApply(t, account, head+tiedToOne)
						somebody{t, account, clientsOf(account)}.stops(web)
						goal := copyOf(t, account)
						mustApply(t, goal, head+tiedToTwo)
						want := dump(account)
						if finish {
							want = dump(goal)
						}

						first := connect(t, account)
						p := makePlan(t, first, head+tiedToTwo)
						at := slices.IndexFunc(p.Steps, func(s planner.Step) bool { return s.ID() == id })
						for _, s := range p.Steps[:at] {
							writes(t, first, s.Change)
						}
						account.Inject(sandbox.Fault{Operation: call, Effect: effect})
						if err := first.Write(context.Background(), p.Steps[at].Change); err == nil {
							t.Fatal("the write did not fail")
						}
						account.ClearFaults()

						second := connect(t, account)
						changes := stored(t, p)
						if err := second.Attend(t.Context(), "test", changes); err != nil {
							t.Fatal(err)
						}
						ahead := changes[at:]
						if !finish {
							ahead = nil
							for _, c := range slices.Backward(changes[:at+1]) {
								ahead = append(ahead, c.Inverse())
							}
						}
						if ahead[0].Before = reads(t, second, id); ahead[0].Before == nil {
							t.Fatal("the instance reads as if nobody was about to give it a profile")
						}
						for _, c := range ahead {
							writes(t, second, c)
						}
						if got := reads(t, second, id); !resource.Equal(got, ahead[0].After) {
							t.Errorf("it reads as %v, want %v", got, ahead[0].After)
						}
						if got := dump(account); got != want {
							t.Errorf("the account differs (-want +got):\n%s", cmp.Diff(want, got))
						}
					})
				})
			}
		}
	}
}

// What the changes make and take away may not have spread, as if this session
// had written it: AWS's refusals for that reason are not final.
//
// Fault 16: what another process did a moment ago is not known everywhere.
func TestAttendNotYet(t *testing.T) {
	t.Parallel()
	profile := func(name string) kind.Association { return kind.Association{Instance: web, Profile: name} }
	link := kind.Attachment{To: ids("role/one")[0], Policy: readOnlyARN}
	tests := map[string]struct {
		attended []resource.Change
		write    resource.Change
		fault    sandbox.Fault
	}{
		"what a profile took the place of": {
			[]resource.Change{{Before: profile("one"), After: profile("two")}},
			resource.Change{After: profile("one")},
			sandbox.Fault{Operation: "ec2:AssociateIamInstanceProfile", Code: "IncorrectState", Message: "There is an existing association for instance " + web, Status: 400},
		},
		"what was taken away": {
			[]resource.Change{{Before: link}},
			resource.Change{Before: kind.Role{Name: "one", Path: "/"}},
			sandbox.Fault{Operation: "iam:DeleteRole", Code: "DeleteConflict", Status: 409},
		},
		"what was undone": {
			[]resource.Change{{After: link}},
			resource.Change{Before: kind.Role{Name: "one", Path: "/"}},
			sandbox.Fault{Operation: "iam:DeleteRole", Code: "DeleteConflict", Status: 409},
		},
		"what was made": {
			[]resource.Change{{After: kind.Role{Name: "one", Path: "/"}}},
			resource.Change{After: link},
			sandbox.Fault{Operation: "iam:AttachRolePolicy", Code: "NoSuchEntity", Status: 404},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, attends := range []bool{false, true} {
				account := guideAccount()
				by := somebody{t, account, clientsOf(account)}
				by.makesRole("one")
				by.makesProfile("one", "/", "one")
				session := connect(t, account)
				want := resource.Refused
				if attends {
					want = resource.NotYet
					if err := session.Attend(t.Context(), "test", tt.attended); err != nil {
						t.Fatal(err)
					}
				}
				tt.fault.Effect = sandbox.ErrorBefore
				account.Inject(tt.fault)
				if f, ok := errors.AsType[*resource.Failure](session.Write(t.Context(), tt.write)); !ok || f.Class != want {
					t.Errorf("attending: %t: %v, want class %q", attends, f, want)
				}
			}
		})
	}
}
