-- +goose Up

create schema if not exists evaluation;

-- Indicators as they count from a day on.
create table evaluation.indicator (
    code       text not null collate "C",
    valid_from date not null,
    valid_to   date,
    body       jsonb not null,
    primary key (code, valid_from)
);

-- Cases that have changed since they were counted. A row goes when its case has
-- been counted, so the table is all but empty: it is swept by number.
create table evaluation.touched (
    seq bigint generated always as identity primary key,
    id  text not null collate "C"
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- What a case counts for: the fold of its history.
create table evaluation.fact (
    id     text primary key collate "C",
    region text not null collate "C",
    class  text not null collate "C",
    org    text not null collate "C",
    first  date not null, -- days of its first and last part
    last   date not null,
    wakes  timestamptz,   -- when it counts for more without anybody doing anything
    areas  text[] not null collate "C", -- whose sums it is in
    parts  jsonb not null
);

create index fact_region on evaluation.fact (region, last);
create index fact_wakes on evaluation.fact (wakes) where wakes is not null;

-- Sums of parts by day: of an area ("r" and a region's code for the city and
-- its towns, "o" and an organisation's path), for each key of a dimension.
create table evaluation.tally (
    area text not null collate "C",
    dim  text not null collate "C",
    day  date not null,
    key  text not null collate "C",
    n    float8[] not null, -- by measure
    primary key (area, dim, day, key)
);

-- With which fold the counts were made.
create table evaluation.state (
    one  bool primary key default true check (one),
    fold int not null,
    tree text not null -- the city and its towns
);

-- +goose StatementBegin
create function evaluation.touch() returns trigger language plpgsql as $$
begin
    insert into evaluation.touched (id) select distinct id from changed;
    return null;
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function evaluation.touch_late() returns trigger language plpgsql as $$
begin
    insert into evaluation.touched (id)
    select distinct id from changed where machine = 'incident' and kind in ('flow.overdue', 'flow.escalated');
    return null;
end $$;
-- +goose StatementEnd

create trigger evaluation_new after insert on incident.record
    referencing new table as changed for each statement execute function evaluation.touch();
create trigger evaluation_changed after update on incident.record
    referencing new table as changed for each statement execute function evaluation.touch();
create trigger evaluation_late after insert on flow.history
    referencing new table as changed for each statement execute function evaluation.touch_late();

insert into evaluation.touched (id) select id from incident.record;
