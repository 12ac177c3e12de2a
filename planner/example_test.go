package planner_test

import (
	"fmt"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
)

// A plan says what differs, in an order that is safe at every step.
func ExampleMake() {
	group := thing{Name: "operators"}
	member := tie{From: "operators", To: "alice"}
	alice := thing{Name: "alice"} // the spec only mentions her

	desired, _ := resource.NewState(member, group)
	live, _ := resource.NewState(alice)
	p, err := planner.Make(planner.Input{
		Desired: &resource.Desired{State: desired},
		Live:    &resource.Live{State: live},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, s := range p.Steps {
		fmt.Println(i, s.Action(), s.ID(), s.Waits)
	}
	// Output:
	// 0 create thing/operators []
	// 1 create tie/operators/alice [0]
}

// What must not be done is refused, with all the reasons at once.
func ExampleRefused() {
	desired, _ := resource.NewState(tie{From: "operators", To: "alcie"})
	live, _ := resource.NewState(thing{Name: "alice"}, thing{Name: "operators"})
	_, err := planner.Make(planner.Input{
		Desired: &resource.Desired{State: desired},
		Live:    &resource.Live{State: live},
	})
	fmt.Println(err)
	// Output:
	// tie/operators/alcie needs thing/alcie, which is neither in the account nor declared in the spec [P002]; did you mean thing/alice? Otherwise declare it, or create it first: a spec does not create what it only mentions
}
