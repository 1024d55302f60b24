/// The connector `ledger`: invoices and payments as files. Nothing is ever deleted: what was wrong is taken back by an entry of its own.
///
/// The folder after one year:
///   2026/INV-2026-0001.json   an entry, exactly as approved, and its number; no number is given twice and none is left out
///   2026/INV-2026-0001.md     the same for people, made from it
///   2026/CRN-2026-0001.json   a credit note, which takes an invoice back; PAY a payment, REF a payment that was given back
///   .drafts/                  an entry on its way to its number; empty between two of them
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry ledger_entry();

}  // namespace steward
