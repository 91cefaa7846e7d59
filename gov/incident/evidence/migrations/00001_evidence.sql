-- +goose Up

create schema if not exists evidence;

-- One link of a case's chain of evidence. It holds all that its hash is made
-- of, so that a proof that was altered in its own table is found.
create table evidence.link (
    case_id   text not null collate "C",
    seq       int not null check (seq > 0),
    proof     text not null collate "C",
    phase     text not null,
    media     text not null,
    sha256    text not null,
    bytes     bigint not null,
    taken_at  timestamptz not null,
    received  timestamptz not null,
    by_       text not null,
    place     text not null,
    text_     text not null,
    previous  text not null,
    hash      text not null,
    -- the entry of the audit log that tells of this link
    entry     uuid not null,
    primary key (case_id, seq),
    unique (case_id, proof)
);

-- +goose Down
drop schema evidence cascade;
