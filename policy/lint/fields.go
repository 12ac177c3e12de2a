package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy/catalogue"
)

// fieldRules are about the first five fields of an ARN.
var fieldRules = []Rule{
	{
		Code: "arn-account-malformed", Title: "the account in an ARN is no account id", Severity: Error,
		Explanation: "An account id has 12 digits, with zeros in front where it needs them. A name or a placeholder in its place matches no resource.",
		Fix:         "Write the 12 digits.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:ACCOUNT_ID:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnAccountMalformed,
	},
	{
		Code: "arn-foreign-partition", Title: "an ARN is of another partition", Severity: Warning,
		Explanation: "An account sees the resources of its own partition only (aws, aws-cn, aws-us-gov), so the pattern matches none of them. It does no harm in a policy that is meant for several.",
		Fix:         "Write the partition of the account.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws-cn:ssm:cn-north-1:111122223333:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnForeignPartition,
	},
	{
		Code: "arn-region-malformed", Title: "the region in an ARN is no region", Severity: Error,
		Explanation: "A region is such as us-east-1. A zone (us-east-1a), a misspelt one or a placeholder in its place matches no resource.",
		Fix:         "Write the region, or * for every region.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1a:111122223333:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnRegionMalformed,
	},
	{
		Code: "arn-service-unknown", Title: "the service in an ARN is none", Severity: Error,
		Explanation: "ARNs are compared letter by letter, and services are in lower case in them: arn:aws:SSM:... matches nothing. A service that resembles none may have ARNs under another name, so it is only a warning.",
		Fix:         "Write the service as its ARNs have it.",
		Bad:         example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:SSM:us-east-1:111122223333:document/deploy"}`),
		Good:        example(`{"Effect": "Allow", "Action": "ssm:GetDocument", "Resource": "arn:aws:ssm:us-east-1:111122223333:document/deploy"}`),
		check:       arnServiceUnknown,
	},
}

var accountID = regexp.MustCompile(`^([0-9]{12}|aws|aws-managed|amazon|cloudfront)$`)

func arnAccountMalformed(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		account := x.fields[4]
		if account == "" || wild(account) || strings.Contains(x.text, "${") || accountID.MatchString(account) || !catalogue.Detailed(x.fields[2]) {
			return
		}
		mended := x.fields
		mended[4] = r.account()
		r.report(x.path, fmt.Sprintf("%q in %s is not an account id, so %s", account, x.text, s.matches()), "write "+strings.Join(mended[:], ":"))
	})
}

func arnForeignPartition(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		partition := x.fields[1]
		if r.at.Partition == "" || partition == "" || wild(partition) || strings.Contains(partition, "$") || partition == r.at.Partition {
			return
		}
		mended := x.fields
		mended[1] = r.at.Partition
		if mended[3] != "" && !wild(mended[3]) {
			mended[3] = r.region() // no region is in two partitions
		}
		r.report(x.path, fmt.Sprintf("%s is of partition %s, and the account is in %s, so %s there", x.text, partition, r.at.Partition, s.matches()), "write "+strings.Join(mended[:], ":"))
	})
}

var regionForm = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

func arnRegionMalformed(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		region := x.fields[3]
		if region == "" || wild(region) || strings.Contains(region, "$") || regionForm.MatchString(region) || !catalogue.Detailed(x.fields[2]) {
			return
		}
		mended := x.fields
		mended[3] = r.region()
		r.report(x.path, fmt.Sprintf("%q in %s is not a region, so %s", region, x.text, s.matches()), "write "+strings.Join(mended[:], ":"))
	})
}

// otherwise are services whose ARNs go by another name than their actions.
var otherwise = []string{"catalog", "ssm-contacts"}

func arnServiceUnknown(r *reading) {
	r.eachResource(func(s *statement, x resource) {
		service := x.fields[2]
		lower := strings.ToLower(service)
		if service == "" || wild(service) || strings.Contains(service, "$") || service == lower && (catalogue.Service(service) || slices.Contains(otherwise, service)) {
			return
		}
		mended := x.fields
		mended[2] = lower
		if service != lower {
			r.report(x.path, fmt.Sprintf("the services of ARNs are in lower case, unlike %s, so %s", service, s.matches()), "write "+strings.Join(mended[:], ":"))
			return
		}
		r.reportAs(Warning, x.path, fmt.Sprintf("no service has the prefix %s, so it may be that %s", service, s.matches()), "write the service as its ARNs have it")
	})
}
