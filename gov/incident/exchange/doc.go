// Package exchange joins other systems to the loop 系统对接: command platforms of
// districts, supervision of law enforcement, the 12345 hotline.
//
// A [Partner] is one such system. What happens to cases goes to it as webhooks
// ([Service.Tell] queues a [Delivery] for every version of a case that the
// partner gets, once each), signed after the Standard Webhooks specification,
// with a CloudEvents 1.0 body; or a case that is handed over goes to its
// Open311 GeoReport v2 endpoint, which is asked until it has closed it. What
// it says comes in by [Service.ServeHTTP]: reports, and the end of a case that
// it was handed.
//
// [Service.Run] sends. Each partner has a line of its own, so that one which is
// slow or dead holds up no other. A delivery is tried for a day, ever more
// seldom, always under the same webhook-id; then it is dead, with the reason,
// until somebody has it sent again.
//
// The package knows the cases only by the small interfaces in [Options]; cmd
// joins it to incident.Service and the gate.
package exchange
