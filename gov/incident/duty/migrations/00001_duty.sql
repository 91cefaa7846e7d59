-- Who is on duty with which unit, and where they have been meanwhile.

-- +goose Up
create schema duty;

create table duty.shift (
    id       bigint generated always as identity primary key,
    subject  text not null check (subject <> ''),
    unit     text not null check (unit <> ''),
    name     text not null default '',
    kind     text not null default '',
    home     text collate "C" not null default '',
    -- When it began by the clock of whoever said so: the same again is the same shift.
    told     timestamptz not null,
    began    timestamptz not null,
    ended    timestamptz,
    doubtful bool not null default false,
    unique (subject, told, unit),
    check (ended >= began)
);
-- One shift at a time.
create unique index shift_on on duty.shift (subject) where ended is null;
create index shift_began on duty.shift (subject, began);
create index shift_unit on duty.shift (unit) where ended is null;

create table duty.track (
    subject  text not null,
    -- By the phone's own clock: the same again is the same position, whatever
    -- its clock is found to be worth.
    told     timestamptz not null,
    at       timestamptz not null,
    received timestamptz not null,
    unit     text not null,
    lon      double precision not null,
    lat      double precision not null,
    speed    real not null default 0,
    heading  real not null default 0,
    accuracy real not null default 0,
    doubtful bool not null default false,
    primary key (subject, told)
);
create index track_at on duty.track (subject, at);
create index track_old on duty.track (at);

-- +goose Down
drop schema duty cascade;
