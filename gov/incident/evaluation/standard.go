package evaluation

import "onecity/internal/calendar"

// The names are those of GB/T 30428.4-2016 数字化城市管理信息系统
// 第4部分：绩效评价 (before it CJ/T 292-2008), as cities that work by it publish
// their figures. The standard's own text was not found, so no formula is
// checked against it. Some are checked against published figures, whose counts
// come to the published rates by these formulas:
//
//   - Zhengzhou, weekly report 2019-04-08: established/received 51229/51571 =
//     99.34 %, closed/to be closed 43523/52434 = 83.01 %, on time 40394/52434 =
//     77.04 %, reworked 276/52434 = 0.53 %, delayed 104/52434 = 0.20 %;
//   - Fuzhou, 榕政办〔2015〕113号: established/received 33928/36314 = 93.43 %;
//   - Suzhou (Anhui), 2022-03: handled/to be handled 6507/6523 = 99.75 %.
//
// Cities differ in whether rework and delay are shares of what had to be
// handled or to be closed; here it is the first, for which a unit answers.
const (
	published = "指标名见 GB/T 30428.4-2016；算式与城市公开通报的数据核算一致。Name as in GB/T 30428.4-2016; the formula agrees with figures that cities publish."
	likewise  = "指标名见 GB/T 30428.4-2016；算式仿照结案类指标，未与公开数据核算。Name as in GB/T 30428.4-2016; the formula follows that of closing, not checked against published figures."
	otherwise = "指标名见 GB/T 30428.4-2016；公开通报以应结案数为分母，这里以应处置数为分母。Name as in GB/T 30428.4-2016; cities publish it as a share of what was to be closed, here it is of what was to be handled."
	named     = "指标名见 GB/T 30428.4-2016；算式未核实。Name as in GB/T 30428.4-2016; the formula could not be verified."
	ours      = "本系统补充的指标。An indicator of this program, not of the standard."
)

// Standard are the indicators out of the box. A city changes them from a day on.
func Standard() []Indicator {
	since := calendar.Date{Year: 2000, Month: 1, Day: 1}
	target := func(v float64) *float64 { return &v }
	list := []Indicator{
		{Code: "reports", Name: "受理数", NameEn: "Reports", Formula: "reports", Unit: "件", Direction: Up, Source: published},
		{Code: "established-rate", Name: "立案率", NameEn: "Established", Formula: "established / reports * 100", Unit: "%", Direction: Up, Target: target(90), Source: published},
		{Code: "judged-on-time-rate", Name: "按时审核率", NameEn: "Judged on time", Formula: "judged_on_time / judge_due * 100", Unit: "%", Direction: Up, Target: target(95), Source: named},
		{Code: "dispatched-on-time-rate", Name: "按时派遣率", NameEn: "Dispatched on time", Formula: "dispatched_on_time / dispatch_due * 100", Unit: "%", Direction: Up, Target: target(95), Source: named},
		{Code: "dispatch-accuracy", Name: "准确派遣率", NameEn: "Dispatch accuracy", Formula: "(dispatched - returned) / dispatched * 100", Unit: "%", Direction: Up, Target: target(95), Source: named},
		{Code: "return-rate", Name: "退回率", NameEn: "Sent back", Formula: "returned / dispatched * 100", Unit: "%", Direction: Down, Target: target(5), Source: ours},
		{Code: "handled-rate", Name: "处置率", NameEn: "Handled", Formula: "handled / due * 100", Unit: "%", Direction: Up, Target: target(98), Source: published},
		{Code: "handled-on-time-rate", Name: "按期处置率", NameEn: "Handled on time", Formula: "handled_on_time / due * 100", Unit: "%", Direction: Up, Target: target(95), Source: likewise},
		{Code: "rework-rate", Name: "返工率", NameEn: "Reworked", Formula: "reworked / due * 100", Unit: "%", Direction: Down, Target: target(2), Source: otherwise},
		{Code: "delay-rate", Name: "延期率", NameEn: "Delayed", Formula: "delayed / due * 100", Unit: "%", Direction: Down, Target: target(3), Source: otherwise},
		{Code: "suspend-rate", Name: "挂账率", NameEn: "Suspended", Formula: "suspended / due * 100", Unit: "%", Direction: Down, Source: ours},
		{Code: "verified-on-time-rate", Name: "按时核查率", NameEn: "Verified on time", Formula: "verified_on_time / verify_due * 100", Unit: "%", Direction: Up, Target: target(95), Source: named},
		{Code: "closed-rate", Name: "结案率", NameEn: "Closed", Formula: "closed / close_due * 100", Unit: "%", Direction: Up, Target: target(98), Source: published},
		{Code: "closed-on-time-rate", Name: "按期结案率", NameEn: "Closed on time", Formula: "closed_on_time / close_due * 100", Unit: "%", Direction: Up, Target: target(95), Source: published},
		{Code: "handling-time", Name: "平均处置时长", NameEn: "Mean handling time", Formula: "handling_minutes / handled", Unit: "分", Direction: Down, Source: ours},
		{Code: "closing-time", Name: "平均结案时长", NameEn: "Mean time to the end", Formula: "closing_minutes / closed", Unit: "分", Direction: Down, Source: ours},
		{Code: "satisfaction", Name: "满意度", NameEn: "Satisfied", Formula: "satisfied / rated * 100", Unit: "%", Direction: Up, Target: target(90), Source: ours},
		{Code: "stars", Name: "平均星级", NameEn: "Mean stars", Formula: "stars / rated", Unit: "星", Direction: Up, Source: ours},
	}
	for i := range list {
		list[i].ValidFrom, list[i].Order = since, i+1
	}
	return list
}
