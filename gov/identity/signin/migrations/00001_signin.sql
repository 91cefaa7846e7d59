-- Passwords, second factors, sessions, lock-outs, tokens of programs.

-- +goose Up
create schema signin;

create table signin.policy (
    one     bool primary key default true check (one),
    body    jsonb not null,
    updated timestamptz not null default now()
);

create table signin.password (
    person  uuid primary key references identity.person on delete cascade,
    hash    text not null,                        -- PHC string
    changed timestamptz not null,
    first   bool not null,                        -- made by an administrator: must be changed
    past    text[] not null default '{}'          -- hashes before, the newest first
);

create table signin.totp (
    person  uuid primary key references identity.person on delete cascade,
    secret  bytea,                                -- encrypted; null until its first code
    added   timestamptz,
    step    bigint not null default 0,            -- of the last code that was taken
    fresh   bytea,                                -- encrypted, waits for its first code
    check ((secret is null) = (added is null))
);

create table signin.recovery (
    person  uuid not null references identity.person on delete cascade,
    hash    bytea not null,
    primary key (person, hash)
);

create table signin.passkey (
    id         uuid primary key default gen_random_uuid(),
    person     uuid not null references identity.person on delete cascade,
    credential bytea not null unique,             -- credential id
    name       text not null,
    body       jsonb not null,                    -- credential record
    added      timestamptz not null,
    used       timestamptz
);
create index passkey_person on signin.passkey (person);

-- What was asked of an authenticator; taken out by the answer.
create table signin.ceremony (
    challenge bytea primary key,                  -- SHA-256
    kind      text not null check (kind in ('register', 'second', 'signin')),
    session   uuid,
    body      jsonb not null,
    expires   timestamptz not null
);

create table signin.session (
    id      uuid primary key default gen_random_uuid(),
    hash    bytea not null unique check (length(hash) = 32),  -- SHA-256 of the token
    person  uuid not null references identity.person on delete cascade,
    "from"  text not null,
    agent   text not null,
    since   timestamptz not null,
    seen    timestamptz not null,
    until   timestamptz not null,
    strong  bool not null,
    pending text not null check (pending in ('', 'totp', 'password', 'enrol'))
);
create index session_person on signin.session (person);

create table signin.attempt (
    key      bytea primary key,                   -- digest of login and address, or of a person
    failures int not null default 0,
    since    timestamptz,                         -- of the first of them
    last     timestamptz,
    locks    int not null default 0,              -- in a row
    until    timestamptz                          -- locked
);

create table signin.token (
    id      text primary key check (id ~ '^[a-z2-7]{16}$'),
    hash    bytea not null check (length(hash) = 32),
    subject text collate "C" not null check (subject ~ '^app:.+$'),
    name    text not null,
    by      text not null,
    made    timestamptz not null,
    used    timestamptz,
    expires timestamptz,
    revoked timestamptz
);
create index token_subject on signin.token (subject);

-- Every node is told what it may no longer believe: a session that is over
-- ("end"; also one that must show more before it serves again) or has a new
-- token ("new"), a program's token ("tok"), the policy ("pol").
-- +goose StatementBegin
create function signin.session_over() returns trigger language plpgsql as $$
declare
    kind text := 'end:';
begin
    if tg_op = 'UPDATE' then
        if old.pending <> '' or new.pending = '' then
            kind := 'new:';
        end if;
    end if;
    perform pg_notify('signin', kind || encode(old.hash, 'hex'));
    return null;
end $$;
-- +goose StatementEnd
create trigger over after delete on signin.session for each row execute function signin.session_over();
create trigger renewed after update of hash, pending, strong, until on signin.session for each row execute function signin.session_over();

-- +goose StatementBegin
create function signin.token_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('signin', 'tok:' || old.id);
    return null;
end $$;
-- +goose StatementEnd
create trigger changed after delete or update of hash, subject, expires, revoked on signin.token for each row execute function signin.token_changed();

-- +goose StatementBegin
create function signin.policy_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('signin', 'pol:');
    return null;
end $$;
-- +goose StatementEnd
create trigger changed after insert or update or delete on signin.policy for each statement execute function signin.policy_changed();

-- +goose Down
drop schema signin cascade;
