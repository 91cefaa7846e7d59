// Package calendar is the working-day calendar 工作日历: which days are worked,
// and at which hours.
//
// A [Calendar] is data and never changes: a [Year] for each year with its
// public holidays 法定节假日 and make-up days 调休 as the State Council's
// office 国务院办公厅 announces them each autumn, and [Hours] of work with the
// days they are valid for. [Default] holds the years that were announced when
// the program was made; [Calendar.With] and [Load] give another one with newer
// tables, and [Current] is the one in force in a running program.
//
// [Calendar.Add] and [Calendar.Between] count working time, [Calendar.AddDays]
// whole working days as deadlines in law are counted.
//
// All days are those of China Standard Time, UTC+8 without daylight saving.
package calendar
