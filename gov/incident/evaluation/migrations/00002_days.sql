-- +goose Up

-- The day so far is counted case by case: of a million those of that day.
create index fact_days on evaluation.fact using gist (daterange(first, last, '[]'));
