package bench

import "context"

// listed is how long a page may take at a million cases, in milliseconds.
const listed = 100

// Lists measures the pages that people open all day, with 1,000,000 cases in
// the database of which 50,000 are open. The database is filled once by COPY.
func Lists(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./gov/incident", "^BenchmarkAMillionCases$", "15x", 1)
	if err != nil {
		return nil, err
	}
	var ws []wanted
	for i, l := range []struct{ bench, what, note string }{
		{"queue_of_the_city", "lists of 1,000,000 cases, 50,000 of them open: the queue by urgency", "median of 15, as are the others; PostgreSQL and the program's reading, without HTTP"},
		{"late_ones_by_due", "late ones, the soonest first", ""},
		{"newest_of_the_city", "newest", ""},
		{"words_that_are_common", "common words", "in the whole city"},
		{"words_that_are_rare", "rare words", "in the whole city"},
		{"words_in_a_village", "words in a village", ""},
		{"counts_of_the_city", "counts of the city", "by state, class and town: one scan of an index of what is open"},
		{"tasks_of_an_operator", "tasks of an operator", "50,000 wait: counted, and the first 50 of them"},
		{"cases_of_an_operator", "cases of an operator", ""},
		{"alike", "cases that are alike", ""},
		{"nearby", "history of a place", ""},
	} {
		if i > 0 {
			l.what = "— " + l.what
		}
		ws = append(ws, wanted{"AMillionCases/" + l.bench, "ms/median", 1, Figure{What: l.what, Unit: "ms", Target: listed, Note: l.note}})
	}
	return take(rs, ws)
}

// Evaluation measures tables and panels of what 1,000,000 cases of three years
// count for.
func Evaluation(ctx context.Context, e *Env) ([]Figure, error) {
	rs, err := e.goBench(ctx, "./gov/incident/evaluation", "^BenchmarkEvaluationAtAMillionCases$", "15x", 1)
	if err != nil {
		return nil, err
	}
	const of = "EvaluationAtAMillionCases/"
	return take(rs, []wanted{
		{of + "city-by-town-month", "ms/median", 1, Figure{What: "evaluation of a month by town, 1,000,000 cases", Unit: "ms", Target: listed, Note: "median of 15, as are the others"}},
		{of + "city-by-class-month", "ms/median", 1, Figure{What: "— by class", Unit: "ms", Target: listed}},
		{of + "city-by-person-month", "ms/median", 1, Figure{What: "— by person", Unit: "ms", Target: listed}},
		{of + "city-by-class-year", "ms/median", 1, Figure{What: "— of a year by class", Unit: "ms"}},
		{of + "today", "ms/median", 1, Figure{What: "— the day so far, and the day before", Unit: "ms", Target: listed}},
		{of + "panel-of-a-town", "ms/median", 1, Figure{What: "— panel of a town", Unit: "ms", Target: listed, Note: "without open cases"}},
	})
}
