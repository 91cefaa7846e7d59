-- +goose Up

-- When the clock of the state that was left was to run out. Of entries from
-- before it is not known; there the clock's own lines tell.
alter table incident.entry add column due timestamptz;
