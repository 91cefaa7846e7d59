package flow

import (
	"fmt"
	"strings"
)

// Lang is the language of a diagram's words.
type Lang string

// The two languages.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

func (t Text) in(l Lang) string {
	if l == EN {
		return t.EN
	}
	return t.ZH
}

// Mermaid is the machine as a state diagram in Mermaid's language, for
// documents. present is marked; empty: none.
func (m *Machine) Mermaid(l Lang, present State) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    direction LR\n")
	for _, d := range m.States {
		fmt.Fprintf(&b, "    state %q as %s\n", mermaidText(d.Title.in(l)), mermaidID(d.Name))
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", mermaidID(m.Initial))
	for _, e := range m.edges() {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", mermaidID(e.from), mermaidID(e.to), mermaidText(e.label(l)))
	}
	for _, d := range m.States {
		if d.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", mermaidID(d.Name))
		}
	}
	if _, ok := m.state(present); ok {
		fmt.Fprintf(&b, "    classDef present font-weight:bold,stroke-width:3px\n    class %s present\n", mermaidID(present))
	}
	return b.String()
}

// mermaidID is a word that Mermaid takes for a name: "end" and hyphens are not.
func mermaidID(s State) string {
	return "s_" + strings.NewReplacer("-", "_", ".", "_").Replace(string(s))
}

// mermaidText takes out what Mermaid would read as its own signs.
func mermaidText(s string) string {
	return strings.NewReplacer(`"`, "'", ":", "：", ";", "；", "\n", " ", "#", "＃").Replace(s)
}

// edge is all transitions that lead from one state to another.
type edge struct {
	from, to State
	titles   []Text
	system   bool // only the program makes them
}

func (e edge) label(l Lang) string {
	var parts []string
	for _, t := range e.titles {
		parts = append(parts, t.in(l))
	}
	if l == EN {
		return strings.Join(parts, ", ")
	}
	return strings.Join(parts, "、")
}

// edges are the machine's, in the order of its transitions.
func (m *Machine) edges() []edge {
	var out []edge
	at := map[[2]State]int{}
	for _, t := range m.Transitions {
		for _, from := range t.From {
			k := [2]State{from, t.To}
			i, ok := at[k]
			if !ok {
				i = len(out)
				at[k] = i
				out = append(out, edge{from: from, to: t.To, system: true})
			}
			out[i].titles = append(out[i].titles, t.Title)
			out[i].system = out[i].system && t.Action == BySystem
		}
	}
	return out
}
