-- Hand-overs of a shift: written once, signed off once.

-- +goose Up
create schema if not exists handover;

create table handover.note (
    id       text primary key,
    region   text not null collate "C",
    by       text not null,
    at       timestamptz not null default now(),
    text     text not null,
    items    jsonb not null,
    taken_by text,
    taken    timestamptz,
    check ((taken_by is null) = (taken is null)),
    check (taken_by <> by)
);
create index note_at on handover.note (at desc, id desc);
