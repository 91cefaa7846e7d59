package widgets

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// number is v as a reader of lang writes it: 12.3万 and 1.05亿 in Chinese from
// ten thousand on, thousands parted by commas in English. Not a number is "—".
func number(v float64, lang string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "—"
	}
	a := math.Abs(v)
	if lang != "en" {
		switch {
		case a >= 1e8:
			return digits(v/1e8) + "亿"
		case a >= 1e4:
			return digits(v/1e4) + "万"
		}
	}
	return commas(digits(v))
}

// digits keeps what is worth reading: none after the point from 100 on, one
// from 10, two below, and no zeros at the end.
func digits(v float64) string {
	places := 2
	switch a := math.Abs(v); {
	case a >= 99.95:
		places = 0
	case a >= 9.995:
		places = 1
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

func commas(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		rest = "." + rest
	}
	return sign + whole + rest
}

// span is a duration in words: 42分钟, 3小时5分, 2天4小时.
func span(d time.Duration, lang string) string {
	m := int(d.Round(time.Minute) / time.Minute)
	h, day := m/60, m/1440
	if lang == "en" {
		switch {
		case m < 60:
			return strconv.Itoa(m) + " min"
		case day < 2:
			return strconv.Itoa(h) + " h " + strconv.Itoa(m%60) + " min"
		}
		return strconv.Itoa(day) + " d " + strconv.Itoa(h%24) + " h"
	}
	switch {
	case m < 60:
		return strconv.Itoa(m) + "分钟"
	case day < 2:
		return strconv.Itoa(h) + "小时" + strconv.Itoa(m%60) + "分"
	}
	return strconv.Itoa(day) + "天" + strconv.Itoa(h%24) + "小时"
}

// rounded is v to so many digits after the point, and nil (JSON null, a gap in
// a chart) when v is not a number.
func rounded(v float64, places int) any {
	p := pointer(v, places)
	if p == nil {
		return nil
	}
	return *p
}

func pointer(v float64, places int) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	scale := math.Pow10(places)
	v = math.Round(v*scale) / scale
	if v == 0 {
		v = 0 // not −0
	}
	return &v
}
