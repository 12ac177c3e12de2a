package kind_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/samples"
)

// For every writing call of the guide's apply: an error ends in the account as
// it was, and a lost answer in success or in the account as it was. The same
// for undoing all of it.
//
// Faults 1, 3, 4, 5, 6, 9, 14: each of them at every call of the guide's example.
func TestGuideFailsSafely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := guideAccount()
		failEverywhere(t, account, "guide", string(samples.Guide))
		mustApply(t, account, string(samples.Guide))
	})
}

// What was made a moment ago is not known everywhere at once. That must not
// fail an apply, nor leave anything undone.
//
// Faults 15, 16: what was just made is not visible everywhere.
func TestEventualConsistency(t *testing.T) {
	t.Parallel()
	for _, reads := range []int{1, 2, 3} {
		synctest.Test(t, func(t *testing.T) {
			account := guideAccount()
			account.SetPropagation(reads)
			mustApply(t, account, string(samples.Guide))
		})
	}
}

// Every sample applies to the account of the guide's example, or says what is
// missing there.
func TestSamples(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{"minimal": samples.Minimal, "guide": samples.Guide} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { mustApply(t, guideAccount(), string(text)) })
		})
	}
}

// No instance finds a role before the role has all that it is given: an agent
// that may not do its work yet is silent for half an hour.
func TestRoleIsWholeBeforeItIsFound(t *testing.T) {
	t.Parallel()
	text := head + "roles: {node: {type: instance, policies: [CloudWatchAgentServerPolicy], buckets: [acme-logs]}}\ninstances: {web: {id: i-1234567890abcdef0, role: node}}\n"
	p := makePlan(t, connect(t, guideAccount()), text)
	at := map[string]int{}
	for i, s := range p.Steps {
		at[s.ID().String()] = i
	}
	profile := p.Steps[at["profile/node"]]
	for _, grant := range []string{"attachment/role/node/aws:AmazonSSMManagedInstanceCore", "attachment/role/node/aws:CloudWatchAgentServerPolicy", "inline/role/node/ssmctl-buckets"} {
		i, planned := at[grant]
		if !planned || !slices.Contains(profile.Waits, i) {
			t.Errorf("the profile does not wait for %s; it waits for %v of %v", grant, profile.Waits, at)
		}
	}
}
