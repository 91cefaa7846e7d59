-- To whom an incident goes: the responsibility list and the duty roster.

-- +goose Up
create schema dispatch;
create extension if not exists btree_gist;

-- 班次: the parts of a day, by the city's clock.
create table dispatch.slot (
    code    text primary key check (code ~ '^[a-z][a-z0-9-]*$'),
    zh      text not null check (zh <> ''),
    en      text not null check (en <> ''),
    begins  time not null,
    minutes int not null check (minutes between 30 and 1440)
);
insert into dispatch.slot (code, zh, en, begins, minutes) values
    ('night', '夜班', 'Night', '00:00', 480),
    ('early', '早班', 'Early', '08:00', 480),
    ('late', '中班', 'Late', '16:00', 480);

-- 责任清单: exactly one organisation for a class in a region at any time; the
-- more specific row wins.
create table dispatch.mandate (
    id       uuid primary key default gen_random_uuid(),
    class    text collate "C" not null check (class ~ '^[0-9A-Z]{0,16}$'),
    region   text collate "C" not null check (region ~ '^[0-9A-Z]{0,15}$'),
    org      text collate "C" not null check (org ~ '^([0-9A-Z]{4})+$'),
    org_name text not null default '',
    kinds    text[] not null default '{}',
    valid    tstzrange not null check (not isempty(valid) and not lower_inf(valid)),
    note     text not null default '',
    made     bool not null default false,
    version  bigint not null default 1,
    updated  timestamptz not null default now(),
    constraint mandate_once exclude using gist (class with =, region with =, valid with &&)
);
create index mandate_region on dispatch.mandate (region);

-- 值班表: a day of a region is written as one.
create table dispatch.day (
    region  text collate "C" not null check (region ~ '^[0-9A-Z]{0,15}$'),
    date    date not null,
    version bigint not null,
    updated timestamptz not null default now(),
    primary key (region, date)
);

create table dispatch.turn (
    id          uuid primary key default gen_random_uuid(),
    region      text collate "C" not null,
    date        date not null,
    slot        text not null references dispatch.slot,
    unit        text not null default '',
    unit_name   text not null default '',
    person      text not null default '' check (person ~ '^(person:.+)?$'),
    person_name text not null default '',
    note        text not null default '',
    during      tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    made        bool not null default false,
    foreign key (region, date) references dispatch.day on delete cascade,
    check (unit <> '' or person <> '' or person_name <> ''),
    -- Nobody is in two places at once.
    constraint turn_unit_once exclude using gist (unit with =, during with &&) where (unit <> ''),
    constraint turn_person_once exclude using gist (person with =, during with &&) where (person <> '')
);
create index turn_day on dispatch.turn (region, date);
create index turn_during on dispatch.turn using gist (during);

-- +goose Down
drop schema dispatch cascade;
