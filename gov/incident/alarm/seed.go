package alarm

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

func number(v float64) *float64 { return &v }

// examples are rules to try the program out, of devices that the simulator has.
// Limits are those of the register of properties, or this program's own.
var examples = []Rule{
	{ID: "made-flood", On: true, Definition: Definition{
		Name: "河道水位超警戒", NameEn: "Water level above the warning mark", Kind: KindThreshold,
		Note:   "警戒水位 3.70 m（运行默认值），持续 2 分钟；低于 3.50 m 解除。",
		Filter: Filter{Kinds: []string{"water"}, Property: "water_level"}, Threshold: &Threshold{Compare: ">", Limit: 3.7, For: 2, Until: number(3.5)},
		Open:     Opening{Class: "E0402", Severity: 2, Text: "{device}水位 {value} {unit}，超过 {limit} {unit} 已 {minutes} 分钟，可能积水。"},
		CoolDown: 30, Clear: "{device}水位回落至 {value} {unit}。",
	}},
	{ID: "made-dust", On: true, Definition: Definition{
		Name: "扬尘：PM10 持续偏高", NameEn: "Dust: PM10 stays high", Kind: KindThreshold,
		Note:   "限值取 GB 3095-2012 表1 二级 24 小时平均，用于分钟值，意在提前预警。",
		Filter: Filter{Kinds: []string{"air"}, Property: "pm10"}, Threshold: &Threshold{Compare: ">", Limit: 150, For: 2, Until: number(120)},
		Open:     Opening{Class: "E0106", Severity: 3, Text: "{device} PM10 {value} {unit}，超过 {limit} {unit} 已 {minutes} 分钟，疑似扬尘。"},
		CoolDown: 60, Clear: "{device} PM10 回落至 {value} {unit}。",
	}},
	{ID: "made-haze", On: true, Definition: Definition{
		Name: "多站同时 PM2.5 偏高", NameEn: "PM2.5 high at several stations nearby", Kind: KindGroup,
		Note:   "相邻 5 环（约 2 公里）内 10 分钟里至少 2 个站超过 100 µg/m³：不是单台设备的故障。",
		Filter: Filter{Kinds: []string{"air"}, Property: "pm2_5"}, Group: &Group{Compare: ">", Limit: 100, Count: 2, Ring: 5, Within: 10},
		Open:     Opening{Class: "E0106", Severity: 2, Text: "{count} 个空气站同时超过 {limit} {unit}，最高 {value} {unit}：{device}。"},
		CoolDown: 60, Clear: "周边空气站已恢复正常。",
	}},
	{ID: "made-jam", On: true, Definition: Definition{
		Name: "车速骤降，疑似事故", NameEn: "Traffic slows down: perhaps an accident", Kind: KindExpression,
		Note:   "白天车速低于 15 km/h 且明显低于 15 分钟均值，持续 2 分钟。",
		Filter: Filter{Kinds: []string{"traffic"}, Property: "vehicle_speed"}, Expression: &Expression{
			When: "value < 15 && value < max15m * 0.5 && hour >= 6 && hour < 23", Until: "value > 25", For: 2},
		Open:     Opening{Class: "E0404", Severity: 3, Text: "{device}车速降至 {value} {unit}，已 {minutes} 分钟，疑似事故或拥堵。"},
		CoolDown: 20, Clear: "{device}车速恢复至 {value} {unit}。",
	}},
	{ID: "made-cover", On: true, Definition: Definition{
		Name: "井盖开启", NameEn: "Manhole cover open", Kind: KindThreshold,
		Note:   "状态量：开启后 1 分钟内未复位即报。",
		Filter: Filter{Kinds: []string{"manhole"}, Property: "cover_open"}, Threshold: &Threshold{Compare: ">=", Limit: 1, For: 1, Hold: true},
		Open:     Opening{Class: "C0103", Severity: 2, Text: "{device}（{id}）已开启 {minutes} 分钟，请立即围护。"},
		CoolDown: 10, Clear: "{device}已复位。",
	}},
	{ID: "made-noise", On: true, Definition: Definition{
		Name: "噪声持续超标", NameEn: "Noise stays above the limit", Kind: KindThreshold,
		Note:   "限值取 GB 3096-2008 表1 4a 类昼间，持续 2 分钟。",
		Filter: Filter{Kinds: []string{"noise"}, Property: "noise"}, Threshold: &Threshold{Compare: ">", Limit: 70, For: 2, Until: number(67)},
		Open:     Opening{Class: "E0107", Severity: 4, Text: "{device}噪声 {value} {unit}，超过 {limit} {unit} 已 {minutes} 分钟。"},
		CoolDown: 60, Clear: "{device}噪声降至 {value} {unit}。",
	}},
	{ID: "made-gas", On: true, Definition: Definition{
		Name: "井下可燃气体快速上升", NameEn: "Combustible gas rises fast", Kind: KindRate,
		Note:   "5 分钟内上升 10 %LEL；一级报警值 25 %LEL 见 GB/T 50493-2019 5.5.2。",
		Filter: Filter{Kinds: []string{"manhole"}, Property: "gas"}, Rate: &Rate{Direction: "rise", By: 10, Within: 5},
		Open:     Opening{Class: "C0106", Severity: 1, Text: "{device}可燃气体 5 分钟内上升超过 {limit} {unit}，现为 {value} {unit}。"},
		CoolDown: 30, Clear: "{device}可燃气体不再上升，现为 {value} {unit}。",
	}},
	{ID: "made-lamp", On: true, Definition: Definition{
		Name: "路灯失联", NameEn: "Street lamp says nothing", Kind: KindSilence,
		Note:   "30 分钟无数据。半数以上同时无数据时视为线路或平台故障，不逐灯上报。",
		Filter: Filter{Kinds: []string{"lamp"}}, Silence: &Silence{After: 30},
		Open:     Opening{Class: "C0105", Severity: 4, Text: "{device}（{id}）自 {time} 起无数据，请检查供电与通信。"},
		CoolDown: 240, Clear: "{device}已恢复通信。",
	}},
}

// Seed gives a city without rules the examples, marked as made and switched on,
// in its whole region.
func (s *Service) Seed(ctx context.Context, region string) error {
	by := System("示例规则 rules to try the program out")
	err := s.change(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "lock table alarm.rule in exclusive mode"); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, "select count(*) from alarm.rule").Scan(&n); err != nil || n > 0 {
			return err
		}
		for _, r := range examples {
			r.Made, r.Region, r.Filter.Of = true, region, "device"
			if err := r.Validate(s.opt.Names); err != nil {
				return fmt.Errorf("rule %s: %w", r.ID, err)
			}
			if err := s.put(ctx, tx, by, "add", nil, &r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give the city alarm rules: %w", err)
	}
	return nil
}
