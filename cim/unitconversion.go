package cim

// Convert brings a value from unit to the property's own unit. ok is false
// when there is no way known; "" and the property's own unit need none. Gases
// are converted between mass and volume nowhere: that needs a temperature.
func (i PropertyInfo) Convert(v float64, unit string) (converted float64, ok bool) {
	if unit == "" || unit == i.Unit || otherSpellings[unit] == i.Unit {
		return v, true
	}
	c, ok := conversions[[2]string{unit, i.Unit}]
	if !ok {
		if c, ok = conversions[[2]string{otherSpellings[unit], i.Unit}]; !ok {
			return 0, false
		}
	}
	return v*c.factor + c.offset, true
}

// conversion is converted = value × factor + offset.
type conversion struct{ factor, offset float64 }

// conversions from a UCUM code to the register's.
var conversions = map[[2]string]conversion{
	{"mg/m3", "ug/m3"}: {factor: 1000},
	{"g/m3", "ug/m3"}:  {factor: 1e6},
	{"ug/m3", "mg/m3"}: {factor: 0.001},
	{"g/m3", "mg/m3"}:  {factor: 1000},

	{"[degF]", "Cel"}: {factor: 5.0 / 9, offset: -160.0 / 9},
	{"K", "Cel"}:      {factor: 1, offset: -273.15},

	{"1", "%"}:      {factor: 100},
	{"[ppth]", "%"}: {factor: 0.1},

	{"km/h", "m/s"}:      {factor: 1 / 3.6},
	{"[kn_i]", "m/s"}:    {factor: 1852.0 / 3600},
	{"[mi_i]/h", "m/s"}:  {factor: 0.44704},
	{"m/s", "km/h"}:      {factor: 3.6},
	{"[mi_i]/h", "km/h"}: {factor: 1.609344},

	{"mm/min", "mm/h"}:   {factor: 60},
	{"[in_i]/h", "mm/h"}: {factor: 25.4},

	{"Pa", "hPa"}:     {factor: 0.01},
	{"kPa", "hPa"}:    {factor: 10},
	{"bar", "hPa"}:    {factor: 1000},
	{"mm[Hg]", "hPa"}: {factor: 1.33322387415},
	{"m[Hg]", "hPa"}:  {factor: 1333.22387415},
	{"atm", "hPa"}:    {factor: 1013.25},

	{"cm", "m"}:     {factor: 0.01},
	{"mm", "m"}:     {factor: 0.001},
	{"[ft_i]", "m"}: {factor: 0.3048},

	{"L/s", "m3/s"}:  {factor: 0.001},
	{"m3/h", "m3/s"}: {factor: 1.0 / 3600},
	{"m3/d", "m3/s"}: {factor: 1.0 / 86400},

	{"ug/L", "mg/L"}: {factor: 0.001},
	{"g/L", "mg/L"}:  {factor: 1000},
	{"g/m3", "mg/L"}: {factor: 1},

	{"W", "kW"}:  {factor: 0.001},
	{"MW", "kW"}: {factor: 1000},
	{"mV", "V"}:  {factor: 0.001},
	{"kV", "V"}:  {factor: 1000},

	{"rad", "deg"}:  {factor: 57.29577951308232},
	{"1", "%{LEL}"}: {factor: 100},
}

// otherSpellings are what senders write for a UCUM code.
var otherSpellings = map[string]string{
	"µg/m3": "ug/m3", "μg/m3": "ug/m3", "µg/m³": "ug/m3", "μg/m³": "ug/m3", "ug/m³": "ug/m3", "微克/立方米": "ug/m3",
	"mg/m³": "mg/m3", "毫克/立方米": "mg/m3",
	"°C": "Cel", "℃": "Cel", "C": "Cel", "摄氏度": "Cel", "°F": "[degF]", "℉": "[degF]", "F": "[degF]",
	"percent": "%", "％": "%", "%RH": "%", "‰": "[ppth]",
	"米/秒": "m/s", "mps": "m/s", "kmh": "km/h", "kph": "km/h", "公里/小时": "km/h", "mph": "[mi_i]/h", "kn": "[kn_i]", "kt": "[kn_i]",
	"mbar": "hPa", "毫米/小时": "mm/h", "mmHg": "mm[Hg]",
	"米": "m", "厘米": "cm", "毫米": "mm", "ft": "[ft_i]",
	"m³/s": "m3/s", "m³/h": "m3/h", "l/s": "L/s", "立方米/秒": "m3/s",
	"mg/l": "mg/L", "毫克/升": "mg/L", "ug/l": "ug/L", "µg/L": "ug/L", "μg/L": "ug/L",
	"NTU": "{NTU}", "[NTU]": "{NTU}", "FNU": "{NTU}", "pH": "[pH]", "ph": "[pH]", "无量纲": "1",
	"dB": "dB{A}", "dB(A)": "dB{A}", "dB[A]": "dB{A}", "dBA": "dB{A}", "分贝": "dB{A}",
	"%LEL": "%{LEL}", "%[LEL]": "%{LEL}", "LEL%": "%{LEL}", "lel": "%{LEL}",
	"°": "deg", "度": "deg", "千瓦": "kW", "瓦": "W", "伏": "V", "v": "V",
	"个": "1", "辆": "1", "人": "1", "count": "1", "{count}": "1", "{vehicle}": "1", "{person}": "1", "bool": "1",
}
