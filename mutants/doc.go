// Package mutants shows that the tests of executor, journal and planner can
// fail: each of its mutants is the program with one safety taken out, and the
// tests have to catch nearly all of them.
//
// It holds nothing but tests: the mutants, in tables by the package that they
// change, and what runs the tests of the program on each. No file of the
// program is changed for it, on disk or in git.
//
//	go test ./mutants                                          whether the tables still fit the program, and two mutants
//	go test -v -timeout 0 ./mutants -args -all                 all of them, with a table
//	go test -v -timeout 0 ./mutants -args -only 'guard|lock'   those whose files or names match
//
// The package knows the others as text and as something to test. None may know
// it.
package mutants
