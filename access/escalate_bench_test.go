package access

import (
	"fmt"
	"testing"

	"github.com/ssmctl/ssmctl/policy"
)

// carrying gives the nodes of an organisation roles, of a few kinds as real
// ones are.
func carrying(a *Account, roles int) *Account {
	b := &builder{*a}
	b.awsPolicy("AmazonSSMManagedInstanceCore", core...)
	for i := range roles {
		name := fmt.Sprintf("node-%02d", i)
		b.role(name, trustEC2).attach("AmazonSSMManagedInstanceCore", roleID(name)).
			inline("data", roleID(name), policy.Allow("s3:GetObject", "s3:PutObject").On(fmt.Sprintf("arn:aws:s3:::data-%02d/*", i)))
	}
	for i := range b.Nodes {
		b.Nodes[i].Role = fmt.Sprintf("node-%02d", i%roles)
	}
	return &b.Account
}

// The escalations of 1,000 principals with 400 policies over 10,000 nodes with
// 20 roles.
func BenchmarkEscalations(b *testing.B) {
	a := carrying(organisation(7, large, false), 20)
	for b.Loop() {
		b.ReportMetric(float64(len(a.Escalations(policy.Budget{}))), "found")
	}
}

// Who of 1,000 principals can do something on any of 10,000 nodes.
func BenchmarkWhoCan(b *testing.B) {
	a := organisation(7, large, false)
	for _, on := range []string{"", a.Nodes[17].ID} {
		b.Run("on="+on, func(b *testing.B) {
			for b.Loop() {
				holders, err := a.WhoCan(Question{Action: "ssm:SendCommand", On: on})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(holders)), "holders")
			}
		})
	}
}

// Whether one principal can do something on each of 10,000 nodes.
func BenchmarkCan(b *testing.B) {
	a := organisation(7, large, false)
	for b.Loop() {
		if _, err := a.Can(Question{Who: a.Principals[3].ID, Action: "ssm:SendCommand"}); err != nil {
			b.Fatal(err)
		}
	}
}
