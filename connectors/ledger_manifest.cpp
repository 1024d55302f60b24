#include "connectors/ledger_manifest.hpp"

namespace steward {
namespace {

json schema(std::string_view text) { return parse_json(text).value(); }

/// `name` and what both have in common.
action_manifest action(std::string name, std::string summary, effect_class repeats, risk_kind risk, std::string undo) {
  action_manifest a;
  a.name = std::move(name);
  a.summary = std::move(summary);
  a.repeats = repeats;
  a.risk = risk;
  a.undo = std::move(undo);
  return a;
}

/// What says how money that came or went is told: about which entry, and how much.
json sum_schema(const std::string& about, const std::string& example, const std::string& sum, const std::string& more) {
  return schema(R"({"type": "object", "additionalProperties": false, "required": [")" + about + R"(", ")" + sum + R"("], "properties": {")" + about +
                R"(": {"type": "string", "maxLength": 20, "description": "its number, such as )" + example + R"("}, ")" + sum +
                R"(": {"type": "string", "maxLength": 40, "description": "such as 1428.00 EUR"})" + more + "}}");
}

json entered_schema(const std::string& about, const std::string& sum) {
  return schema(R"({"type": "object", "additionalProperties": false, "required": ["number", "file", ")" + about + R"(", ")" + sum + R"("],
    "properties": {"number": {"type": "string"}, "file": {"type": "string", "description": "below the ledger's folder"}, ")" + about + R"(": {"type": "string"}, ")" + sum + R"(": {"type": "string"}}})");
}

constexpr std::string_view reason = R"(, "reason": {"type": "string", "maxLength": 500})";

}  // namespace

connector_manifest ledger_manifest() {
  connector_manifest m;
  m.name = "ledger";
  m.summary = "Invoices and payments as files";
  m.version = "1";
  m.settings = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "folder": {"type": "string", "minLength": 1, "description": "default ledger"},
      "zone": {"type": "string", "minLength": 1, "description": "IANA time zone of the day on which an invoice is issued; default UTC"},
      "vat": {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 99}, {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,2})?$"}], "description": "percent, where an invoice says nothing else; default 0"},
      "due_in": {"type": "string", "minLength": 2, "description": "default 14d"},
      "seller": {"type": "object", "additionalProperties": false, "description": "who sends the invoices, and where the money goes",
        "properties": {
          "name": {"type": "string", "minLength": 1, "maxLength": 200},
          "lines": {"type": "array", "maxItems": 6, "items": {"type": "string", "maxLength": 200}},
          "vat_id": {"type": "string", "maxLength": 40},
          "iban": {"type": "string", "maxLength": 60},
          "bic": {"type": "string", "maxLength": 20}}}
    }})");

  // The effect key stands in each entry, for ever: a repeat finds it and enters nothing.
  auto invoice = action("ledger.invoice", "Writes an invoice under the next number", effect_class::keyed, risk_kind::money, "ledger.credit_note");
  invoice.arguments = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["customer", "lines"],
    "properties": {
      "customer": {"type": "object", "additionalProperties": false, "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200}, "address": {"type": "string", "maxLength": 200, "description": "of mail"},
                       "lines": {"type": "array", "maxItems": 6, "items": {"type": "string", "maxLength": 200}, "description": "of post"}}},
      "lines": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "object", "additionalProperties": false, "required": ["text", "price"],
        "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 300},
                       "quantity": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,3})?$"}], "description": "default 1"},
                       "price": {"type": "string", "maxLength": 40, "description": "of one, without tax, such as 1200.00 EUR"}}}},
      "vat": {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 99}, {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,2})?$"}], "description": "percent; default: the setting"},
      "total": {"type": "string", "maxLength": 40, "description": "checked against the sum with tax, where it is told"},
      "due": {"type": "string", "maxLength": 20, "description": "a day, or a time from today such as 14d; default: the setting due_in"},
      "note": {"type": "string", "maxLength": 2000}
    }})");
  invoice.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["number", "file", "total", "net", "vat", "issued", "due", "text"],
    "properties": {"number": {"type": "string"}, "file": {"type": "string", "description": "below the ledger's folder"}, "total": {"type": "string"}, "net": {"type": "string"},
                   "vat": {"type": "string"}, "issued": {"type": "string"}, "due": {"type": "string"}, "text": {"type": "string", "description": "the invoice as people read it"}}})");

  auto credit = action("ledger.credit_note", "Takes an invoice back in full, by a credit note under the next number", effect_class::keyed, risk_kind::money, "none");
  credit.arguments = sum_schema("invoice", "INV-2026-0007", "total", std::string(reason));
  credit.answer = entered_schema("invoice", "total");

  auto payment = action("ledger.payment", "Records that money for an invoice came in", effect_class::keyed, risk_kind::inside, "ledger.refund");
  payment.arguments = sum_schema("invoice", "INV-2026-0007", "amount",
                                 R"(, "day": {"type": "string", "maxLength": 10, "description": "on which it came; default today"}, "reference": {"type": "string", "maxLength": 500, "description": "the bank's name for the transfer; the same one is entered once"})" + std::string(reason));
  payment.answer = entered_schema("invoice", "amount");

  auto refund = action("ledger.refund", "Records that a payment was given back", effect_class::keyed, risk_kind::money, "none");
  refund.arguments = sum_schema("payment", "PAY-2026-0003", "amount", std::string(reason));
  refund.answer = entered_schema("payment", "amount");

  auto find = action("ledger.find", "Entries of the ledger, the newest of a kind first", effect_class::read_only, risk_kind::none, "none");
  find.answer_labels = label_private;
  find.arguments = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "number": {"type": "string", "maxLength": 20}, "customer": {"type": "string", "maxLength": 200, "description": "name or mail address"},
      "kind": {"type": "string", "enum": ["invoice", "credit_note", "payment", "refund"]},
      "limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "default 100"}}})");
  find.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["entries", "total"],
    "properties": {"total": {"type": "integer"}, "entries": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["number", "day", "customer", "address", "total", "kind"],
      "properties": {"number": {"type": "string"}, "day": {"type": "string"}, "customer": {"type": "string"}, "address": {"type": "string"}, "total": {"type": "string"}, "kind": {"type": "string"},
                     "about": {"type": "string"}, "due": {"type": "string"}, "open": {"type": "string", "description": "of an invoice: what is still to be paid"}}}}}})");

  auto open = action("ledger.open_items", "Invoices that are not settled, the oldest first", effect_class::read_only, risk_kind::none, "none");
  open.answer_labels = label_private;
  open.arguments = schema(R"({
    "type": "object", "additionalProperties": false,
    "properties": {"customer": {"type": "string", "maxLength": 200, "description": "name or mail address"}, "limit": {"type": "integer", "minimum": 1, "maximum": 500, "description": "default 100"}}})");
  open.answer = schema(R"({
    "type": "object", "additionalProperties": false, "required": ["items", "total"],
    "properties": {"total": {"type": "integer"}, "items": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["number", "customer", "address", "day", "due", "total", "open", "overdue"],
      "properties": {"number": {"type": "string"}, "customer": {"type": "string"}, "address": {"type": "string"}, "day": {"type": "string"}, "due": {"type": "string"}, "total": {"type": "string"},
                     "open": {"type": "string", "description": "below zero: too much was paid"}, "overdue": {"type": "boolean"}}}}}})");
  m.actions = {std::move(invoice), std::move(credit), std::move(payment), std::move(refund), std::move(find), std::move(open)};
  return m;
}

}  // namespace steward
