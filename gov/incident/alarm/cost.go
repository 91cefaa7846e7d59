package alarm

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

// measure works out what an expression can cost at worst, before it is ever
// run: there are no loops but those over lists, and lists have a bound.
type measure struct {
	uses  map[string]bool
	wrong ast.Node // what may not be used
	why   string
}

func (m *measure) refuse(n ast.Node, why string) int64 {
	if m.wrong == nil {
		m.wrong, m.why = n, why
	}
	return 0
}

// of is the steps that n takes at worst.
func (m *measure) of(n ast.Node) int64 {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		m.uses[n.Value] = true
		return 1
	case *ast.UnaryNode:
		return 1 + m.of(n.Node)
	case *ast.BinaryNode:
		return m.binary(n)
	case *ast.ChainNode:
		return m.of(n.Node)
	case *ast.MemberNode:
		return add(1, m.of(n.Node), m.of(n.Property))
	case *ast.SliceNode:
		return add(maxNeighbours, m.maybe(n.Node), m.maybe(n.From), m.maybe(n.To))
	case *ast.CallNode:
		return m.refuse(n, "不能调用此函数 / this cannot be called")
	case *ast.BuiltinNode:
		return m.builtin(n)
	case *ast.PredicateNode:
		return m.of(n.Node)
	case *ast.ConditionalNode:
		return add(1, m.of(n.Cond), m.of(n.Exp1), m.of(n.Exp2))
	case *ast.VariableDeclaratorNode:
		return add(1, m.of(n.Value), m.of(n.Expr))
	case *ast.SequenceNode:
		return m.all(n.Nodes)
	case *ast.ArrayNode:
		if len(n.Nodes) > maxNeighbours {
			return m.refuse(n, "列表过长 / the list is too long")
		}
		return add(1, m.all(n.Nodes))
	case *ast.MapNode, *ast.PairNode:
		return m.refuse(n, "不支持映射 / maps are not supported")
	}
	return 1 // a constant, a pointer into a list
}

func (m *measure) binary(n *ast.BinaryNode) int64 {
	cost := add(1, m.of(n.Left), m.of(n.Right))
	switch n.Operator {
	case "..":
		return m.refuse(n, "不支持区间 / ranges are not supported")
	case "matches":
		return m.refuse(n, "不支持正则表达式 / regular expressions are not supported")
	case "in", "contains", "startsWith", "endsWith":
		return add(cost, maxNeighbours)
	}
	return cost
}

// builtin counts a function over a list as its whole list.
func (m *measure) builtin(n *ast.BuiltinNode) int64 {
	cost := int64(1)
	for _, a := range n.Arguments {
		c := m.of(a)
		if _, each := a.(*ast.PredicateNode); each {
			c = times(c+1, maxNeighbours)
		}
		cost = add(cost, c)
	}
	switch n.Name {
	case "sum", "max", "min", "mean":
		return add(cost, maxNeighbours)
	case "median": // sorts
		return add(cost, 8*maxNeighbours)
	}
	if n.Map != nil {
		cost = add(cost, times(m.of(n.Map)+1, maxNeighbours))
	}
	return cost
}

func (m *measure) maybe(n ast.Node) int64 {
	if n == nil {
		return 0
	}
	return m.of(n)
}

func (m *measure) all(list []ast.Node) (sum int64) {
	for _, n := range list {
		sum = add(sum, m.of(n))
	}
	return sum
}

// add and times stop at the largest number rather than run over it.
func add(list ...int64) (sum int64) {
	for _, v := range list {
		if v > math.MaxInt64-sum {
			return math.MaxInt64
		}
		sum += v
	}
	return sum
}

func times(a, b int64) int64 {
	if b != 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}
