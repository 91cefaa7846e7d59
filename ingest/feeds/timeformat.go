package feeds

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// letters of a contract's time format, as spreadsheets and most tools of
// departments write them, and Go's layout for each. Longer ones first.
var letters = []struct{ letter, layout string }{
	{"yyyy", "2006"}, {"MM", "01"}, {"dd", "02"}, {"HH", "15"}, {"mm", "04"}, {"ss", "05"},
	{"M", "1"}, {"d", "2"}, {"XXX", "Z07:00"},
}

// layoutOf turns "yyyy-MM-dd HH:mm" into Go's layout.
func layoutOf(format string) (string, error) {
	layout := ""
	for rest := format; rest != ""; {
		matched := false
		for _, l := range letters {
			if strings.HasPrefix(rest, l.letter) {
				layout, rest, matched = layout+l.layout, rest[len(l.letter):], true
				break
			}
		}
		if matched {
			continue
		}
		if c := rest[0]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && c != 'T' || c >= '0' && c <= '9' {
			return "", fmt.Errorf("time format %q: %q is not one of yyyy MM dd HH mm ss M d XXX", format, string(c))
		}
		layout, rest = layout+rest[:1], rest[1:]
	}
	return layout, nil
}

// usualLayouts are taken when a contract declares no format.
var usualLayouts = []string{
	time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006/1/2 15:04:05", "2006/1/2 15:04", "2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15时04分",
	"2006年1月2日15时", "2006年1月2日 15时", "20060102150405", "200601021504", "2006-01-02 15",
	"2006-01-02", "2006/1/2", "2006年1月2日",
}

// Serial numbers of days that are taken for times: 1954 to 9999. Smaller ones
// are more likely a year or a slip.
const firstSerial, lastSerial = 20000, 2958465

var errTime = errors.New("not a time")

// parseTime reads a time in zone unless it says its own. layout "" takes the
// usual ones. 24:00 is the end of its day, as hourly reports write it. A bare
// number of a workbook is Excel's serial number of days.
func parseTime(text, layout string, zone *time.Location, workbook, date1904 bool) (time.Time, error) {
	if workbook {
		if serial, err := strconv.ParseFloat(text, 64); err == nil && serial >= firstSerial && serial <= lastSerial {
			t, err := excelize.ExcelDateToTime(serial, date1904)
			if err != nil {
				return time.Time{}, errTime
			}
			t = t.Round(time.Second) // a day's fraction has no exact seconds
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone), nil
		}
	}
	layouts := usualLayouts
	if layout != "" {
		layouts = []string{layout}
	}
	days := 0
	if i := strings.Index(text, "24:00"); i > 0 && !digit(text[i-1]) {
		text, days = text[:i]+"00:00"+text[i+5:], 1
	} else if i := strings.Index(text, "24时"); i > 0 && !digit(text[i-1]) {
		text, days = text[:i]+"00时"+text[i+len("24时"):], 1
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, text, zone); err == nil {
			return t.AddDate(0, 0, days), nil
		}
	}
	return time.Time{}, errTime
}

func digit(b byte) bool { return b >= '0' && b <= '9' }
