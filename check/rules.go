package check

import "github.com/ssmctl/ssmctl/planner"

// Rules lists the codes of this package, in order. Those of documents are
// package lint's.
var Rules = []planner.Rule{
	{Code: CodeLockOut, Title: "whoever applies the plan would lock himself out", Explain: "The plan takes from its own caller a right that finishing it, or undoing it, needs: the apply would fail half-way and could not be put back. Apply it as somebody else, keep the grant, or make it two plans."},
	{Code: CodeBreakGlass, Title: "a break-glass principal would lose something", Explain: "`break_glass` lists who must get in when nothing else works. A plan that takes anything from one of them is refused. If it is meant, take the principal off the list in an apply of its own."},
	{Code: CodeQuota, Title: "over one of IAM's quotas", Explain: "The account would hold more than IAM allows it, as GetAccountSummary tells. AWS raises most quotas on request (Service Quotas, IAM); or merge policies, and share members out over groups."},
	{Code: CodeNewAccess, Title: "somebody would gain access", Explain: "--no-new-access lets only plans pass that give nobody anything new: neither among the instances and documents there are now, nor among any that may come. What cannot be proven counts as new."},
	{Code: "managed-deprecated", Title: "a policy that AWS is about to withdraw", Explain: "AmazonEC2RoleforSSM lets every instance that carries it read and write all buckets of the account and read all parameters. AWS's documentation names AmazonSSMManagedInstanceCore in its place; `buckets` on the role says where output may go."},
	{Code: "managed-more-than-viewing", Title: "a policy that does more than its area of use needs", Explain: "The name of the policy promises a view of something; its text also allows to change settings of the whole organization. Where that matters, write the few actions that are needed as `inline`."},
	{Code: "managed-reads-secrets", Title: "read-only, secrets included", Explain: "AmazonSSMReadOnlyAccess allows ssm:Get*, and with that the values of all parameters: those under the default key aws/ssm can be read in clear. A restriction with `parameters` says which ones."},
	{Code: "managed-root", Title: "root on every instance", Explain: "Whoever may run AWS-RunShellScript on an instance is root there, and has what the role of the instance may do besides. A restriction says which documents on which instances."},
}
