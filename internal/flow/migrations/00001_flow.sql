-- +goose Up

create schema if not exists flow;

-- One piece of work. Codes are compared byte by byte, so that a prefix is a
-- range of the index.
create table flow.item (
    machine   text not null collate "C",
    id        text not null collate "C",
    title     text not null,
    state     text not null collate "C",
    version   bigint not null,
    region    text not null collate "C",
    org       text not null collate "C",
    subject   text not null collate "C",
    since     timestamptz not null,
    due       timestamptz,
    warn_at   timestamptz,
    level     int not null default 0,
    data      jsonb not null,
    started   timestamptz not null,
    -- not in a final state
    open      boolean not null,
    -- in a state that has a clock, or had one when it was entered: it waits for
    -- whoever may
    waits     boolean not null,
    -- "event actor" of events that the machine's NotBy names
    hands     text[] not null default '{}',
    -- when the clock strikes next, and how often it has in this state
    strike_at timestamptz,
    strikes   int not null default 0,
    -- the job that lets it strike; a transition takes it back
    clock_job bigint,
    primary key (machine, id)
);

create index item_of_region on flow.item (machine, state, region) where open and waits and subject = '';
create index item_of_org on flow.item (machine, state, org) where open and waits and subject = '';
create index item_of_subject on flow.item (subject) where open and subject <> '';
create index item_strike on flow.item (strike_at) where strike_at is not null;

-- What happened to an item, in its order.
create table flow.history (
    seq     bigint generated always as identity primary key,
    at      timestamptz not null,
    kind    text not null,
    machine text not null collate "C",
    id      text not null collate "C",
    event   text not null collate "C",
    from_   text not null collate "C",
    state   text not null collate "C",
    version bigint not null,
    actor   text not null collate "C",
    why     text not null,
    input   jsonb,
    level   int not null,
    foreign key (machine, id) references flow.item
);

create index history_of on flow.history (machine, id, seq);

-- What the broker has yet to be told. A row goes when the broker has it, so
-- the table is all but empty however much passes through it: it is swept by
-- number, not by share.
create table flow.outbox (
    seq    bigint generated always as identity primary key,
    mid    uuid not null default gen_random_uuid(),
    at     timestamptz not null,
    kind   text not null,
    object text not null,
    region text not null,
    org    text not null,
    body   jsonb not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
