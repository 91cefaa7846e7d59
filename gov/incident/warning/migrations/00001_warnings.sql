-- Emergency warnings.

-- +goose Up
create schema warning;

create table warning.warning (
    id      text collate "C" primary key,
    state   text not null,
    region  text collate "C" not null,          -- around all of it
    regions text[] not null,
    version bigint not null,
    made    timestamptz not null,
    expires timestamptz not null,
    body    jsonb not null                      -- warning.Warning
);
create index warning_in_force on warning.warning (expires) where state = 'issued';
create index warning_newest on warning.warning (made desc, id desc);
