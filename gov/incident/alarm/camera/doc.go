// Package camera takes in what a video platform's cameras saw (a webhook), and
// opens an incident for it: which kinds of events mean which class, from which
// confidence on, is data ([Settings]).
//
// A message is signed by the partner's secret after the Standard Webhooks
// specification; an event is named by partner and id, so that the same again is
// the same incident, whether or not the database is there to ask. A picture is
// looked at before it is kept: what is no image is refused with the event.
package camera
