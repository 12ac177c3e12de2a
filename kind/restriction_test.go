package kind_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ssmctl/ssmctl/kind"
	"github.com/ssmctl/ssmctl/policy"
	"github.com/ssmctl/ssmctl/resource"
	"github.com/ssmctl/ssmctl/spec"
)

// policiesOf returns the documents of the policies that a spec asks for.
func policiesOf(t *testing.T, sections string) map[string]policy.Document {
	t.Helper()
	loaded, err := spec.Load("test.yaml", []byte(head+sections+"\n"), kind.Sections())
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string]policy.Document{}
	for o := range loaded.Desired.State.All() {
		if p, ok := o.(kind.Policy); ok {
			documents[p.Name] = p.Document
		}
	}
	return documents
}

// What stands in a spec is what is compiled.
func TestRestrictionKeys(t *testing.T) {
	t.Parallel()
	nodes := policy.Nodes{Tags: []map[string]string{{"App": "web"}}}
	names := func(list ...string) policy.Names { return policy.Names{List: list} }
	for name, test := range map[string]struct {
		entry string
		want  policy.Restriction
	}{
		"shell":             {"sessions: {shell: true}, instances: [{tags: {App: web}}]", policy.Restriction{Nodes: nodes, Sessions: policy.Sessions{Shell: true}}},
		"ssh":               {"sessions: {ssh: true, terminate: any}, instances: all", policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{SSH: true, Terminate: "any"}}},
		"port":              {"sessions: {port_forwarding: true, terminate: none}, instances: all", policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{PortForwarding: "node", Terminate: "none"}}},
		"no port":           {"sessions: {port_forwarding: false, shell: true}, instances: all", policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Shell: true}}},
		"remote":            {"sessions: {port_forwarding: remote}, instances: all", policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{PortForwarding: "remote"}}},
		"session documents": {"sessions: {documents: [acme-tunnel-5432]}, instances: all", policy.Restriction{Nodes: policy.Nodes{All: true}, Sessions: policy.Sessions{Documents: names("acme-tunnel-5432")}}},
		"parameters": {"parameters: {read: [/web/*], write: all, decrypt: [alias/web]}", policy.Restriction{
			Parameters: policy.Parameters{Read: names("/web/*"), Write: policy.Names{All: true}, Decrypt: []string{"alias/web"}},
		}},
		"regions": {"documents: [AWS-RunPatchBaseline], instances: all, regions: [us-east-1, eu-west-1]", policy.Restriction{
			Documents: names("AWS-RunPatchBaseline"), Nodes: policy.Nodes{All: true}, Regions: []string{"us-east-1", "eu-west-1"},
		}},
		"conditions and an unquoted day": {`parameters: {read: [/web/*]}, conditions: {Bool: {"aws:MultiFactorAuthPresent": true}}, expires: 2027-03-31`, policy.Restriction{
			Parameters: policy.Parameters{Read: names("/web/*")}, Conditions: []byte(`{"Bool": {"aws:MultiFactorAuthPresent": "true"}}`), Expires: "2027-03-31",
		}},
		"boundary": {"parameters: {read: [/web/*]}, enforce: boundary", policy.Restriction{Parameters: policy.Parameters{Read: names("/web/*")}, Enforce: "boundary"}},
		"deny":     {"parameters: {read: [/web/*]}, enforce: deny", policy.Restriction{Parameters: policy.Parameters{Read: names("/web/*")}, Enforce: "deny"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := test.want.Compile(policy.Place{Partition: "aws", Account: "123456789012", Region: "us-east-1"})
			if err != nil {
				t.Fatal(err)
			}
			got := policiesOf(t, "restrictions: {r: {"+test.entry+"}}")
			if diff := cmp.Diff(want[0].Indent(), got["r"].Indent()); diff != "" || len(got) != 1 {
				t.Errorf("%d policies (-want +got)\n%s", len(got), diff)
			}
		})
	}
}

// Documents are looked for where the spec is, so those of other regions are not.
func TestDocumentsOfOtherRegions(t *testing.T) {
	t.Parallel()
	for regions, want := range map[string]int{"eu-west-1": 0, "us-east-1, eu-west-1": 3} {
		loaded, err := spec.Load("test.yaml", []byte(head+`restrictions: {r: {documents: [acme-one, AWS-RunPatchBaseline, acme-*], automation: {start: [acme-two]}, sessions: {documents: [acme-three], shell: true}, instances: all, regions: [`+regions+"]}}\n"), kind.Sections())
		if err != nil {
			t.Fatal(err)
		}
		if needs := loaded.Desired.State.Get(resource.ID{Kind: "policy", Name: "r"}).Needs(); len(needs) != want {
			t.Errorf("in %s it needs %v, want %d", regions, needs, want)
		}
	}
}

// manyIDs returns the ids of so many instances.
func manyIDs(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-%017x", i)
	}
	return strings.Join(ids, ", ")
}

