-- +goose Up

create schema if not exists incident;

-- A case as it stands. Codes are compared byte by byte, so that a prefix is a
-- range of an index.
create table incident.record (
    id          text primary key collate "C",
    no          text not null unique collate "C",
    class       text not null collate "C",
    title       text not null,
    description text not null,
    severity    smallint not null,
    lon         float8 not null,
    lat         float8 not null,
    address     text not null,
    reported    timestamptz not null,
    channel     text not null collate "C",
    reporter    text not null collate "C",
    object      text not null collate "C",
    photos      text[] not null,
    region      text not null collate "C",
    grade       smallint not null,
    simulated   boolean not null,
    -- the machine's, with the version that a command must have seen
    state       text not null collate "C",
    version     bigint not null,
    moved       bigint not null, -- the version at which it came into its state
    updated     timestamptz not null,
    closed      timestamptz,
    since       timestamptz not null,
    due         timestamptz,
    final       timestamptz,
    level       smallint not null,
    org         text not null collate "C",
    unit        text not null collate "C",
    handler     text not null collate "C",
    offered     text[] not null,
    into_       text not null collate "C",
    merged      int not null,
    partner     text not null collate "C",
    urged       int not null,
    reworks     int not null,
    proofs      int not null,
    stars       smallint not null,
    cell        bigint not null,   -- H3 of resolution 9
    grams       int[] not null,    -- of number, title, address and description: what search and likeness go by
    open        boolean not null generated always as (state not in ('closed', 'rejected', 'merged')) stored,
    -- when the first of its clocks runs out
    runs        timestamptz not null generated always as (coalesce(least(due, final), 'infinity'::timestamptz)) stored,
    -- what matters first: the gravest, among them the urged and the escalated
    rank        smallint not null generated always as ((severity * 4 - least(urged, 2) - least(level, 1))::smallint) stored
);

-- lists of what is open
create index record_urgency on incident.record (rank, runs, id) where open;
create index record_runs on incident.record (runs, id) where open;
create index record_open on incident.record (region, grade, state, class, runs, urged) where open;
create index record_state on incident.record (state, rank, runs, id) where open;
create index record_urged on incident.record (rank, runs, id) where open and urged > 0;
create index record_place on incident.record (cell, reported) where open;
create index record_unit on incident.record (unit, rank) where open and unit <> '';
create index record_handler on incident.record (handler, rank) where open and handler <> '';
create index record_offered on incident.record using gin (offered) where open and offered <> '{}';
-- lists of all
create index record_newest on incident.record (reported desc, id desc);
create index record_region on incident.record (region, reported desc, id, grade);
create index record_class on incident.record (class, reported desc, id, region, grade);
create index record_by_unit on incident.record (unit, reported desc) where unit <> '';
create index record_by_handler on incident.record (handler, reported desc) where handler <> '';
create index record_by_org on incident.record (org, reported desc) where org <> '';
create index record_object on incident.record (object, reported desc) where object <> '';
create index record_cell on incident.record (cell, reported desc);
create index record_into on incident.record (into_) where into_ <> '';
create index record_grams on incident.record using gin (grams);

-- The timeline 办理过程, one line each thing that happened.
create table incident.entry (
    seq     bigint generated always as identity primary key,
    case_id text not null collate "C" references incident.record,
    at      timestamptz not null,
    kind    text not null collate "C",
    event   text not null collate "C",
    from_   text not null collate "C",
    state   text not null collate "C",
    by      text not null collate "C",
    by_name text not null,
    text    text not null,
    unit    text not null collate "C",
    ref     text not null collate "C",
    done_at timestamptz,
    version bigint not null
);

create index entry_of on incident.entry (case_id, seq);

create table incident.proof (
    case_id  text not null collate "C" references incident.record,
    id       text not null collate "C",
    phase    text not null collate "C",
    media    text not null collate "C",
    sha256   text not null collate "C",
    bytes    bigint not null,
    taken    timestamptz not null,
    received timestamptz not null,
    skew     float8 not null,
    doubtful boolean not null,
    lon      float8,
    lat      float8,
    accuracy float8 not null,
    away     float8,
    by       text not null collate "C",
    text     text not null,
    primary key (case_id, id)
);

-- Commands that were done, by their sender's id: the same again is answered
-- from here.
create table incident.command (
    by      text not null collate "C",
    id      text not null collate "C",
    at      timestamptz not null,
    digest  text not null collate "C", -- of what was asked
    answer  jsonb not null,
    primary key (by, id)
);

create index command_at on incident.command (at);

-- The register of classes with their limits, each from a date on.
create table incident.class (
    code       text not null collate "C",
    valid_from date not null,
    valid_to   date,
    body       jsonb not null,
    primary key (code, valid_from)
);

-- How many numbers a day has given out.
create table incident.number (
    day  date primary key,
    last int not null
);

-- How far the reports of the city's stream have been taken.
create table incident.intake (
    epoch text primary key,
    seq   bigint not null
);
