package lint

import (
	"testing"

	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// words returns all texts of up to n letters, the empty one included.
func words(letters string, n int) []string {
	all := []string{""}
	for begin := 0; n > 0; n-- {
		end := len(all)
		for _, word := range all[begin:end] {
			for _, letter := range letters {
				all = append(all, word+string(letter))
			}
		}
		begin = end
	}
	return all
}

// TestOverlap compares overlap with trying all words. Two patterns of up to
// four characters that share a word share one of up to six.
func TestOverlap(t *testing.T) {
	t.Parallel()
	patterns, texts := words("ab*?", 4), words("ab", 6)
	matches := map[string]map[string]bool{}
	for _, p := range patterns {
		matches[p] = map[string]bool{}
		for _, text := range texts {
			if match.Wild(p, text) {
				matches[p][text] = true
			}
		}
	}
	for _, a := range patterns {
		for _, b := range patterns {
			want := false
			for text := range matches[a] {
				if matches[b][text] {
					want = true
					break
				}
			}
			if got := overlap(a, b); got != want {
				t.Fatalf("overlap(%q, %q) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	const document = "arn:*:ssm:*:*:document/?*"
	for pattern, want := range map[string]bool{
		"*": true,
		"arn:aws:ssm:us-east-1:111122223333:document/deploy": true,
		"arn:aws:ssm:us-east-1::document/AWS-*":              true,
		"arn:aws:ssm:us-east-1:111122223333:doc*":            true,
		"arn:aws:ssm:us-east-1:111122223333:*":               true,
		"arn:aws:ssm:*":                                      true,
		"arn:aws:ssm:*:*:document/${aws:username}":           true,
		"arn:aws:ssm:${aws:x}:*:document/a:b":                true,
		"arn:aws:ssm:us-east-1:111122223333:document/":       false,
		"arn:aws:ec2:us-east-1:111122223333:document/deploy": false,
		"arn:aws:ssm:us-east-1:111122223333:session/*":       false,
	} {
		if got := reaches(pattern, document); got != want {
			t.Errorf("reaches(%q) = %v, want %v", pattern, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		last string
		ok   bool
	}{
		"arn:aws:ssm:us-east-1:111122223333:document/deploy":       {"document/deploy", true},
		"arn:aws:ssm:us-east-1:${aws:PrincipalAccount}:document/a": {"document/a", true},
		"arn:aws:ssm:us-east-1::automation-definition/a:1":         {"automation-definition/a:1", true},
		"arn:aws:ssm:us-east-1:1:parameter/${aws:username}:x":      {"parameter/${aws:username}:x", true},
		"arn:aws:ssm:us-east-1:${aws:username:document/a":          {"username:document/a", true}, // not closed: plain text
		"arn:aws:ssm:us-east-1":                                    {"", false},
		"document/deploy":                                          {"", false},
		"*":                                                        {"", false},
		"":                                                         {"", false},
	} {
		f, ok := split(text)
		if ok != want.ok || ok && f[5] != want.last {
			t.Errorf("split(%q) = %q, %v", text, f, ok)
		}
	}
}
