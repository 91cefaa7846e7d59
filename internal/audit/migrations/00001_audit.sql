-- +goose Up

create schema audit;

-- The log itself: one row. Its name and hash are chosen once.
create table audit.log (
    one        boolean primary key default true check (one),
    origin     text not null,               -- first line of every checkpoint
    hash       text not null,               -- "sha-256" or "sm3"
    made       timestamptz not null default now(),
    size       bigint not null default 0,   -- leaves that are sealed
    horizon    xid8 not null default '0',   -- every entry of an older transaction is sealed
    checkpoint text not null default ''     -- the newest one, signed
);

-- What was done. Rows are written once; only forgetting changes one.
create table audit.entry (
    id      uuid primary key,
    at      timestamptz not null,
    actor   text collate "C" not null,
    action  text collate "C" not null,
    object  text collate "C" not null,
    region  text collate "C" not null,
    org     text collate "C" not null,
    outcome text collate "C" not null,
    source  text not null,
    session text not null,
    why     text not null,
    before  text not null,
    after   text not null,
    detail  json,
    salt    bytea,                          -- null: the row's private part is forgotten
    rest    bytea not null,                 -- salted digest of source … detail
    digest  bytea not null,                 -- digest of the public fields and rest: the leaf
    erased  timestamptz,
    xid     xid8 not null default pg_current_xact_id()
);
create index on audit.entry (xid);
create index on audit.entry (at, id);
create index on audit.entry (actor, at, id);
create index on audit.entry (object, at, id);
create index on audit.entry (region, at, id);

-- The order of the entries, and the leaves of the tree.
create table audit.leaf (
    number bigint primary key,
    id     uuid not null unique,
    digest bytea not null
);

-- Roots of full subtrees, of 256, 65 536, 16 777 216 … leaves (level 8, 16, 24 …).
create table audit.node (
    level  smallint,
    number bigint,
    hash   bytea not null,
    primary key (level, number)
);

-- Checkpoints of the past, at most one a minute.
create table audit.checkpoint (
    size bigint primary key,
    at   timestamptz not null default now(),
    note text not null
);

-- What the program must never do, not even by mistake. Who owns the database
-- can take these away: that is what `onecity audit verify` is for.

-- +goose StatementBegin
create function audit.refuse() returns trigger language plpgsql as $$
begin
    raise exception 'audit.% is append-only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function audit.only_erase() returns trigger language plpgsql as $$
begin
    if old.erased is null and new.erased is not null
        and new.salt is null and new.detail is null
        and new.source = '' and new.session = '' and new.why = '' and new.before = '' and new.after = ''
        and (new.id, new.at, new.actor, new.action, new.object, new.region, new.org, new.outcome, new.rest, new.digest, new.xid)
          = (old.id, old.at, old.actor, old.action, old.object, old.region, old.org, old.outcome, old.rest, old.digest, old.xid)
    then
        return new;
    end if;
    raise exception 'audit.entry is append-only: it can be forgotten, not changed' using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create function audit.only_grow() returns trigger language plpgsql as $$
begin
    if new.size >= old.size and (new.origin, new.hash, new.made) = (old.origin, old.hash, old.made) then
        return new;
    end if;
    raise exception 'audit.log only grows' using errcode = 'insufficient_privilege';
end $$;
-- +goose StatementEnd

create trigger erase before update on audit.entry for each row execute function audit.only_erase();
create trigger append_only before delete or truncate on audit.entry for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on audit.leaf for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on audit.node for each statement execute function audit.refuse();
create trigger append_only before update or delete or truncate on audit.checkpoint for each statement execute function audit.refuse();
create trigger grow before update on audit.log for each row execute function audit.only_grow();
create trigger append_only before delete or truncate on audit.log for each statement execute function audit.refuse();

-- +goose Down
drop schema audit cascade;
