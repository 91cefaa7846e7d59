package cim

// Where alarm limits come from. A limit of a standard is that of a mean over
// the time named; the program compares single values with it, so that it warns
// early. Limits by operational default are this program's own.
const (
	airStandard   = "GB 3095-2012 表1 二级 24 小时平均"
	ozoneStandard = "GB 3095-2012 表1 二级 1 小时平均"
	waterStandard = "GB 3838-2002 表1 Ⅲ类"
	noiseStandard = "GB 3096-2008 表1 4a 类 昼间"
	gasStandard   = "GB/T 50493-2019 5.5.2 一级报警"
	byDefault     = "operational default 运行默认值"
)

func limit(v float64) *float64 { return &v }

// properties is the register. Low and High are what a working instrument can
// say, not what is healthy.
var properties = []PropertyInfo{
	{ID: "pm2_5", Name: "细颗粒物 PM2.5", NameEn: "PM2.5", Unit: "ug/m3", Low: 0, High: 1000, AlarmHigh: limit(75), AlarmSource: airStandard, Show: ShowNumber},
	{ID: "pm10", Name: "可吸入颗粒物 PM10", NameEn: "PM10", Unit: "ug/m3", Low: 0, High: 2000, AlarmHigh: limit(150), AlarmSource: airStandard, Show: ShowNumber},
	{ID: "no2", Name: "二氧化氮", NameEn: "Nitrogen dioxide", Unit: "ug/m3", Low: 0, High: 2000, AlarmHigh: limit(80), AlarmSource: airStandard, Show: ShowNumber},
	{ID: "so2", Name: "二氧化硫", NameEn: "Sulphur dioxide", Unit: "ug/m3", Low: 0, High: 3000, AlarmHigh: limit(150), AlarmSource: airStandard, Show: ShowNumber},
	{ID: "o3", Name: "臭氧", NameEn: "Ozone", Unit: "ug/m3", Low: 0, High: 1200, AlarmHigh: limit(200), AlarmSource: ozoneStandard, Show: ShowNumber},
	{ID: "co", Name: "一氧化碳", NameEn: "Carbon monoxide", Unit: "mg/m3", Low: 0, High: 200, AlarmHigh: limit(4), AlarmSource: airStandard, Show: ShowNumber, Decimals: 1},

	{ID: "temperature", Name: "气温", NameEn: "Air temperature", Unit: "Cel", Low: -60, High: 70, AlarmLow: limit(-10), AlarmHigh: limit(40), AlarmSource: byDefault, Show: ShowNumber, Decimals: 1},
	{ID: "humidity", Name: "相对湿度", NameEn: "Relative humidity", Unit: "%", Low: 0, High: 100, Show: ShowNumber},
	{ID: "wind_speed", Name: "风速", NameEn: "Wind speed", Unit: "m/s", Low: 0, High: 90, AlarmHigh: limit(17.2), AlarmSource: "GB/T 28591-2012 8 级", Show: ShowNumber, Decimals: 1},
	{ID: "wind_direction", Name: "风向", NameEn: "Wind direction", Unit: "deg", Low: 0, High: 360, Show: ShowDirection},
	{ID: "rain", Name: "雨强", NameEn: "Rain intensity", Unit: "mm/h", Low: 0, High: 500, AlarmHigh: limit(20), AlarmSource: byDefault, Show: ShowNumber, Decimals: 1},
	{ID: "pressure", Name: "气压", NameEn: "Air pressure", Unit: "hPa", Low: 500, High: 1100, Show: ShowNumber, Decimals: 1},

	{ID: "water_level", Name: "水位", NameEn: "Water level", Unit: "m", Low: -50, High: 200, AlarmHigh: limit(3.7), AlarmSource: byDefault, Show: ShowNumber, Decimals: 2},
	{ID: "flow", Name: "流量", NameEn: "Flow", Unit: "m3/s", Low: -50000, High: 50000, Show: ShowNumber, Decimals: 2},
	{ID: "ph", Name: "pH 值", NameEn: "pH", Unit: "[pH]", Low: 0, High: 14, AlarmLow: limit(6), AlarmHigh: limit(9), AlarmSource: waterStandard, Show: ShowNumber, Decimals: 2},
	{ID: "turbidity", Name: "浊度", NameEn: "Turbidity", Unit: "{NTU}", Low: 0, High: 4000, AlarmHigh: limit(100), AlarmSource: byDefault, Show: ShowNumber, Decimals: 1},
	{ID: "dissolved_oxygen", Name: "溶解氧", NameEn: "Dissolved oxygen", Unit: "mg/L", Low: 0, High: 50, AlarmLow: limit(5), AlarmSource: waterStandard, Show: ShowNumber, Decimals: 2},
	{ID: "ammonia_nitrogen", Name: "氨氮", NameEn: "Ammonia nitrogen", Unit: "mg/L", Low: 0, High: 500, AlarmHigh: limit(1), AlarmSource: waterStandard, Show: ShowNumber, Decimals: 3},

	{ID: "noise", Name: "噪声", NameEn: "Noise level", Unit: "dB{A}", Low: 0, High: 160, AlarmHigh: limit(70), AlarmSource: noiseStandard, Show: ShowNumber, Decimals: 1},

	{ID: "vehicle_count", Name: "过车数", NameEn: "Vehicles", Unit: "1", Low: 0, High: 100000, Show: ShowCount},
	{ID: "vehicle_speed", Name: "车速", NameEn: "Vehicle speed", Unit: "km/h", Low: 0, High: 300, Show: ShowNumber},
	{ID: "occupancy", Name: "占有率", NameEn: "Occupancy", Unit: "%", Low: 0, High: 100, AlarmHigh: limit(85), AlarmSource: byDefault, Show: ShowNumber},
	{ID: "people_count", Name: "人数", NameEn: "People", Unit: "1", Low: 0, High: 1000000, Show: ShowCount},

	{ID: "power", Name: "功率", NameEn: "Power", Unit: "kW", Low: -100000, High: 1000000, Show: ShowNumber, Decimals: 2},
	{ID: "voltage", Name: "电压", NameEn: "Voltage", Unit: "V", Low: 0, High: 1000000, Show: ShowNumber, Decimals: 1},
	{ID: "battery", Name: "电量", NameEn: "Battery", Unit: "%", Low: 0, High: 100, AlarmLow: limit(10), AlarmSource: byDefault, Show: ShowNumber},

	{ID: "cover_open", Name: "井盖开启", NameEn: "Cover open", Unit: "1", Low: 0, High: 1, AlarmHigh: limit(0.5), AlarmSource: byDefault, Show: ShowState},
	{ID: "tilt", Name: "倾角", NameEn: "Tilt", Unit: "deg", Low: 0, High: 180, AlarmHigh: limit(15), AlarmSource: byDefault, Show: ShowNumber, Decimals: 1},
	{ID: "gas", Name: "可燃气体", NameEn: "Combustible gas", Unit: "%{LEL}", Low: 0, High: 100, AlarmHigh: limit(25), AlarmSource: gasStandard, Show: ShowNumber, Decimals: 1},
	{ID: "smoke", Name: "烟雾报警", NameEn: "Smoke detected", Unit: "1", Low: 0, High: 1, AlarmHigh: limit(0.5), AlarmSource: byDefault, Show: ShowState},
}
