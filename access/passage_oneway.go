package access

// oneWay reports whether of all steps that bear on what a member may do each
// only adds to it, or each only takes from it. Then it lies between what it is
// before and after in every state, whichever steps are done, and there is
// nothing to judge: so it is for whoever is new, and for whoever goes.
func (m *member) oneWay(p *Passage) bool {
	if retold := m.retold(); len(retold) > 0 && m.asks(p, func(key string) bool { return retold[key] }) {
		return false
	}
	var w direction
	w.gate(m.exists)
	for _, h := range m.bounds {
		var bound direction
		bound.hold(p, h)
		if bound.adds || bound.takes || bound.unclear {
			return false
		}
	}
	for _, h := range m.own {
		w.hold(p, h)
	}
	return !w.unclear && !(w.adds && w.takes)
}

// A direction says which ways some steps change rights.
type direction struct{ adds, takes, unclear bool }

// gate takes note of the step that opens or closes a gate.
func (d *direction) gate(g gate) {
	if g.step == noStep || g.open[0] == g.open[1] {
		return
	}
	d.adds = d.adds || g.open[1]
	d.takes = d.takes || g.open[0]
}

// hold takes note of the steps by which a policy comes to bear on somebody, no
// longer does, or says something else. Only of policies that do nothing but
// allow it is clear which way that goes.
func (d *direction) hold(p *Passage, h hold) {
	var own direction
	for _, g := range h.gates {
		own.gate(g)
	}
	texts := h.text
	if h.step == noStep {
		texts[afterSide] = texts[beforeSide]
	}
	was, is := p.allowed(texts[beforeSide]), p.allowed(texts[afterSide])
	if texts[beforeSide] != texts[afterSide] {
		own.adds = own.adds || !contained(is, was)
		own.takes = own.takes || !contained(was, is)
	}
	if !own.adds && !own.takes && texts[beforeSide] == texts[afterSide] {
		return // no step bears on it
	}
	for _, n := range texts {
		if n != none && (p.texts.at(n).unknown != "" || len(p.texts.at(n).denies) > 0) {
			own.unclear = true
		}
	}
	d.adds, d.takes, d.unclear = d.adds || own.adds, d.takes || own.takes, d.unclear || own.unclear
}

// allowed returns the statements of a text that allow.
func (p *Passage) allowed(n int) map[int]bool {
	if n == none {
		return nil
	}
	allows, _ := p.said([]int{n})
	return allows
}
