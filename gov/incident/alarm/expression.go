package alarm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Env is what an expression may speak of; nothing else is there, and it can do
// nothing but say yes or no.
type Env struct {
	Value      float64      `expr:"value"`      // the newest
	Mean15m    float64      `expr:"mean15m"`    // over the last 15 minutes
	Max15m     float64      `expr:"max15m"`     // in the last 15 minutes
	Rate       float64      `expr:"rate"`       // change a minute, over the last 15 minutes
	Silent     float64      `expr:"silent"`     // minutes since the device was last heard
	Cell       string       `expr:"cell"`       // H3, hexadecimal
	Neighbours []Neighbour  `expr:"neighbours"` // the other devices in its cell and the six around it
	Hour       int          `expr:"hour"`       // 0–23, in the city
	Weekday    int          `expr:"weekday"`    // 1 Monday … 7 Sunday
	Device     DeviceInWord `expr:"device"`
	Property   string       `expr:"property"`
	Region     string       `expr:"region"` // code of the deepest region
}

// DeviceInWord is the device that an expression speaks of.
type DeviceInWord struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
	Kind string `expr:"kind"`
}

// Neighbour is another device that the rule looks at, nearby.
type Neighbour struct {
	ID      string  `expr:"id"`
	Value   float64 `expr:"value"`
	Mean15m float64 `expr:"mean15m"`
	Age     float64 `expr:"age"` // minutes since its value
}

const (
	// maxNeighbours bounds Env.Neighbours.
	maxNeighbours = 32
	maxExpression = 1000 // bytes
	maxNodes      = 200
	// maxCost bounds one look, in steps of the machine at worst.
	maxCost = 20_000
	// memoryBudget is the elements that one look may make.
	memoryBudget = 10_000
)

// functions are those that an expression may call: each costs no more than the
// list that it is given.
var functions = []string{
	"all", "none", "any", "one", "filter", "map", "count", "sum", "len", "abs", "ceil", "floor", "round",
	"int", "float", "max", "min", "mean", "median",
}

// condition is an expression that was compiled.
type condition struct {
	program *vm.Program
	cost    int64
	uses    map[string]bool // names of Env
}

// compile checks an expression whole: that it can be read, that it is true or
// false, that it names only what is there, and that it cannot cost too much.
func compile(field, source string) (*condition, *Fault) {
	switch {
	case strings.TrimSpace(source) == "":
		return nil, &Fault{Field: field, Message: "缺少表达式 / the expression is missing"}
	case len(source) > maxExpression:
		return nil, &Fault{Field: field, Message: fmt.Sprintf("表达式过长，至多 %[1]d 字节 / the expression is too long, at most %[1]d bytes", maxExpression)}
	}
	options := []expr.Option{expr.Env(Env{}), expr.AsBool(), expr.Optimize(false), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, f := range functions {
		options = append(options, expr.EnableBuiltin(f))
	}
	program, err := expr.Compile(source, options...)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, &Fault{Field: field, Message: "表达式有误 / the expression is wrong: " + at.Message, Line: max(at.Line, 1), Column: at.Column}
		}
		return nil, &Fault{Field: field, Message: "表达式有误 / the expression is wrong: " + err.Error(), Line: 1}
	}
	m := measure{uses: map[string]bool{}}
	cost := m.of(program.Node())
	if m.wrong != nil {
		line, column := position(source, m.wrong.Location().From)
		return nil, &Fault{Field: field, Message: m.why, Line: line, Column: column}
	}
	if cost > maxCost {
		return nil, &Fault{Field: field, Line: 1, Message: fmt.Sprintf(
			"表达式代价过高：每次至多 %[2]d 步，此式可能需 %[1]d 步 / the expression costs too much: it may take %[1]d steps, %[2]d are allowed", cost, maxCost)}
	}
	return &condition{program, cost, m.uses}, nil
}

// position is the line, from 1, and the column, from 0, of a rune of source.
func position(source string, at int) (line, column int) {
	line = 1
	for i, r := range []rune(source) {
		if i == at {
			break
		}
		if column++; r == '\n' {
			line, column = line+1, 0
		}
	}
	return line, column
}

// holds looks once. machine is reused: one look at a time.
func (c *condition) holds(machine *vm.VM, env *Env) (bool, error) {
	machine.MemoryBudget = memoryBudget
	out, err := machine.Run(c.program, env)
	if err != nil {
		return false, err
	}
	yes, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("the expression says %T, not true or false", out)
	}
	return yes, nil
}

// Check compiles an expression as an editor asks for it: nil when it is good.
func Check(source string) *Fault {
	_, f := compile("/expression/when", source)
	return f
}
