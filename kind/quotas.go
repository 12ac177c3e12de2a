package kind

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// Quotas returns what IAM says of the account's size, by the names of
// GetAccountSummary: quotas such as "AttachedPoliciesPerRoleQuota", and how
// many there are of what, such as "Roles". It is nil if the caller may not ask.
func (s *Session) Quotas(ctx context.Context) (map[string]int, error) {
	got, err := s.read.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if slices.Contains(deniedCodes, code(err)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the account's quotas: %w", plain(err))
	}
	quotas := make(map[string]int, len(got.SummaryMap))
	for name, n := range got.SummaryMap {
		quotas[name] = int(n)
	}
	return quotas, nil
}
