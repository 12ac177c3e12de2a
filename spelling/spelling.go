// Package spelling measures how near one spelling is to another, to tell what
// somebody meant who misspelt a name. It knows nothing of what the names are
// of; how near is near enough is for whoever asks to say.
package spelling

// Distance returns how many letters have to be put in, left out, replaced or
// swapped with their neighbour to make a into b, without regard to ASCII case:
// the optimal string alignment distance. It is limit+1 if it is more than
// limit, which is then cheap to find out. It works on bytes, as AWS's names are
// ASCII.
func Distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	// Rows of the table for the prefixes of a: the one before last, last, this.
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			x, y := lower(a[i]), lower(b[j])
			d := last[j]
			if x != y {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x == lower(b[j-1]) && lower(a[i-1]) == y {
				d = min(d, before[j-1]+1)
			}
			row[j+1], least = d, min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
