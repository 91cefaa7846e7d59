package evaluation

import (
	"errors"
	"fmt"
	"math"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// MaxFormula is how long a formula may be, in bytes.
const MaxFormula = 400

// ErrFormula: a formula cannot be used; the text says why.
var ErrFormula = errors.New("公式有误 / the formula cannot be used")

// Formula 公式 is arithmetic over the codes of measures, such as
// "closed_on_time / close_due * 100": + - * / %, parentheses, comparisons with
// "? :", min, max, abs, round, floor and ceil. Nothing else.
type Formula struct {
	text    string
	program *vm.Program
}

// Parse reads a formula. ErrFormula when it names something that is not
// counted, does not come to a number, or uses none of the counts.
func Parse(text string) (*Formula, error) {
	if len(text) > MaxFormula {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrFormula, MaxFormula)
	}
	only := &arithmetic{}
	program, err := expr.Compile(text, expr.Env(environment(&Counts{})), expr.AsFloat64(), expr.DisableAllBuiltins(),
		expr.EnableBuiltin("min"), expr.EnableBuiltin("max"), expr.EnableBuiltin("abs"),
		expr.EnableBuiltin("round"), expr.EnableBuiltin("floor"), expr.EnableBuiltin("ceil"),
		expr.MaxNodes(100), expr.Optimize(false), expr.Patch(only))
	if err == nil {
		err = only.err
	}
	if err == nil && !only.counts {
		err = errors.New("没有用到计数 / it uses none of the counts")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormula, err)
	}
	return &Formula{text, program}, nil
}

// String is the formula as it was written.
func (f *Formula) String() string { return f.text }

// Value of the counts. False when there is none, such as where it divides by
// zero.
func (f *Formula) Value(c *Counts) (float64, bool) {
	out, err := expr.Run(f.program, environment(c))
	if err != nil {
		return 0, false
	}
	v, ok := out.(float64)
	return v, ok && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func environment(c *Counts) map[string]float64 { return c.Map() }

// arithmetic looks for what is no arithmetic in a formula's tree.
type arithmetic struct {
	counts bool
	err    error
}

var operators = map[string]bool{
	"+": true, "-": true, "*": true, "/": true, "%": true,
	"<": true, "<=": true, ">": true, ">=": true, "==": true, "!=": true, "and": true, "or": true, "&&": true, "||": true, "not": true, "!": true,
}

// Visit is expr's.
func (a *arithmetic) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.ConditionalNode, *ast.BuiltinNode:
	case *ast.IdentifierNode:
		a.counts = true
	case *ast.BinaryNode:
		a.operator(n.Operator)
	case *ast.UnaryNode:
		a.operator(n.Operator)
	default:
		a.refuse(fmt.Sprintf("只能用四则运算 / only arithmetic is allowed: %s", (*node).String()))
	}
}

func (a *arithmetic) operator(op string) {
	if !operators[op] {
		a.refuse(fmt.Sprintf("不支持的运算符 / an operator that is not supported: %s", op))
	}
}

func (a *arithmetic) refuse(why string) {
	if a.err == nil {
		a.err = errors.New(why)
	}
}
