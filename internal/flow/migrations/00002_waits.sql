-- +goose Up

-- What waits in a city is counted whenever somebody opens their list: 50,000
-- items of a million, each on a page of its own. These indexes have all columns
-- that the list and its wall look at, so that only the page shown is fetched.
create index item_waits_region on flow.item (machine, state, region) include (org, subject, id, due, since, level) where open and waits and subject = '';
create index item_waits_org on flow.item (machine, state, org) include (region, subject, id, due, since, level) where open and waits and subject = '';
drop index flow.item_of_region;
drop index flow.item_of_org;

-- An index alone serves only for pages that were swept since they changed: by
-- the hundredth, not by the fifth, which is after months.
alter table flow.item set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
