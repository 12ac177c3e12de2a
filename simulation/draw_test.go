package simulation

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/ssmctl/ssmctl/resource"
)

func restartOf(machine string) *restart {
	return &restart{resource.ID{Kind: "restart", Name: machine}, resource.ID{Kind: "association", Name: machine}}
}

type objects = map[resource.ID]resource.Object

func has(all objects, kind, name string) bool {
	return all[resource.ID{Kind: kind, Name: name}] != nil
}

func put(all objects, o resource.Object) { all[o.ID()] = o }

// drawState draws the objects of an account, some of which are somebody
// else's.
func drawState(r *rand.Rand) objects {
	all := objects{}
	put(all, newEntity(resource.ID{Kind: "user", Name: theirName}, entity{}))
	put(all, newEntity(resource.ID{Kind: "role", Name: theirName}, entity{}))
	put(all, newEntity(resource.ID{Kind: "policy", Name: theirName}, entity{Doc: 1}))
	put(all, newEntity(resource.ID{Kind: "profile", Name: theirName}, entity{}))
	for _, some := range []struct {
		kind  string
		names []string
	}{{"policy", policies}, {"user", users}, {"group", groups}, {"role", roles}, {"profile", profiles}} {
		for _, name := range some.names {
			if r.IntN(3) > 0 {
				makeEntity(r, all, some.kind, name)
			}
		}
	}
	for range 8 {
		toggleLink(r, all)
	}
	if r.IntN(2) == 0 {
		put(all, newLedger(pickSome(r, users)...))
	}
	return all
}

func pickSome(r *rand.Rand, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(string) bool { return r.IntN(2) == 0 })
}

func drawDoc(r *rand.Rand) doc {
	d := doc(r.IntN(1 << permissions))
	if r.IntN(3) == 0 {
		d |= doc(r.IntN(1<<permissions)) << permissions
	}
	return d
}

// makeEntity adds an entity, or makes another of it.
func makeEntity(r *rand.Rand, all objects, kind, name string) {
	var e entity
	switch kind {
	case "policy":
		e.Doc = drawDoc(r)
		if r.IntN(3) == 0 {
			e.versions = 1 + r.IntN(maxVersions)
		}
	case "role":
		e.Doc = doc(r.IntN(4))
	case "profile":
		if role := roles[r.IntN(len(roles))]; has(all, "role", role) {
			e.Role = role
		}
	}
	if kind != "group" && r.IntN(3) == 0 {
		e.Tag = string(rune('a' + r.IntN(3)))
	}
	if bound := policies[r.IntN(len(policies))]; (kind == "user" || kind == "role") && r.IntN(6) == 0 && has(all, "policy", bound) {
		e.Bound = bound
	}
	put(all, newEntity(resource.ID{Kind: kind, Name: name}, e))
}

// toggleLink adds or removes a link, or points it elsewhere.
func toggleLink(r *rand.Rand, all objects) {
	holders := []resource.ID{}
	for _, kind := range []string{"user", "group", "role"} {
		for _, name := range map[string][]string{"user": users, "group": groups, "role": roles}[kind] {
			if has(all, kind, name) {
				holders = append(holders, resource.ID{Kind: kind, Name: name})
			}
		}
	}
	if len(holders) == 0 {
		return
	}
	holder := holders[r.IntN(len(holders))]
	at := holder.Kind + ":" + holder.Name + "+"
	var l *link
	switch r.IntN(5) {
	case 0, 1:
		l = newLink(resource.ID{Kind: "attachment", Name: at + policies[r.IntN(len(policies))]}, 0, "")
	case 2:
		l = newLink(resource.ID{Kind: "inline", Name: at + "own"}, drawDoc(r), "")
	case 3:
		l = newLink(resource.ID{Kind: "membership", Name: "user:" + users[r.IntN(len(users))] + "+" + groups[r.IntN(len(groups))]}, 0, "")
	case 4:
		l = newLink(resource.ID{Kind: "association", Name: machines[r.IntN(len(machines))]}, 0, profiles[r.IntN(len(profiles))])
	}
	for _, n := range l.needs {
		if all[n] == nil {
			return
		}
	}
	if old := all[l.id]; old == nil || r.IntN(2) == 0 && !same(old, l) {
		put(all, l)
	} else {
		delete(all, l.id)
	}
}

// change makes one thing of a goal another.
func change(r *rand.Rand, all objects) {
	switch r.IntN(8) {
	case 0, 1, 2:
		toggleLink(r, all)
	case 3, 4:
		kinds := map[string][]string{"policy": policies, "user": users, "group": groups, "role": roles, "profile": profiles}
		kind := slices.Sorted(maps.Keys(kinds))[r.IntN(len(kinds))]
		makeEntity(r, all, kind, kinds[kind][r.IntN(len(kinds[kind]))])
	case 5, 6:
		ids := slices.SortedFunc(maps.Keys(all), resource.ID.Compare)
		remove(all, ids[r.IntN(len(ids))])
	case 7:
		switch r.IntN(4) {
		case 0:
			put(all, newEntity(resource.ID{Kind: "instance", Name: fmt.Sprint("m", r.IntN(2))}, entity{}))
		default:
			put(all, newLedger(pickSome(r, users)...))
		}
	}
}

// remove takes away an object of the plan's own, and all that needs it.
func remove(all objects, id resource.ID) {
	if id.Name == theirName {
		return
	}
	delete(all, id)
	for other, o := range all {
		if slices.Contains(o.Needs(), id) {
			remove(all, other)
		}
	}
}
