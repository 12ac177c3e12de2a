package sandbox

import "time"

// The names of the guide's own example.
var (
	guideUsers     = []string{"alice", "bob", "carol"}
	guideInstances = []string{"i-1234567890abcdef0", "i-0598c7d356eba48d7", "i-345678abcdef12345"}
)

const guideDocument = "name_of_restrictive_document"

// SeedGuide adds what the guide's examples take to be there: the users alice,
// bob and carol, three running instances tagged web-1 to web-3 without an
// instance profile, and the document of the restrictive policy. What is there
// already stays as it is.
func (s *Server) SeedGuide() {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{account: s.account, regionID: s.account.Home, now: s.clock().UTC()}
	for _, name := range guideUsers {
		if !c.Users.has(name) {
			c.Users.put(&user{principal: c.newPrincipal(userKind, name, "/")})
		}
	}
	r := c.region()
	image := c.publicParameters()[0].Versions[0].Value
	subnet, zone := c.place("", "")
	for n, id := range guideInstances {
		if r.Instances.has(id) {
			continue
		}
		r.Instances.put(&instance{
			ID: id, Reservation: c.newResourceID("r"), Image: image, Type: "t3.micro", State: "running", Launched: c.now.Truncate(time.Second),
			Tags: tags{"Name": "web-" + itoa(n+1)}, Subnet: subnet, Zone: zone, Address: address(n), Groups: []string{c.defaultGroup()},
			Metadata: metadataOptions{"required", "enabled", 2, "disabled"},
			Volumes:  []volume{{Device: "/dev/xvda", ID: c.newResourceID("vol"), Size: 8, Type: "gp3"}},
		})
	}
	if !r.Documents.has(guideDocument) {
		r.Documents.put(&document{
			Name: guideDocument, Type: "Command", Default: 1, Made: 1, Created: c.now,
			Versions: []documentVersion{{1, "", `{"schemaVersion":"2.2","description":"Shows how long a node has been up.","mainSteps":[{"action":"aws:runShellScript","name":"uptime","inputs":{"runCommand":["uptime"]}}]}`, "JSON", c.now}},
		})
	}
}
