package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/policy/internal/match"
)

// trustRules are about who may assume a role.
var trustRules = []Rule{
	{
		Code: "service-in-principal-empty", Title: "a trust policy names an empty service", Severity: Error,
		Explanation: `Templates for the guide's trust policy come with "Service": ["", ""]. IAM refuses it; a checker that only looks at the form takes it.`,
		Fix:         "Write ec2.amazonaws.com for the profile of EC2 instances, ssm.amazonaws.com for hybrid activations and automations.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"Service": ["", ""]}, "Action": "sts:AssumeRole"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "invalid-principal", Title: "a trust policy names what cannot be a principal", Severity: Error,
		Explanation: "A principal is an account, the ARN of a user, a role or a session, a service, or an identity provider, and holds no wildcard. IAM refuses any other with \"Invalid principal in policy\".",
		Fix:         "Name the principal in one of these forms, or trust the account and say who by a condition on aws:PrincipalArn.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci-*"}, "Action": "sts:AssumeRole"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ci-*"}}}`),
		check:       (*reading).grammar,
	},
	{
		Code: "principal-deleted", Title: "a trust policy names a user or role that was deleted", Severity: Error,
		Explanation: "IAM keeps a principal's unique id and shows that in place of the ARN once the principal is gone. Another one of the same name has another id and is not trusted. IAM refuses the id when the policy is written again.",
		Fix:         "Write the ARN of the principal that is meant now, or remove the id.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}, "Action": "sts:AssumeRole"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/ci"}, "Action": "sts:AssumeRole"}`),
		check:       (*reading).grammar,
	},
	{
		Code: "trusts-everyone", Title: "every AWS account is trusted", Severity: Warning,
		Explanation: "Whoever has any AWS account can assume the role unless a condition says who: of the caller's account, organisation or ARN, or an external id that is secret.",
		Fix:         "Name the accounts, or add a condition on aws:PrincipalOrgID or aws:PrincipalArn.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}`),
		check:       trustsEveryone,
	},
	{
		Code: "allow-notprincipal", Title: "everybody but some is trusted", Severity: Warning,
		Explanation: "NotPrincipal with Allow trusts every principal of AWS that is not listed, those of other accounts and anonymous ones included.",
		Fix:         "Name who is trusted under Principal.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/amy"}, "Action": "sts:AssumeRole"}`),
		Good:        example(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}`),
		check:       allowNotPrincipal,
	},
	{
		Code: "oidc-without-subject", Title: "an identity provider's every user is trusted", Severity: Warning,
		Explanation: "A provider such as token.actions.githubusercontent.com gives tokens to everybody. The audience says only for whom a token was made; whose it is, is in the subject.",
		Fix:         "Add a condition on the provider's :sub key.",
		Use:         policy.ForTrust,
		Bad: example(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity",` +
			` "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}`),
		Good: example(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity",` +
			` "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:acme/web:ref:refs/heads/main"}}}`),
		check: oidcWithoutSubject,
	},
	{
		Code: "service-trust-unconditioned", Title: "Systems Manager may act with the role for any account", Severity: Suggestion,
		Explanation: "Without a condition, Systems Manager acting for someone else's account can be made to use the role (the confused deputy). AWS advises conditions on the source for roles of hybrid activations and automations; for the role of Default Host Management it gives none.",
		Fix:         "Add StringEquals aws:SourceAccount and ArnEquals aws:SourceArn.",
		Use:         policy.ForTrust,
		Bad:         example(`{"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}`),
		Good: example(`{"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole",` +
			` "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnEquals": {"aws:SourceArn": "arn:aws:ssm:us-east-1:111122223333:*"}}}`),
		check: serviceTrustUnconditioned,
	},
}

// principalCode returns the code of what Check finds at a principal.
func principalCode(path policy.Path, value string, given bool) string {
	switch {
	case given && value == "" && path[3] == "Service":
		return "service-in-principal-empty"
	case given && len(value) > 4 && slices.Contains([]string{"AIDA", "AROA", "AGPA", "ANPA", "AIPA"}, value[:4]) && !strings.ContainsFunc(value, func(c rune) bool { return !letterOrDigit(c) }):
		return "principal-deleted"
	}
	return "invalid-principal"
}

func trustsEveryone(r *reading) {
	for _, s := range r.statements {
		if !s.allow || s.Principal == nil {
			continue
		}
		i := slices.Index(s.Principal.AWS, "*")
		_, limited := s.test(func(t test) bool {
			return t.requires() && t.Base != match.Null && (strings.HasPrefix(t.folded, "aws:principal") || t.folded == "sts:externalid" || t.folded == "aws:sourceaccount" || t.folded == "aws:sourcearn" || strings.HasPrefix(t.folded, "aws:sourceorg") || t.folded == "aws:userid" || t.folded == "aws:username")
		})
		if i >= 0 && !limited {
			r.report(to(s.path, "Principal", "AWS", fmt.Sprint(i)), "the role trusts every account of AWS, and no condition says whose", `name the accounts, or add "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-..."}}`)
		}
	}
}

func allowNotPrincipal(r *reading) {
	for _, s := range r.statements {
		if s.allow && s.NotPrincipal != nil && r.use == policy.ForTrust {
			r.report(to(s.path, "NotPrincipal"), "whoever is not listed may assume the role, of whatever account", "name who may, under Principal")
		}
	}
}

func oidcWithoutSubject(r *reading) {
	for _, s := range r.statements {
		if !s.allow || s.Principal == nil || !s.covers("sts:AssumeRoleWithWebIdentity") {
			continue
		}
		for i, provider := range s.Principal.Federated {
			_, name, oidc := strings.Cut(provider, ":oidc-provider/")
			_, limited := s.test(func(t test) bool {
				return t.folded == match.Fold(name)+":sub" && t.requires() && t.Base != match.Null && !t.is("*")
			})
			if oidc && !limited {
				r.report(to(s.path, "Principal", "Federated", fmt.Sprint(i)), fmt.Sprintf("whoever %s gives a token to may assume the role: no condition is on the subject", name),
					fmt.Sprintf(`add %q under StringEquals or StringLike, with the subjects that are meant`, name+":sub"))
			}
		}
	}
}

func serviceTrustUnconditioned(r *reading) {
	for _, s := range r.statements {
		if !s.allow || s.Principal == nil {
			continue
		}
		i := slices.Index(s.Principal.Service, "ssm.amazonaws.com")
		if i >= 0 && !s.present("aws:sourceaccount") && !s.present("aws:sourcearn") {
			r.report(to(s.path, "Principal", "Service", fmt.Sprint(i)), "Systems Manager may assume the role on behalf of any account",
				fmt.Sprintf(`for a hybrid activation or an automation, add "Condition": {"StringEquals": {"aws:SourceAccount": %q}, "ArnEquals": {"aws:SourceArn": %q}}`, r.account(), r.ssm("*")))
		}
	}
}
