-- +goose Up

-- Who had a hand in what is open: what four eyes keep from a person is found
-- here, so that their list need not look at each item's hands.
create index item_hands on flow.item using gin (hands) where open and hands <> '{}';
