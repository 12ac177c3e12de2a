package kind_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ssmctl/ssmctl/kind"
)

// Fault 8: no code, key or password can be lost with an answer, since nothing
// that ssmctl does makes one.
func TestMakesNoCredentials(t *testing.T) {
	t.Parallel()
	making := []string{"CreateActivation", "CreateAccessKey", "CreateLoginProfile", "CreateServiceSpecificCredential", "UploadSSHPublicKey", "GetAccessToken", "CreateKeyPair"}
	for name, example := range kind.Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				account := guideAccount()
				for _, sections := range append(slices.Clone(example), "groups: {}") {
					mustApply(t, account, head+sections+"\n")
				}
				for _, r := range account.Requests() {
					if slices.Contains(making, r.Operation) {
						t.Errorf("%s:%s was called", r.Service, r.Operation)
					}
				}
			})
		})
	}
}
