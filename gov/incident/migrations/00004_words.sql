-- +goose Up

-- Words are looked for in a town or a village as a rule: the index of words
-- knows the regions that a case is in, too, so that what a village has of a
-- common word is not sought among all that the city has of it.
create index record_words on incident.record using gin (grams, (array[left(region, 6), left(region, 9), left(region, 12), left(region, 15)]));
drop index incident.record_grams;

-- Counts are read from an index alone, which serves only for pages that were
-- swept since they changed: by the hundredth, not by the fifth, which is after
-- months.
alter table incident.record set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
