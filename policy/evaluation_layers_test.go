package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ssmctl/ssmctl/policy"
)

const (
	home    = "111122223333"
	abroad  = "444455556666"
	bob     = "arn:aws:iam::111122223333:user/team/bob"
	oncall  = "arn:aws:iam::111122223333:role/ops/OnCall"
	ana     = "arn:aws:sts::111122223333:assumed-role/OnCall/ana@corp"
	fed     = "arn:aws:sts::111122223333:federated-user/carol"
	rootARN = "arn:aws:iam::111122223333:root"
	object  = "arn:aws:s3:::cmd-output/out.txt"
)

// reads allows or denies what the requests of these tests ask, to whom is
// named: nothing more for an identity.
func reads(effect string, principals ...string) policy.Document {
	s := policy.Statement{Effect: effect, Action: []string{"s3:GetObject", "sts:AssumeRole", "kms:Decrypt"}, Resource: []string{"*"}}
	if principals != nil {
		s.Principal = &policy.Principals{AWS: principals}
	}
	return policy.New(s)
}

// not is a policy of a resource about all but the principals.
func not(effect string, principals ...string) *policy.Document {
	d := reads(effect)
	d.Statements[0].NotPrincipal = &policy.Principals{AWS: principals}
	return &d
}

var (
	yes    = reads("Allow")
	no     = reads("Deny")
	silent = policy.New(policy.Allow("ec2:*").On("*"))
)

func docs(d ...policy.Document) []policy.Document { return d }

// The outcome of a request is written as its verdict, the deciding statements
// as layer:level.document.statement, and the lacking layers after a minus.
func outcome(d policy.Decision) string {
	var b strings.Builder
	b.WriteString(d.Verdict.String())
	for _, by := range d.By {
		b.WriteString(" " + by.Layer.String() + ":" + digits(by.Level) + "." + digits(by.Document) + "." + digits(by.Statement))
	}
	for _, layer := range d.Lacking {
		b.WriteString(" -" + layer.String())
	}
	return b.String()
}

func digits(n int) string { return string(rune('0' + n)) }

