package view_test

import (
	"fmt"
	"log"
	"os"

	"github.com/ssmctl/ssmctl/planner"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/view"
)

func ExamplePlan() {
	f := planner.File{
		Spec:        planner.Spec{Name: "web-fleet", File: "access.yaml"},
		Environment: planner.Environment{Account: "123456789012", Partition: "aws", Region: "us-east-1", Caller: "arn:aws:iam::123456789012:user/wes"},
		ResourceChanges: []planner.ResourceChange{{
			Address: "membership/operators/alice", Type: "membership", Name: "operators/alice",
			Source: &resource.Position{File: "access.yaml", Line: 9, Column: 16},
			Change: planner.ValueChange{Actions: []resource.Action{resource.Create}, After: []byte(`{"group":"operators","user":"alice"}`)},
		}},
		Steps:     []planner.FileStep{{ID: 1, Resource: resource.ID{Kind: "membership", Name: "operators/alice"}, Action: resource.Create}},
		Unchanged: 14, Applyable: true, Complete: true,
	}
	if err := view.Plan(os.Stdout, f, view.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// web-fleet -> account 123456789012 us-east-1, as user/wes   access.yaml
	//
	// Changes
	//   ~ group/operators                             access.yaml:9
	//       + member    alice
	//
	// Plan: 1 to add, 0 to change, 0 to destroy.
	// 1 step; all can be undone. 14 resources unchanged.
}

func ExampleEscape() {
	fmt.Println(view.Escape("admin\x1b[2K\r\nrole/innocent"))
	fmt.Println(view.Escape("::add-mask::x"))
	// Output:
	// admin\x1b[2K\r\nrole/innocent
	// \::add-mask::x
}
