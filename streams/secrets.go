package streams

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// secretsBucket keeps the hashes of devices' passwords: they must be there at
// sign-in also while PostgreSQL is not.
const secretsBucket = "SECRETS"

func (b *Broker) secrets(ctx context.Context) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, secretsBucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: secretsBucket, Description: "hashes of devices' passwords, by id",
			History: 1, Storage: jetstream.FileStorage, Replicas: b.opts.Replicas,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", secretsBucket, err)
	}
	return kv, nil
}

// AddSecret keeps hash under id unless there is one already.
func (b *Broker) AddSecret(ctx context.Context, id string, hash []byte) (added bool, err error) {
	kv, err := b.secrets(ctx)
	if err != nil {
		return false, err
	}
	_, err = kv.Create(ctx, secretKey(id), hash)
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("keep the secret of %s: %w", id, err)
	}
	return true, nil
}

// PutSecret keeps hash under id, in place of the one before.
func (b *Broker) PutSecret(ctx context.Context, id string, hash []byte) error {
	kv, err := b.secrets(ctx)
	if err != nil {
		return err
	}
	if _, err := kv.Put(ctx, secretKey(id), hash); err != nil {
		return fmt.Errorf("keep the secret of %s: %w", id, err)
	}
	return nil
}

// RemoveSecret forgets the hash under id; one that is not there is no error.
func (b *Broker) RemoveSecret(ctx context.Context, id string) error {
	kv, err := b.secrets(ctx)
	if err != nil {
		return err
	}
	if err := kv.Purge(ctx, secretKey(id)); err != nil {
		return fmt.Errorf("forget the secret of %s: %w", id, err)
	}
	return nil
}

// WatchSecrets calls fn with every secret there is, then with an empty id once,
// then with every change (a nil hash is one removed), until ctx ends.
func (b *Broker) WatchSecrets(ctx context.Context, fn func(id string, hash []byte)) error {
	kv, err := b.secrets(ctx)
	if err != nil {
		return err
	}
	w, err := kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch bucket %s: %w", secretsBucket, err)
	}
	defer func() { _ = w.Stop() }() // the subscription ends with the connection at the latest
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-w.Updates():
			switch {
			case !ok:
				return fmt.Errorf("watch bucket %s: %w", secretsBucket, errors.New("the watch ended"))
			case e == nil:
				fn("", nil)
			default:
				id, err := hex.DecodeString(e.Key())
				if err != nil || len(id) == 0 {
					continue // not one of ours
				}
				if e.Operation() != jetstream.KeyValuePut {
					fn(string(id), nil)
					continue
				}
				fn(string(id), e.Value())
			}
		}
	}
}

// secretKey keeps an id's characters out of the subject.
func secretKey(id string) string { return hex.EncodeToString([]byte(id)) }
