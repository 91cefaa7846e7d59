package incident

import (
	"onecity/internal/flow"
)

// Machine is the loop for flow.Options.
func Machine(o Options) *flow.Machine {
	o.fill()
	return nil
}
