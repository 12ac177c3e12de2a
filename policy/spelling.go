package policy

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// IAM does not tell actions, condition keys and operators apart by case, so
// canonical form has to pick one spelling of each: AWS's own for those listed
// here, lower case for all others. Which one is picked depends on nothing but
// the name in lower case.

// actions are the actions of IAM, EC2, S3, STS, Systems Manager and its
// relatives, as AWS spells them: one a line, in byte order.
//
//go:embed actions.txt
var actions string

// conditionKeys are AWS's global keys and those of the same services. One that
// ends in a slash stands for all keys that begin so.
var conditionKeys = strings.Fields(`
	aws:AssumedRoot aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn aws:CurrentTime
	aws:Ec2InstanceSourcePrivateIPv4 aws:Ec2InstanceSourceVpc aws:EpochTime aws:FederatedProvider
	aws:IsMcpServiceAction aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount
	aws:PrincipalArn aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths
	aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalTag/ aws:PrincipalType
	aws:RequestTag/ aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths
	aws:ResourceTag/ aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp
	aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys
	aws:TokenIssueTime aws:UserAgent aws:ViaAWSService aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths
	aws:VpcSourceIp aws:referer aws:userid aws:username
	ec2:CreateAction ec2:InstanceProfile ec2:InstanceType ec2:MetadataHttpTokens ec2:NewInstanceProfile
	ec2:Owner ec2:Region ec2:ResourceTag/ ec2:RoleDelivery ec2:SourceInstanceARN ec2:Subnet ec2:Vpc
	iam:AWSServiceName iam:AssociatedResourceArn iam:PassedToService iam:PermissionsBoundary iam:PolicyARN
	iam:ResourceTag/ kms:ViaService s3:ExistingObjectTag/ s3:ResourceAccount s3:prefix s3:x-amz-acl
	SAML:aud SAML:edupersonorgdn SAML:iss SAML:namequalifier SAML:sub SAML:sub_type
	ssm:AccessRequestId ssm:AutoApprove ssm:DocumentCategories ssm:DocumentType ssm:DocumentVersion
	ssm:InventoryTypeName ssm:Overwrite ssm:Policies ssm:Recursive ssm:SessionDocumentAccessCheck
	ssm:SourceInstanceARN ssm:SyncType ssm:resourceTag/
	sts:AWSServiceName sts:ExternalId sts:RequestContext/ sts:RoleSessionName sts:SourceIdentity
	sts:TransitiveTagKeys`)

// operators are the comparisons of a condition, without IfExists and without
// ForAllValues: and ForAnyValue:.
var operators = strings.Fields(`
	StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike
	NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan
	NumericGreaterThanEquals DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan
	DateGreaterThanEquals Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnNotEquals ArnLike ArnNotLike
	Null`)

var (
	knownActions = sync.OnceValue(func() (known struct{ folded, spelled []string }) {
		known.spelled = slices.SortedFunc(strings.FieldsSeq(actions), func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
		for _, action := range known.spelled {
			known.folded = append(known.folded, fold(action))
		}
		return known
	})
	knownKeys      = sync.OnceValue(func() map[string]string { return byFolded(conditionKeys) })
	knownOperators = sync.OnceValue(func() map[string]string { return byFolded(operators) })
)

// spellAction returns an action, or a pattern of actions, in its one spelling.
// Of a pattern, the part before the first wildcard is spelled as the first
// action that begins so.
func spellAction(action string) string {
	folded := fold(action)
	literal, _, pattern := strings.Cut(strings.ReplaceAll(folded, "?", "*"), "*")
	known := knownActions()
	i, exact := slices.BinarySearch(known.folded, literal)
	if exact || pattern && i < len(known.folded) && strings.HasPrefix(known.folded[i], literal) {
		return known.spelled[i][:len(literal)] + folded[len(literal):]
	}
	return folded
}

// spellKey returns a condition key in its one spelling. Tag keys count too:
// aws:ResourceTag/Env and aws:ResourceTag/env are one key to IAM.
func spellKey(key string) string {
	prefix, rest := fold(key), ""
	if i := strings.IndexByte(prefix, '/'); i >= 0 {
		prefix, rest = prefix[:i+1], prefix[i+1:]
	}
	if known, ok := knownKeys()[prefix]; ok {
		prefix = known
	}
	return prefix + rest
}

// spellOperator returns an operator in AWS's spelling, or as it is if IAM
// knows no such operator.
func spellOperator(operator string) string {
	if known, ok := lookupOperator(operator); ok {
		return known
	}
	return operator
}

// lookupOperator returns the operator that IAM knows by that name.
func lookupOperator(name string) (operator string, ok bool) {
	folded, set, ifExists := fold(name), "", ""
	for _, prefix := range []string{"ForAllValues:", "ForAnyValue:"} {
		if rest, ok := strings.CutPrefix(folded, fold(prefix)); ok {
			folded, set = rest, prefix
			break
		}
	}
	if rest, ok := strings.CutSuffix(folded, "ifexists"); ok {
		folded, ifExists = rest, "IfExists"
	}
	known, ok := knownOperators()[folded]
	if known == "Null" && set+ifExists != "" {
		return "", false // it asks whether the key exists, so neither makes sense
	}
	return set + known + ifExists, ok
}

// fold returns s with the letters A to Z in lower case. Nothing else has case
// to IAM.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func byFolded(names []string) map[string]string {
	m := make(map[string]string, len(names))
	for _, name := range names {
		m[fold(name)] = name
	}
	return m
}