// A restriction too long for one policy becomes several, all of which go where
// it is listed.
func TestRestrictionOfSeveralPolicies(t *testing.T) {
	t.Parallel()
	text := "restrictions: {many: {documents: [AWS-RunPatchBaseline], instances: [" + manyIDs(200) + "]}}\n" +
		"groups: {ops: {restrictions: [many]}}\nusers: {alice: {restrictions: [many]}}"
	documents := policiesOf(t, text)
	if got := sortedKeys(documents); !slices.Equal(got, []string{"many", "many-2", "many-3"}) {
		t.Errorf("policies %v", got)
	}
	loaded, err := spec.Load("test.yaml", []byte(head+text+"\n"), kind.Sections())
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"group/ops/", "user/alice/"} {
		for policy := range documents {
			if id := (resource.ID{Kind: "attachment", Name: to + policy}); loaded.Desired.State.Get(id) == nil {
				t.Errorf("no %s", id)
			}
		}
	}
}

// What restricts is there before what it restricts.
func TestLimitsComeFirst(t *testing.T) {
	t.Parallel()
	const restrictions = `restrictions:
  only-web: {enforce: deny, parameters: {read: [/web/*]}}
  bound: {enforce: boundary, parameters: {read: [/web/*]}}
  more: {documents: [AWS-RunPatchBaseline], instances: all}
`
	const everything = "restrictions: [more, only-web], access: read-only, policies: [SecurityAudit], " +
		`inline: {i: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}`
	for name, text := range map[string]string{
		"group":         "groups: {a: {" + everything + "}}",
		"user":          "users: {a: {" + everything + "}}",
		"existing user": "users: {a: {existing: true, " + everything + "}}",
		"instance role": "roles: {a: {" + everything + "}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := spec.Load("test.yaml", []byte(head+restrictions+text+"\n"), kind.Sections())
			if err != nil {
				t.Fatal(err)
			}
			grants := 0
			for o := range loaded.Desired.State.All() {
				denies := strings.HasSuffix(o.ID().Name, "/only-web")
				if o.ID().Kind != "attachment" && o.ID().Kind != "inline" || denies {
					continue
				}
				grants++
				if !slices.ContainsFunc(o.Needs(), func(id resource.ID) bool { return strings.HasSuffix(id.Name, "/only-web") }) {
					t.Errorf("%s does not wait for the restriction that denies", o.ID())
				}
			}
			if grants < 5 {
				t.Errorf("%d grants", grants)
			}
		})
	}
}

func TestRestrictionStories(t *testing.T) {
	t.Parallel()
	const restrictions = `restrictions:
  bound: {enforce: boundary, parameters: {read: [/web/*]}}
  only-web: {enforce: deny, parameters: {read: [/web/*]}}
`
	tellAll(t, map[string]story{
		"a boundary of a user": {then: restrictions + "users: {svc: {restrictions: [bound], access: full}}", plan: []string{
			"create attachment/user/svc/aws:AWSConfigUserAccess", "create attachment/user/svc/aws:AWSHealthFullAccess", "create attachment/user/svc/aws:AmazonSSMFullAccess",
			"create attachment/user/svc/aws:CloudWatchReadOnlyAccess", "create inline/user/svc/ssmctl-resource-groups", "create policy/bound", "create policy/only-web", "create user/svc",
		}},
		"a boundary of an existing user": {first: restrictions, then: restrictions + "users: {alice: {existing: true, restrictions: [bound]}}", plan: []string{"create boundary/user/alice"}},
		"a boundary, taken away": {
			first: restrictions + "users: {alice: {existing: true, restrictions: [bound]}}", then: restrictions + "users: {alice: {existing: true}}", plan: []string{"delete boundary/user/alice"},
		},
		"a boundary of a role": {
			first: restrictions + `roles: {oncall: {type: people, trust: {accounts: ["111111111111"]}}}`,
			then:  restrictions + `roles: {oncall: {type: people, trust: {accounts: ["111111111111"]}, restrictions: [bound]}}`, plan: []string{"update role/oncall"},
		},
		"a denial": {first: restrictions + "users: {svc: {}}", then: restrictions + "users: {svc: {restrictions: [only-web]}}", plan: []string{"create attachment/user/svc/only-web"}},
		"one policy becomes several": {
			first: "restrictions: {r: {documents: [AWS-RunPatchBaseline], instances: all}}\ngroups: {ops: {restrictions: [r]}}",
			then:  "restrictions: {r: {documents: [" + manyDocuments(120) + "], instances: all}}\ngroups: {ops: {restrictions: [r]}}",
			plan:  []string{"create attachment/group/ops/r-2", "create policy/r-2", "update policy/r"},
		},
	})
}

// manyDocuments returns names of AWS's documents.
func manyDocuments(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("AWS-Document%03d", i)
	}
	return strings.Join(names, ", ")
}
