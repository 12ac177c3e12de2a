package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ssmctl/ssmctl/policy"
)

// A passing node is one that a step retags, launches or terminates.
type passingNode struct {
	arn, name string
	exists    gate
	tags      [2]map[string]string // keys in lower case
}

// tagKey is what condition keys of tags have between the service and the tag.
const tagKey = ":resourcetag/"

// addNodes adds what classes may do with nodes that change, for those whose
// policies change too and ask for a tag that does.
func (p *Passage) addNodes(classes [][]*member, before, after *Account) {
	for _, n := range p.nodes(before, after) {
		moved := differing(n.tags[0], n.tags[1], func(a, b string) bool { return a == b })
		there := n.exists.open[0] == n.exists.open[1]
		for _, class := range classes {
			steps := p.bearing(class[0])
			if len(steps) == 0 || !class[0].asks(p, func(key string) bool {
				_, tag, ok := strings.Cut(key, tagKey)
				return ok && (!there || moved[tag])
			}) {
				continue
			}
			steps.add(n.exists.step, true)
			p.add(class, steps, func(m *member, at state) []Breach { return p.judgeNode(n, m, at) })
		}
	}
}

// nodes returns the nodes that differ between the snapshots by a step.
func (p *Passage) nodes(before, after *Account) []*passingNode {
	byARN := map[string]*passingNode{}
	var all []*passingNode
	for side, a := range []*Account{before, after} {
		for _, node := range a.Nodes {
			n, ok := byARN[node.ARN]
			if !ok {
				n = &passingNode{arn: node.ARN, name: node.ID, exists: gate{step: noStep}}
				byARN[node.ARN] = n
				all = append(all, n)
			}
			n.exists.open[side] = true
			n.tags[side], _ = foldTags(node.Tags)
			if n.exists.step == noStep && len(node.From) > 0 {
				n.exists.step = p.stepOf(node.From[0]) // the others say what it carries
			}
		}
	}
	return slices.DeleteFunc(all, func(n *passingNode) bool {
		return n.exists.step == noStep || n.exists.open[0] == n.exists.open[1] && maps.Equal(n.tags[0], n.tags[1])
	})
}

// nodeServices are the services whose actions are on nodes, each with its own
// condition keys for tags (Service Authorization Reference).
var nodeServices = []struct {
	key     string // what its condition keys begin with
	actions []string
}{
	{"ssm", []string{"ssm:*"}},
	{"ec2", []string{"ec2:*", "ec2-instance-connect:*"}},
}

// judgeNode compares what a principal may do with a node. With one that is not
// there nobody may do anything.
func (p *Passage) judgeNode(n *passingNode, m *member, at state) []Breach {
	var breaches []Breach
	for _, service := range nodeServices {
		pin := newRights([]int{p.texts.number(policy.New(policy.Allow(service.actions...).On(n.arn)))})
		for _, t := range m.tellings(p) {
			r := on(at, func(at state) rights {
				side := at.side(n.exists.step)
				if !n.exists.open[side] {
					return noRights
				}
				return m.rights(at, whole).with(p.texts, m.facts(at, t).and(n.facts(side, service.key)))
			})
			breaches = append(breaches, p.between(m.id, r, "", pin)...)
		}
	}
	return breaches
}

// facts returns the tags of the node as actions of a service see them.
func (n *passingNode) facts(side int, service string) facts {
	return facts{fmt.Sprint(service, n.tags[side]), func(key string) (policy.Value, bool) {
		prefix, tag, ok := strings.Cut(strings.ToLower(key), tagKey)
		if !ok || prefix != "aws" && prefix != service {
			return policy.Value{}, ok // no action of the service has the key
		}
		if value, there := n.tags[side][tag]; there {
			return policy.One(value), true
		}
		return policy.Value{}, true
	}}
}
