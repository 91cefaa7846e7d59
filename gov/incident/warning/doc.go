// Package warning keeps emergency warnings 预警 and broadcasts them: in the four
// colours of the Emergency Response Law 突发事件应对法 (蓝, 黄, 橙, 红; red is the
// gravest), as messages of the Common Alerting Protocol (OASIS CAP 1.2).
//
// A [Warning] is drafted, issued, and then updated (by another that replaces
// it), cancelled, or over by itself, on the machine "warning" of the workflow
// kernel ([Service.Machine]). Orange and red need two persons: who wrote any of
// the text may not issue it.
//
// [Alert] is CAP as data; [Alert.XML] writes it in the schema's order, [Read]
// reads it and accepts no other. [Service.Message] is a warning as such.
//
// Each change is in the outbox (kind [Kind]) in its own transaction; who
// follows the city's stream tells the open pages.
package warning
