// Package incident is the closed loop of an incident 案件: from a report to a
// verified end, through the seven steps of GB/T 30428 数字化城市管理信息系统
// (信息收集, 案件建立, 任务派遣, 任务处理, 处理反馈, 核查结案, 综合评价) on the workflow
// kernel.
//
// A report comes in as a fact of the city's stream ([Report], written by the
// ways in of package ingest), so it is accepted while the database is away;
// [Service.Take] opens a [Case] for it, once however often it is told. From
// then on a case changes by what people do with it ([Service.Fire] and the
// other commands): one change is one transaction of the record, its history,
// the audit log and the outbox, and comes back to the model as a fact.
//
// The package knows no model and no HTTP. Who is sent is found by
// sub-package dispatch, who is told outside by exchange, what devices report
// by alarm; evaluation counts what came of it.
package incident
