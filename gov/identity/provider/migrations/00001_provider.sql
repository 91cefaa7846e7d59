-- Applications, sign-ins under way, what they were given, signing keys.

-- +goose Up
create schema provider;

create table provider.app (
    id        text collate "C" primary key check (id ~ '^[a-z][a-z0-9-]{1,39}$'),
    zh        text not null check (zh <> ''),
    en        text not null default '',
    org       uuid not null references identity.org,
    contact   text not null,
    kind      text not null check (kind in ('web', 'spa', 'native', 'service')),
    redirects text[] not null,
    logouts   text[] not null,
    scopes    text[] not null,
    grants    text[] not null,
    state     text not null default 'draft'
              check (state in ('draft', 'tested', 'approved', 'live', 'suspended', 'rejected', 'closed')),
    tested_at timestamptz,                        -- of a sign-in with the app as it is now
    tested_by text,
    edited_by text not null,                      -- who last changed what is approved
    version   bigint not null default 1,
    made      timestamptz not null default now(),
    updated   timestamptz not null default now(),
    check ((tested_at is null) = (tested_by is null))
);
create index app_org on provider.app (org);

create table provider.secret (
    hash  bytea primary key check (length(hash) = 32),   -- SHA-256
    app   text not null references provider.app on delete cascade,
    made  timestamptz not null,
    until timestamptz
);
create index secret_app on provider.secret (app);

-- What one sign-in in one application has given; the family of its tokens.
create table provider.granted (
    id        uuid primary key,
    app       text not null references provider.app on delete cascade,
    subject   text not null,
    session   text not null,                      -- of ours; '' for a service
    auth_time timestamptz not null,
    amr       text[] not null,
    scopes    text[] not null,
    made      timestamptz not null,
    until     timestamptz not null,               -- no token of it is valid after
    ended     timestamptz,
    why       text not null default ''
);
create index granted_app on provider.granted (app) where ended is null;
create index granted_session on provider.granted (session) where ended is null;
create index granted_until on provider.granted (until);

create table provider.refresh (
    hash    bytea primary key check (length(hash) = 32), -- SHA-256
    granted uuid not null references provider.granted on delete cascade,
    made    timestamptz not null,
    used    timestamptz
);
create index refresh_granted on provider.refresh (granted);

-- A sign-in under way, kept until long after its code is over: a code that
-- comes twice must be known.
create table provider.request (
    id         text primary key,
    app        text not null references provider.app on delete cascade,
    redirect   text not null,
    state      text not null,
    nonce      text not null,
    scopes     text[] not null,
    challenge  text not null,                     -- PKCE, S256
    silent     bool not null,
    not_before timestamptz,                       -- the sign-in must not be older
    strong     bool not null,
    wanted     text not null,                     -- subject of id_token_hint
    login      text not null,
    made       timestamptz not null,
    until      timestamptz not null,
    answered   timestamptz,
    subject    text,
    session    text,
    auth_time  timestamptz,
    amr        text[],
    code       bytea unique check (length(code) = 32),   -- SHA-256
    code_until timestamptz,
    used       timestamptz,
    granted    uuid
);
create index request_until on provider.request (until);

create table provider.signing_key (
    id     text primary key,                      -- kid
    sealed bytea not null,                        -- PKCS #8, encrypted
    "from" timestamptz not null,
    until  timestamptz not null,                  -- signs before
    gone   timestamptz not null,                  -- published before
    made   timestamptz not null
);

-- A sign-in at another provider under way.
create table provider.upstream (
    state    bytea primary key check (length(state) = 32), -- SHA-256
    bind     bytea not null check (length(bind) = 32),
    verifier text not null,
    nonce    text not null,
    next     text not null,
    until    timestamptz not null
);

-- Every node is told of what ends tokens.
-- +goose StatementBegin
create function provider.changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('provider', tg_table_name);
    return null;
end $$;
-- +goose StatementEnd
create trigger changed after update or delete or truncate on provider.app for each statement execute function provider.changed();
create trigger changed after update or truncate on provider.granted for each statement execute function provider.changed();
create trigger changed after insert or update or delete or truncate on provider.signing_key for each statement execute function provider.changed();

-- +goose Down
drop schema provider cascade;
