// Package palette holds the colours of screens, maps and charts by what they
// are for, in a dark and a light theme. It says in Go what the front end's
// design/tokens.css says in CSS, and a test keeps the two equal.
//
// Colour carries meaning or is not there: greys for what is well, the four
// colours of China's emergency levels (Ⅰ 红 Ⅱ 橙 Ⅲ 黄 Ⅳ 蓝) for severity, one
// accent, violet for simulated data.
package palette