func TestDecideLayers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		principal string
		policies  policy.Policies
		want      string
	}{
		"nothing":                         {bob, policy.Policies{}, "implicit-deny -identity"},
		"identity":                        {bob, policy.Policies{Identity: docs(silent, yes)}, "allow identity:0.1.0"},
		"two statements":                  {bob, policy.Policies{Identity: docs(yes, policy.New(silent.Statements[0], yes.Statements[0]))}, "allow identity:0.0.0 identity:0.1.1"},
		"identity denies":                 {bob, policy.Policies{Identity: docs(yes, no)}, "explicit-deny identity:0.1.0"},
		"boundary is silent":              {bob, policy.Policies{Identity: docs(yes), Boundary: docs(silent)}, "implicit-deny identity:0.0.0 -boundary"},
		"boundary alone":                  {bob, policy.Policies{Boundary: docs(yes)}, "implicit-deny boundary:0.0.0 -identity"},
		"boundary and identity":           {bob, policy.Policies{Identity: docs(yes), Boundary: docs(yes)}, "allow identity:0.0.0 boundary:0.0.0"},
		"boundary denies":                 {bob, policy.Policies{Identity: docs(yes), Boundary: docs(yes, no)}, "explicit-deny boundary:0.1.0"},
		"an empty boundary says nothing":  {bob, policy.Policies{Identity: docs(yes), Boundary: docs(policy.Document{})}, "implicit-deny identity:0.0.0 -boundary"},
		"no boundary, no session":         {bob, policy.Policies{Identity: docs(yes), Boundary: docs(), Session: docs()}, "allow identity:0.0.0"},
		"session is silent":               {ana, policy.Policies{Identity: docs(yes), Session: docs(silent)}, "implicit-deny identity:0.0.0 -session"},
		"session and identity":            {ana, policy.Policies{Identity: docs(yes), Session: docs(silent, yes)}, "allow identity:0.0.0 session:0.1.0"},
		"session alone":                   {ana, policy.Policies{Session: docs(yes)}, "implicit-deny session:0.0.0 -identity"},
		"session denies":                  {ana, policy.Policies{Identity: docs(yes), Session: docs(no)}, "explicit-deny session:0.0.0"},
		"every level of SCPs":             {bob, policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{yes}, {silent, yes}}}, "allow identity:0.0.0 scp:0.0.0 scp:1.1.0"},
		"a level of SCPs is silent":       {bob, policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{yes}, {silent}}}, "implicit-deny identity:0.0.0 scp:0.0.0 -scp"},
		"the first level is silent":       {bob, policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{silent}, {yes}}}, "implicit-deny identity:0.0.0 scp:1.0.0 -scp"},
		"a level of no SCP":               {bob, policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{}}}, "implicit-deny identity:0.0.0 -scp"},
		"an SCP denies":                   {bob, policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{yes}, {yes, no}}}, "explicit-deny scp:1.1.0"},
		"all that denies is told":         {ana, policy.Policies{Identity: docs(no), Boundary: docs(no), SCPs: [][]policy.Document{{no}}, Session: docs(no), Resource: ptr(reads("Deny", "*"))}, "explicit-deny identity:0.0.0 boundary:0.0.0 scp:0.0.0 session:0.0.0 resource:0.0.0"},
		"all that is lacking is told":     {ana, policy.Policies{Boundary: docs(silent), SCPs: [][]policy.Document{{silent}, {silent}}, Session: docs(silent)}, "implicit-deny -identity -boundary -scp -session"},
		"SCPs bind root":                  {rootARN, policy.Policies{SCPs: [][]policy.Document{{silent}}}, "implicit-deny -scp"},
		"root needs no policy":            {rootARN, policy.Policies{}, "allow"},
		"root by its account's id":        {home, policy.Policies{}, "allow"},
		"root can be denied":              {rootARN, policy.Policies{Resource: ptr(reads("Deny", home))}, "explicit-deny resource:0.0.0"},
		"SCPs spare service-linked roles": {"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonSSM/x", policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{no}}}, "allow identity:0.0.0"},
		"so by the role's path":           {"arn:aws:iam::111122223333:role/aws-service-role/ssm.amazonaws.com/X", policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{silent}}}, "allow identity:0.0.0"},
		"SCPs bind roles of such a name":  {"arn:aws:iam::111122223333:role/AWSServiceRoleForX", policy.Policies{Identity: docs(yes), SCPs: [][]policy.Document{{silent}}}, "implicit-deny identity:0.0.0 -scp"},
		"SCPs do not bind services":       {"ec2.amazonaws.com", policy.Policies{SCPs: [][]policy.Document{{no}}, Resource: ptr(policy.New(yes.Statements[0].By(policy.Principals{Service: []string{"ec2.amazonaws.com"}})))}, "allow resource:0.0.0"},
		"a service has no identity":       {"ec2.amazonaws.com", policy.Policies{Identity: docs(yes)}, "implicit-deny -resource"},
		"elements of principals have no place in an identity's": {bob, policy.Policies{Identity: docs(reads("Allow", "nobody"))}, "allow identity:0.0.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := outcome(test.policies.Decide(policy.Request{Principal: test.principal, Action: "s3:GetObject", Resource: object}))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func ptr(d policy.Document) *policy.Document { return &d }

// TestDecideResource asks what the policy of a resource does for several
// callers: without more; with a silent boundary; with an identity that allows.
func TestDecideResource(t *testing.T) {
	t.Parallel()
	const sessionARN = ana
	tests := map[string]struct {
		principal, account string
		resource           *policy.Document
		want               [3]string
	}{
		"no policy":                         {bob, home, nil, [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"a silent one":                      {bob, home, &silent, [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"one without principals":            {bob, home, &yes, [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"a deny without principals":         {bob, home, &no, [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the user":                          {bob, home, ptr(reads("Allow", bob)), [3]string{"allow", "allow", "allow"}},
		"the user without the path":         {bob, home, ptr(reads("Allow", "arn:aws:iam::111122223333:user/bob")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"another user":                      {bob, home, ptr(reads("Allow", "arn:aws:iam::111122223333:user/eve")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"wildcards name nobody":             {bob, home, ptr(reads("Allow", "arn:aws:iam::111122223333:user/*")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the account":                       {bob, home, ptr(reads("Allow", home)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the account's root":                {bob, home, ptr(reads("Allow", rootARN)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"another account":                   {bob, home, ptr(reads("Allow", abroad)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"everyone":                          {bob, home, ptr(reads("Allow", "*")), [3]string{"allow", "implicit-deny", "allow"}},
		"anyone":                            {bob, home, ptr(policy.New(yes.Statements[0].By(policy.Principals{Anyone: true}))), [3]string{"allow", "implicit-deny", "allow"}},
		"the user and everyone":             {bob, home, ptr(reads("Allow", "*", bob)), [3]string{"allow", "allow", "allow"}},
		"everyone and the account":          {bob, home, ptr(reads("Allow", "*", home)), [3]string{"allow", "implicit-deny", "allow"}},
		"the user, then the account":        {bob, home, ptr(policy.New(reads("Allow", bob).Statements[0], reads("Allow", home).Statements[0])), [3]string{"allow", "allow", "allow"}},
		"the session":                       {sessionARN, home, ptr(reads("Allow", sessionARN)), [3]string{"allow", "allow", "allow"}},
		"another session":                   {sessionARN, home, ptr(reads("Allow", "arn:aws:sts::111122223333:assumed-role/OnCall/eve")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the session's role":                {sessionARN, home, ptr(reads("Allow", oncall)), [3]string{"allow", "implicit-deny", "allow"}},
		"the session's role, in no path":    {sessionARN, home, ptr(reads("Allow", "arn:aws:iam::111122223333:role/OnCall")), [3]string{"allow", "implicit-deny", "allow"}},
		"a role of a longer name":           {sessionARN, home, ptr(reads("Allow", "arn:aws:iam::111122223333:role/NotOnCall")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"a role of another account":         {sessionARN, home, ptr(reads("Allow", "arn:aws:iam::444455556666:role/OnCall")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"a role of another partition":       {sessionARN, home, ptr(reads("Allow", "arn:aws-cn:iam::111122223333:role/OnCall")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the role":                          {oncall, home, ptr(reads("Allow", oncall)), [3]string{"allow", "implicit-deny", "allow"}},
		"a session is not the role":         {oncall, home, ptr(reads("Allow", sessionARN)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"the federated user":                {fed, home, ptr(reads("Allow", fed)), [3]string{"allow", "allow", "allow"}},
		"the account of the session":        {sessionARN, home, ptr(reads("Allow", home)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"denied to the role":                {sessionARN, home, ptr(reads("Deny", oncall)), [3]string{"explicit-deny", "explicit-deny", "explicit-deny"}},
		"denied to the account":             {sessionARN, home, ptr(reads("Deny", rootARN)), [3]string{"explicit-deny", "explicit-deny", "explicit-deny"}},
		"denied to another user":            {bob, home, ptr(reads("Deny", oncall)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"abroad, no policy":                 {bob, abroad, nil, [3]string{"implicit-deny", "implicit-deny", "implicit-deny"}},
		"abroad, the user":                  {bob, abroad, ptr(reads("Allow", bob)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"abroad, the account":               {bob, abroad, ptr(reads("Allow", home)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"abroad, everyone":                  {bob, abroad, ptr(reads("Allow", "*")), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"abroad, its own account":           {bob, abroad, ptr(reads("Allow", abroad)), [3]string{"implicit-deny", "implicit-deny", "implicit-deny"}},
		"abroad, the session":               {sessionARN, abroad, ptr(reads("Allow", sessionARN)), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"abroad, root":                      {rootARN, abroad, ptr(reads("Allow", home)), [3]string{"allow", "implicit-deny", "allow"}},
		"all but another":                   {bob, home, not("Allow", oncall), [3]string{"allow", "implicit-deny", "allow"}},
		"all but the user":                  {bob, home, not("Allow", bob), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"all but the account":               {bob, home, not("Allow", home), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"all but the role":                  {sessionARN, home, not("Allow", oncall), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"all but everyone":                  {bob, home, not("Allow", "*"), [3]string{"implicit-deny", "implicit-deny", "allow"}},
		"denied to all but another":         {bob, home, not("Deny", oncall), [3]string{"explicit-deny", "explicit-deny", "explicit-deny"}},
		"denied to all but the user":        {bob, home, not("Deny", bob), [3]string{"implicit-deny", "explicit-deny", "allow"}},
		"denied to all but the role":        {oncall, home, not("Deny", oncall), [3]string{"implicit-deny", "explicit-deny", "allow"}},
		"denied to all but a session's":     {sessionARN, home, not("Deny", oncall), [3]string{"implicit-deny", "explicit-deny", "allow"}},
		"denied to all but the session":     {sessionARN, home, not("Deny", sessionARN), [3]string{"implicit-deny", "explicit-deny", "allow"}},
		"denied to all but its account":     {sessionARN, home, not("Deny", rootARN), [3]string{"implicit-deny", "explicit-deny", "allow"}},
		"denied to all but another session": {sessionARN, home, not("Deny", "arn:aws:sts::111122223333:assumed-role/OnCall/eve"), [3]string{"explicit-deny", "explicit-deny", "explicit-deny"}},
		"anonymous, everyone":               {"", home, ptr(reads("Allow", "*")), [3]string{"allow", "allow", "allow"}},
		"anonymous, the account":            {"", home, ptr(reads("Allow", home)), [3]string{"implicit-deny", "implicit-deny", "implicit-deny"}},
		"anonymous, no policy":              {"", home, nil, [3]string{"implicit-deny", "implicit-deny", "implicit-deny"}},
		"anonymous, all but the user":       {"", home, not("Allow", bob), [3]string{"allow", "allow", "allow"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, p := range []policy.Policies{{}, {Boundary: docs(silent)}, {Identity: docs(yes)}} {
				p.Resource = test.resource
				got := p.Decide(policy.Request{Principal: test.principal, Account: test.account, Action: "s3:GetObject", Resource: object})
				if got.Verdict.String() != test.want[i] {
					t.Errorf("%s: %s, want %s", [...]string{"without more", "with a boundary", "with an identity"}[i], outcome(got), test.want[i])
				}
			}
		})
	}
}

// A session policy limits what the policy of a resource gives, unless that
// names the session.
func TestDecideSessionAndResource(t *testing.T) {
	t.Parallel()
	for named, want := range map[string]string{
		ana:    "allow resource:0.0.0",
		oncall: "implicit-deny resource:0.0.0 -session",
		"*":    "implicit-deny resource:0.0.0 -session",
		home:   "implicit-deny resource:0.0.0 -identity -session",
	} {
		p := policy.Policies{Session: docs(silent), Resource: ptr(reads("Allow", named))}
		if got := outcome(p.Decide(policy.Request{Principal: ana, Action: "s3:GetObject", Resource: object})); got != want {
			t.Errorf("the policy of the resource names %s: %s, want %s", named, got, want)
		}
	}
}

// SCPs limit even what names the user.
func TestDecideSCPAndResource(t *testing.T) {
	t.Parallel()
	p := policy.Policies{SCPs: [][]policy.Document{{silent}}, Resource: ptr(reads("Allow", bob))}
	if got, want := outcome(p.Decide(policy.Request{Principal: bob, Action: "s3:GetObject", Resource: object})), "implicit-deny resource:0.0.0 -scp"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Roles and keys do not leave it to their account.
func TestDecideGuardedResources(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:kms:us-east-1:111122223333:key/k"
	tests := map[string]struct {
		principal, action, on string
		policies              policy.Policies
		want                  string
	}{
		"a trust that is silent":     {bob, "sts:AssumeRole", oncall, policy.Policies{Identity: docs(yes), Resource: &silent}, "implicit-deny identity:0.0.0 -resource"},
		"a trust that names another": {bob, "STS:assumerole", oncall, policy.Policies{Identity: docs(yes), Resource: ptr(reads("Allow", ana))}, "implicit-deny identity:0.0.0 -resource"},
		"a trust in the account":     {bob, "sts:AssumeRole", oncall, policy.Policies{Resource: ptr(reads("Allow", home))}, "implicit-deny resource:0.0.0 -identity"},
		"both":                       {bob, "sts:AssumeRole", oncall, policy.Policies{Identity: docs(yes), Resource: ptr(reads("Allow", home))}, "allow identity:0.0.0 resource:0.0.0"},
		"a trust in the user":        {bob, "sts:AssumeRole", oncall, policy.Policies{Resource: ptr(reads("Allow", bob))}, "allow resource:0.0.0"},
		"a trust in a role":          {ana, "sts:AssumeRole", oncall, policy.Policies{Resource: ptr(reads("Allow", oncall))}, "allow resource:0.0.0"},
		"a trust that denies":        {bob, "sts:AssumeRole", oncall, policy.Policies{Identity: docs(yes), Resource: ptr(reads("Deny", bob))}, "explicit-deny resource:0.0.0"},
		"a trust that is not asked":  {bob, "sts:AssumeRole", oncall, policy.Policies{Identity: docs(yes)}, "allow identity:0.0.0"},
		"a key's policy is silent":   {bob, "kms:Decrypt", key, policy.Policies{Identity: docs(yes), Resource: &silent}, "implicit-deny identity:0.0.0 -resource"},
		"a key's in the account":     {bob, "kms:Decrypt", key, policy.Policies{Identity: docs(yes), Resource: ptr(reads("Allow", home))}, "allow identity:0.0.0 resource:0.0.0"},
		"a key's is not asked":       {bob, "kms:Decrypt", key, policy.Policies{Identity: docs(yes)}, "allow identity:0.0.0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := outcome(test.policies.Decide(policy.Request{Principal: test.principal, Action: test.action, Resource: test.on}))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	// Tags and a source identity of a session are the trust policy's to allow too.
	for _, action := range []string{"sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRoleWithSAML"} {
		p := policy.Policies{Identity: docs(policy.New(policy.Allow("sts:*").On("*"))), Resource: &silent}
		if got := p.Decide(policy.Request{Principal: bob, Action: action, Resource: oncall}); got.Verdict != policy.ImplicitDeny {
			t.Errorf("%s: %s", action, outcome(got))
		}
	}
}

func TestDecideTrust(t *testing.T) {
	t.Parallel()
	trust := func(p policy.Principals) *policy.Document {
		return ptr(policy.New(policy.Allow("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity").By(p)))
	}
	const saml, oidc = "arn:aws:iam::111122223333:saml-provider/corp", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	tests := map[string]struct {
		principal, action string
		trust             policy.Principals
		want              policy.Verdict
	}{
		"a service":             {"ec2.amazonaws.com", "sts:AssumeRole", policy.Principals{Service: []string{"ssm.amazonaws.com", "ec2.amazonaws.com"}}, policy.Allowed},
		"another service":       {"lambda.amazonaws.com", "sts:AssumeRole", policy.Principals{Service: []string{"ec2.amazonaws.com"}}, policy.ImplicitDeny},
		"a service, as AWS":     {"ec2.amazonaws.com", "sts:AssumeRole", policy.Principals{AWS: []string{"ec2.amazonaws.com"}}, policy.ImplicitDeny},
		"a SAML provider":       {saml, "sts:AssumeRoleWithSAML", policy.Principals{Federated: []string{saml}}, policy.Allowed},
		"another SAML provider": {saml, "sts:AssumeRoleWithSAML", policy.Principals{Federated: []string{saml + "2"}}, policy.ImplicitDeny},
		"a token's issuer":      {oidc, "sts:AssumeRoleWithWebIdentity", policy.Principals{Federated: []string{oidc}}, policy.Allowed},
		"a public issuer":       {"accounts.google.com", "sts:AssumeRoleWithWebIdentity", policy.Principals{Federated: []string{"accounts.google.com"}}, policy.Allowed},
		"an issuer by account":  {oidc, "sts:AssumeRoleWithWebIdentity", policy.Principals{AWS: []string{home}}, policy.ImplicitDeny},
		"an issuer's own ARN":   {oidc, "sts:AssumeRoleWithWebIdentity", policy.Principals{AWS: []string{oidc}}, policy.ImplicitDeny},
		"nobody":                {"", "sts:AssumeRole", policy.Principals{Service: []string{""}}, policy.ImplicitDeny},
		"a user, as a service":  {bob, "sts:AssumeRole", policy.Principals{Service: []string{bob}}, policy.ImplicitDeny},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := policy.Policies{Resource: trust(test.trust)}
			if got := p.Decide(policy.Request{Principal: test.principal, Action: test.action, Resource: oncall, Account: home}); got.Verdict != test.want {
				t.Errorf("%s, want %s", outcome(got), test.want)
			}
		})
	}
}

// GetCallerIdentity needs no permission and cannot be denied (STS API
// Reference, "GetCallerIdentity").
func TestDecideCallerIdentity(t *testing.T) {
	t.Parallel()
	deny := docs(policy.New(policy.Deny("*").On("*")))
	p := policy.Policies{Identity: deny, Boundary: deny, SCPs: [][]policy.Document{deny}, Session: deny}
	for _, action := range []string{"sts:GetCallerIdentity", "STS:getcalleridentity"} {
		if got := p.Decide(policy.Request{Principal: ana, Action: action, Resource: "*"}); outcome(got) != "allow" {
			t.Errorf("%s: %s", action, outcome(got))
		}
	}
	if got := p.Decide(policy.Request{Principal: ana, Action: "sts:GetCallerIdentity2", Resource: "*"}); got.Verdict != policy.ExplicitDeny {
		t.Errorf("another action: %s", outcome(got))
	}
}
