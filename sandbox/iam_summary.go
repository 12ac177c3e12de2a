package sandbox

import (
	"cmp"
	"slices"
)

// getAccountSummary counts what there is and tells the quotas, which are the
// defaults of a new account.
func getAccountSummary(c *call, _ none) (out struct{ SummaryMap summary }, err error) {
	versions := 0
	for p := range c.Policies.all {
		versions += len(p.Versions)
	}
	out.SummaryMap = summary{
		{"Users", c.Users.len()},
		{"UsersQuota", userQuota},
		{"Groups", c.Groups.len()},
		{"GroupsQuota", groupQuota},
		{"Roles", c.Roles.len()},
		{"RolesQuota", roleQuota},
		{"Policies", c.Policies.len()},
		{"PoliciesQuota", policyQuota},
		{"PolicyVersionsInUse", versions},
		{"PolicyVersionsInUseQuota", 10000},
		{"InstanceProfiles", c.Profiles.len()},
		{"InstanceProfilesQuota", profileQuota},
		{"GroupsPerUserQuota", groupsPerUserQuota},
		{"AttachedPoliciesPerUserQuota", attachmentQuota},
		{"AttachedPoliciesPerGroupQuota", attachmentQuota},
		{"AttachedPoliciesPerRoleQuota", attachmentQuota},
		{"UserPolicySizeQuota", userKind.inlineQuota()},
		{"GroupPolicySizeQuota", groupKind.inlineQuota()},
		{"RolePolicySizeQuota", roleKind.inlineQuota()},
		{"PolicySizeQuota", managedQuota},
		{"VersionsPerPolicyQuota", versionQuota},
		{"AssumeRolePolicySizeQuota", trustQuota},
		{"AccessKeysPerUserQuota", keysPerUser},
		{"SigningCertificatesPerUserQuota", 2},
		{"MFADevices", 0},
		{"MFADevicesInUse", 0},
		{"AccountMFAEnabled", 0},
		{"AccountAccessKeysPresent", 0},
		{"AccountSigningCertificatesPresent", 0},
		{"AccountPasswordPresent", 1},
		{"ServerCertificates", 0},
		{"ServerCertificatesQuota", 20},
		{"Providers", 0},
		{"GlobalEndpointTokenVersion", 1},
	}
	slices.SortFunc(out.SummaryMap, func(a, b summaryEntry) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

// A summary is a map on the wire of the query protocol.
type summary []summaryEntry

type summaryEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

// listAccountAliases finds none: the sandbox has no call to make one.
func listAccountAliases(*call, paging) (out struct {
	AccountAliases []string
	truncation
}, err error,
) {
	return out, nil
}
