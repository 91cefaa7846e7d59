-- +goose Up

-- How far the recorder is in the stream: every row below came from an event at
-- or before seq of that epoch, and every such event is in the rows below.
create table positions (
    name  text primary key,
    epoch text not null,
    seq   bigint not null,
    at    timestamptz not null
);

-- Events that could not be recorded: they had aged out of the stream, or the
-- database would not take them.
create table gaps (
    epoch     text not null,
    first_seq bigint not null,
    last_seq  bigint not null,
    noticed   timestamptz not null default now(),
    reason    text not null,
    primary key (epoch, first_seq)
);

-- The model's live state at one position (cim.Snapshot.Checkpoint, compressed).
create table checkpoints (
    name  text primary key,
    epoch text not null,
    seq   bigint not null,
    at    timestamptz not null,
    body  bytea not null
);
alter table checkpoints alter column body set storage external;

-- What stands. The fold's answer to each table's event is its latest row.

create table city (
    id      boolean primary key default true check (id), -- there is one
    profile jsonb,
    formula jsonb
);

create table regions (
    code     text primary key,
    ord      integer not null,          -- as they were sent
    name     text not null,
    name_en  text not null,
    level    smallint not null,         -- geo.Level
    parent   text not null,
    lon      double precision not null, -- of the centre, CGCS2000 degrees
    lat      double precision not null,
    made     boolean not null,
    geometry bytea                      -- MultiPolygon, OGC WKB, CGCS2000 lon lat
);

create table objects (
    id         text primary key,
    layer      smallint not null,       -- cim.Layer
    class      text not null,           -- CityJSON 2.0 type
    kind       text not null,
    name       text not null,
    name_en    text not null,
    geometry   bytea not null,          -- OGC WKB, CGCS2000 lon lat
    west       double precision not null,
    south      double precision not null,
    east       double precision not null,
    north      double precision not null,
    height     real not null,           -- metres above ground
    base       real not null,
    grade      smallint not null,
    source     text not null,
    made       boolean not null,
    attributes jsonb,
    seq        bigint not null
);
alter table objects alter column geometry set storage external;

create table properties (
    id   smallint generated always as identity primary key,
    name text not null unique
);

create table devices (
    id          text primary key,
    name        text not null,
    kind        text not null,
    lon         double precision not null,
    lat         double precision not null,
    datastreams jsonb not null,         -- [{"property","unit"}]
    region      text not null,
    cell        bigint not null,        -- H3 index
    grade       smallint not null,
    simulated   boolean not null,
    seq         bigint not null
);

-- A property of a device, as a number for the millions of rows that name it.
create table datastreams (
    id       integer generated always as identity primary key,
    device   text not null,
    property smallint not null references properties,
    cell     bigint not null,           -- where the device stands now
    unique (device, property)
);

-- Cells that a device stands in, with the region of the cell's centre.
create table cells (
    cell   bigint primary key,
    region text not null
);

create table units (
    n         integer generated always as identity primary key,
    id        text not null unique,
    name      text not null,
    kind      text not null,
    org       text not null,
    home      text not null,
    grade     smallint not null,
    simulated boolean not null,
    seq       bigint not null
);

-- What happened.

create table observations (
    stream integer not null,
    time   timestamptz not null,
    value  double precision not null,
    primary key (stream, time)
) partition by range (time);

create table cell_minutes (
    cell     bigint not null,
    property smallint not null,
    minute   timestamptz not null,
    count    bigint not null,
    sum      double precision not null,
    min      double precision not null,
    max      double precision not null,
    primary key (cell, property, minute)
) partition by range (minute);
-- Rows come roughly by time, so this finds a time span at next to no cost.
create index cell_minutes_minute on cell_minutes using brin (minute) with (pages_per_range = 32);

create table cell_states (
    cell    bigint not null,
    minute  timestamptz not null,       -- the state at its end; kept when it changed
    region  text not null,
    open    integer not null,
    late    integer not null,
    units   integer not null,
    devices integer not null,
    alarms  integer not null,
    index   real,                       -- null without any term
    primary key (cell, minute)
) partition by range (minute);

create table unit_tracks (
    unit    integer not null,
    time    timestamptz not null,
    lon     double precision not null,
    lat     double precision not null,
    speed   real not null,              -- m/s
    heading real not null,              -- degrees clockwise from north
    status  text not null,
    region  text not null,              -- where it was
    primary key (unit, time)
) partition by range (time);

create table indicators (
    feed  text not null,
    key   text not null,
    name  text not null,
    time  timestamptz not null,
    value double precision not null,
    unit  text not null,
    lon   double precision not null,
    lat   double precision not null,
    cell  bigint not null,
    primary key (feed, key, name, time)
) partition by range (time);

create table incidents (
    id        text primary key,
    version   bigint not null,
    class     text not null,
    status    text not null,
    severity  smallint not null,
    reported  timestamptz not null,
    due       timestamptz,
    closed    timestamptz,
    unit      text not null,
    region    text not null,
    cell      bigint not null,
    grade     smallint not null,
    record    jsonb not null,           -- the incident as it was sent last
    seq       bigint not null
);
create index incidents_reported on incidents (reported);
create index incidents_closed on incidents (closed) where closed is not null;
create index incidents_region on incidents (region text_pattern_ops, reported);

create table incident_steps (
    id      text not null,
    version bigint not null,
    at      timestamptz not null,
    status  text not null,
    unit    text not null,
    note    text not null,
    primary key (id, version)
);

-- +goose Down
drop table incident_steps, incidents, indicators, unit_tracks, cell_states, cell_minutes, observations,
    units, cells, datastreams, devices, properties, objects, regions, city, checkpoints, gaps, positions;
