//go:build race

package cost

const slack = 4
