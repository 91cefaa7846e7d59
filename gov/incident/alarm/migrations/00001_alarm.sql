-- Alarm rules, what they opened, and where their engine stands.

-- +goose Up
create schema alarm;

create table alarm.rule (
    id         text primary key,
    region     text collate "C" not null,
    body       jsonb not null,             -- alarm.Definition
    is_on      bool not null default false,
    made       bool not null default false,
    tried      jsonb,                      -- alarm.Tried of this definition
    stopped    text not null default '',
    version    bigint not null default 1,
    updated    timestamptz not null default now(),
    updated_by text not null,
    removed    timestamptz
);
create index rule_region on alarm.rule (region) where removed is null;

-- Every version that there was.
create table alarm.rule_version (
    rule    text not null references alarm.rule,
    version bigint not null,
    body    jsonb not null,
    is_on   bool not null,
    what    text not null,                 -- "add", "change", "switch", "stop", "remove"
    by      text not null,
    why     text not null default '',
    at      timestamptz not null default now(),
    primary key (rule, version)
);

create table alarm.opened (
    incident text primary key,
    rule     text not null,
    target   text not null,
    name     text not null,
    region   text collate "C" not null,
    value    double precision not null,
    since    timestamptz not null,         -- by the device's clock
    opened   timestamptz not null          -- by the stream's
);
create index opened_rule on alarm.opened (rule, opened desc);

-- What the engine remembers, and up to where it has read the stream.
create table alarm.engine (
    id    bool primary key default true check (id), -- there is one
    epoch text not null,
    seq   bigint not null,
    body  bytea not null,
    at    timestamptz not null default now()
);

-- Cameras' systems: who they are, and what their kinds of events mean.
create table alarm.camera (
    partner    text primary key check (partner ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
    body       jsonb not null,             -- camera.Settings
    secrets    bytea,                      -- sealed; null: those of the partner of the same name
    version    bigint not null default 1,
    updated    timestamptz not null default now(),
    updated_by text not null
);

-- +goose Down
drop schema alarm cascade;
