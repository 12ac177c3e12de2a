// Package simulation shows by simulation that a run keeps its promises
// whatever fails: that nothing is lost, nothing leaks, and the report is true.
//
// All of it is tests. At the first depth, planner, executor and journal work
// on an account in memory that has IAM's rules; at the second, the kinds and
// the AWS SDK as well, on package sandbox. At both, requests and writes to
// disk go wrong in every way and at every place that there is, alone and
// together, processes stop, power fails, other people meddle, and new
// processes finish or undo what was interrupted. The clock is not real, and
// all that is random comes from one seed: a run that went wrong goes wrong
// again when it is replayed.
//
//	go test ./simulation
//		a short programme
//	go test ./simulation -timeout 30m -v -args -runs 1000000 -deep 20000
//		what must hold before a merge
//	go test ./simulation -timeout 0 -v -args -plans 100000 -deep 1000000
//		a night's work
//	go test ./simulation -run TestMemory -v -args -replay 1/234/56
//		one run again, with its trace; -run TestSDK for the second depth
//
// The package knows every other one. None may know it.
package simulation
