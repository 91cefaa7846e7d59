// Package mqtt moves what devices publish over MQTT 3.1.1 from the broker's
// own stream to the city: [Run] takes the messages in batches, reads them
// ([Telemetry], [ingest.ParsePosition]), and hands them to the Gate as one event a batch.
// What cannot be read or is refused (an unknown device, a clock that is ahead)
// goes to the dead letters with the reasons, whole, so that it can be mended
// and sent again ([Resend]).
//
// A device was told yes (PUBACK) when the broker had its message; the message
// stays there until the batch it is in has been stored, so that nothing is
// lost when the program ends in between, and the fold takes a reading that
// comes twice once.
//
// Topics and bodies are in docs/protocol.md. cmd/onecity runs Run beside the
// model, after the model has caught up: before, every device is unknown.
package mqtt
