-- The directory: organisations, people, the three ones, roles, bindings.

-- +goose Up
create schema identity;
create extension if not exists btree_gist;

create table identity.org (
    id      uuid primary key default gen_random_uuid(),
    uscc    text unique check (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    name    text not null check (name <> ''),
    kind    text not null check (kind in ('party', 'gov', 'town', 'village', 'grid', 'institution', 'soe')),
    parent  uuid references identity.org,
    -- Four characters a level, the parent's first: a prefix is a subtree.
    path    text collate "C" not null unique check (path ~ '^([0-9A-Z]{4})+$'),
    region  text collate "C" not null default '' check (region ~ '^[0-9A-Z]*$'),
    made    bool not null default false,
    closed  timestamptz,
    version bigint not null default 1,
    updated timestamptz not null default now()
);
create unique index org_name on identity.org (parent, name) nulls not distinct where closed is null;
create index org_region on identity.org (region);

create table identity.person (
    id      uuid primary key default gen_random_uuid(),
    login   text not null unique check (login ~ '^[a-z0-9][a-z0-9.-]{1,63}$'),
    name    text not null check (name <> ''),
    phone   text not null default '',
    email   text not null default '',
    org     uuid not null references identity.org,
    post    text not null default '',
    state   text not null default 'active' check (state in ('active', 'locked', 'left')),
    made    bool not null default false,
    version bigint not null default 1,
    updated timestamptz not null default now()
);
create index person_org on identity.person (org);

-- Exactly one leader, one lead office and one officer at any time.
create table identity.responsibility (
    id         uuid primary key default gen_random_uuid(),
    org        uuid not null references identity.org,
    kind       text not null check (kind in ('leader', 'department', 'officer')),
    person     uuid references identity.person,
    department uuid references identity.org,
    doc        text not null default '',
    valid      tstzrange not null check (not isempty(valid) and not lower_inf(valid)),
    check ((kind = 'department') = (department is not null)),
    check ((kind = 'department') = (person is null)),
    exclude using gist (org with =, kind with =, valid with &&)
);
create index responsibility_person on identity.responsibility (person);

create table identity.role (
    code    text primary key check (code ~ '^[a-z][a-z0-9-]*$'),
    body    jsonb not null,
    builtin bool not null default false
);

create table identity.binding (
    id      uuid primary key default gen_random_uuid(),
    subject text collate "C" not null check (subject ~ '^(person|app):.+$'),
    role    text not null references identity.role,
    axis    text not null check (axis in ('region', 'org')),
    code    text collate "C" not null check (code ~ '^[0-9A-Z]*$'),
    "from"  timestamptz,
    until   timestamptz check (until > "from"),
    why     text not null default '',
    granted_by text not null,
    granted timestamptz not null default now(),
    unique nulls not distinct (subject, role, axis, code, "from", until)
);
create index binding_subject on identity.binding (subject);
create index binding_node on identity.binding (axis, code);

-- Whoever compiles the rights is told of every change, once a transaction.
-- +goose StatementBegin
create function identity.changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('identity', tg_table_name);
    return null;
end $$;
-- +goose StatementEnd
create trigger changed after insert or update or delete or truncate on identity.binding for each statement execute function identity.changed();
create trigger changed after insert or update or delete or truncate on identity.role for each statement execute function identity.changed();
create trigger changed after update or delete or truncate on identity.person for each statement execute function identity.changed();

-- +goose Down
drop schema identity cascade;
