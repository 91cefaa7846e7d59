-- Other systems, what goes to them, and what came from them.

-- +goose Up
create schema exchange;

create table exchange.partner (
    id           text collate "C" primary key check (id ~ '^[a-z][a-z0-9-]{1,39}$'),
    name         text not null check (name <> ''),
    kind         text not null check (kind in ('webhook', 'open311')),
    url          text not null,
    region       text collate "C" not null,
    classes      text[] not null,
    events       text[] not null,
    grade        int not null,
    reports      boolean not null,
    jurisdiction text not null,
    services     jsonb not null,
    key          bytea,                           -- api_key, sealed
    is_on        boolean not null,
    off          text not null default '',        -- why the program switched it off
    version      bigint not null default 1,
    made         timestamptz not null,
    updated      timestamptz not null
);

create table exchange.secret (
    id      uuid primary key,
    partner text not null references exchange.partner on delete cascade,
    sealed  bytea not null,
    made    timestamptz not null,
    until   timestamptz
);
create index secret_partner on exchange.secret (partner);

-- One message to one partner. A version of a case goes to a partner once.
create table exchange.delivery (
    id       uuid primary key,
    partner  text not null references exchange.partner on delete cascade,
    type     text not null,
    object   text not null,
    version  bigint not null,
    since    timestamptz,                         -- of the case's state, which tells a new state from a change within one
    body     bytea not null,
    made     timestamptz not null,
    state    text not null check (state in ('waiting', 'sent', 'dead')),
    attempts int not null default 0,
    first    timestamptz,                         -- attempt of this round
    next     timestamptz,                         -- attempt; while one is under way, when it counts as lost
    tried    timestamptz,
    sent     timestamptz,
    status   int not null default 0,
    millis   bigint not null default 0,
    error    text not null default '',
    unique (partner, object, version, type)
);
create index delivery_due on exchange.delivery (partner, next) where state = 'waiting';
create index delivery_newest on exchange.delivery (partner, made desc, id desc);
create index delivery_made on exchange.delivery (made) where state = 'sent';

-- A case that a partner has taken by Open311.
create table exchange.handed (
    delivery uuid primary key references exchange.delivery on delete cascade,
    partner  text not null references exchange.partner on delete cascade,
    object   text not null,                       -- the case
    remote   text not null,                       -- its number there
    status   text not null default 'open',
    next     timestamptz,                         -- when it is asked again; null: it has ended
    asked    timestamptz,
    error    text not null default ''
);
create index handed_next on exchange.handed (partner, next) where next is not null;

-- What came in, by the sender's id: the same again changes nothing.
create table exchange.received (
    partner text not null references exchange.partner on delete cascade,
    id      text not null,
    at      timestamptz not null,
    type    text not null,
    object  text not null,
    primary key (partner, id)
);
create index received_at on exchange.received (at);
