package alarm

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestABadExpressionIsRefusedWithItsPosition(t *testing.T) {
	for _, c := range []struct {
		source       string
		line, column int
		says         string
	}{
		{"", 0, 0, "缺少"},
		{"value >", 1, 6, "unexpected token EOF"},
		{"value > 1 &&\n  vale > 2", 2, 2, "unknown name vale"},
		{"值 > 1", 1, 0, "unknown name"},
		{"value + 1", 1, 0, "expected bool"},
		{"value > \"x\"", 1, 6, "invalid operation"},
		{"device.password == ''", 1, 7, "no field password"},
		{"now().Year() > 1", 1, 0, "unknown name now"},
		{"len(repeat('x', 1000000)) > 1", 1, 4, "unknown name repeat"},
		{"len(1..1000000) > 1", 1, 5, "区间"},
		{"value > 1 && region matches '(a+)+$'", 1, 20, "正则"},
		{"len({'a': 1}) > 0", 1, 4, "映射"},
		{"let f = value; f() > 1", 1, 15, "not callable"},
	} {
		f := Check(c.source)
		if f == nil || f.Line != c.line || f.Column != c.column || !strings.Contains(f.Message, c.says) {
			t.Errorf("%q: %+v", c.source, f)
		}
	}
	if f := Check(strings.Repeat("value > 1 && ", 100) + "true"); f == nil {
		t.Error("a long one was taken")
	}
}

func TestAnExpressionThatMayCostTooMuchIsRefusedBeforeItIsRun(t *testing.T) {
	list := "neighbours"
	for range 3 {
		list = fmt.Sprintf("filter(neighbours, any(%s, .value > 1))", list)
	}
	if f := Check("len(" + list + ") > 1"); f == nil || !strings.Contains(f.Message, "代价过高") {
		t.Errorf("%+v", f)
	}
	for _, good := range []string{
		"value > 75 && mean15m > 60", "count(neighbours, .value > 75) >= 3", "mean(map(neighbours, .value)) > 50",
		"silent > 30 || rate > 2.5", "device.kind in ['air', 'weather'] && weekday <= 5 && hour >= 8", "region startsWith '320583' ? value > 1 : value > 2",
		"any(neighbours, .age < 5 && abs(.value - value) > 20)", "let m = max15m; value > m * 0.9", "neighbours[0].value > 1",
	} {
		if f := Check(good); f != nil {
			t.Errorf("%s: %v", good, f)
		}
	}
}

func express(when string, change func(*Expression)) Rule {
	return of(KindExpression, "pm10", func(r *Rule) {
		r.Expression = &Expression{When: when}
		if change != nil {
			change(r.Expression)
		}
	})
}

func TestAnExpressionSeesWindowRateHourAndNeighbours(t *testing.T) {
	for _, c := range []struct {
		when string
		want string // of a after noon in Kunshan, a Friday
	}{
		{"value > 105", "device:a 3m0s"},
		{"mean15m > 104", "device:a 3m0s"},            // (100+102+104+112)/4
		{"max15m >= 104", "device:a 2m0s"},            //
		{"rate > 2.1", "device:a 3m0s"},               // 12 in 3 minutes
		{"hour == 12 && weekday == 5", "device:a 0s"}, // 04:00 UTC
		{"len(neighbours) == 1 && neighbours[0].value == 50", "device:a 1m0s"},
		{"any(neighbours, .age >= 1)", "device:a 2m0s"},
		{"device.id == 'a' && device.kind == 'air' && region == '320583100' && len(cell) == 15", "device:a 0s"},
	} {
		r := express(c.when, nil)
		f := newFeed(t, r)
		f.minutes("a", "pm10", 100)
		f.value("b", "pm10", 50, 0)
		f.minutes("a", "pm10", 102, 104, 112)
		first := "nothing"
		for _, o := range f.opened() {
			if strings.HasPrefix(o, "device:a ") {
				first = o
				break
			}
		}
		if first != c.want {
			t.Errorf("%s: %s, want %s", c.when, first, c.want)
		}
	}
}

func TestAnExpressionHasDurationAndHysteresis(t *testing.T) {
	f := newFeed(t, express("value > 100", func(x *Expression) { x.Until, x.For = "value < 50", 2 }))
	f.engine.byID["r0"].Clear = "恢复"
	f.minutes("a", "pm10", 110, 110, 90, 110, 110, 110)
	f.want("device:a 5m0s")
	f.minutes("a", "pm10", 90, 60)
	if f.did(DoClear) != 0 {
		t.Error("cleared too early")
	}
	f.minutes("a", "pm10", 40)
	if f.did(DoClear) != 1 {
		t.Error("not cleared")
	}
}

func TestAnExpressionThatSpeaksOfSilenceIsLookedAtWithoutValues(t *testing.T) {
	f := newFeed(t, express("silent >= 20 && device.id == 'a'", nil))
	f.minutes("a", "pm10", 1)
	f.pass(30 * time.Minute)
	f.want("device:a 20m0s")
}

func TestAnExpressionThatGoesOnFailingStopsItsRule(t *testing.T) {
	f := newFeed(t, express("neighbours[5].value > 1", nil)) // there are not so many
	for i := range 2 * maxErrors {
		f.value("a", "pm10", float64(i), 0)
		f.pass(10 * time.Second)
	}
	if f.did(DoStop) != 1 || f.did(DoOpen) != 0 {
		t.Errorf("%d stopped, %d opened", f.did(DoStop), f.did(DoOpen))
	}
}

func TestARuleThatCostsTooMuchInAMinuteIsStopped(t *testing.T) {
	r := express("any(neighbours, any(neighbours, .value > 1e9)) && count(neighbours, any(neighbours, .value > 1)) > 40", nil)
	f := newFeed(t, r)
	cost := f.engine.byID["r0"].when.cost
	if cost < 5000 {
		t.Fatalf("it costs only %d", cost)
	}
	n := int(maxMinute/cost) + 1
	for i := range n {
		f.fact(Observed{[]Observation{{"a", "pm10", f.now.Add(time.Duration(i) * time.Millisecond), 1}}})
		if i < n-1 && f.did(DoStop) != 0 {
			t.Fatalf("stopped after %d of %d", i, n)
		}
	}
	if f.did(DoStop) != 1 {
		t.Error("it was not stopped")
	}
	f.value("a", "pm10", 1, 0)
	if f.did(DoStop) != 1 {
		t.Error("it was stopped again")
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"value > 1", "count(neighbours, .value > 75) >= 3", "let x = 1; x", "a.b.c[1]", "1..9", "{", "值 > '\"", "value matches 'x'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c, fault := compile("/x", source)
		if (c == nil) == (fault == nil) {
			t.Fatalf("%q: %v, %v", source, c, fault)
		}
		if c == nil {
			return
		}
		var m machine
		env := Env{Value: 1, Cell: "89", Neighbours: make([]Neighbour, maxNeighbours)}
		_, _ = c.holds(&m, &env) // it may fail; it may not hang or panic
	})
}
