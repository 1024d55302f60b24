#include "connectors/ledger.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "connectors/ledger_book.hpp"
#include "connectors/ledger_manifest.hpp"
#include "connectors/plain_key.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

struct ledger_settings {
  std::string folder;
  std::string zone = "UTC";
  invoice_defaults invoice;
};

/// The prepared bytes of the actions that only read.
struct ledger_question {
  std::optional<std::string> number, customer;
  std::optional<ledger_kind> kind;
  std::string today;
  std::int64_t limit = 100;
};
BOOST_DESCRIBE_STRUCT(ledger_question, (), (number, customer, kind, today, limit))

struct found_entry {
  std::string number, day, customer, address, total;
  ledger_kind kind = ledger_kind::invoice;
  std::optional<std::string> about, due, open;  // open: of an invoice
};
BOOST_DESCRIBE_STRUCT(found_entry, (), (number, day, customer, address, total, kind, about, due, open))

struct found_entries {
  std::vector<found_entry> entries;
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(found_entries, (), (entries, total))

struct open_item {
  std::string number, customer, address, day, due, total, open;
  bool overdue = false;
};
BOOST_DESCRIBE_STRUCT(open_item, (), (number, customer, address, day, due, total, open, overdue))

struct open_items {
  std::vector<open_item> items;
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(open_items, (), (items, total))

bool is_about(const ledger_party& party, const std::string& who) { return party.name == who || (!party.address.empty() && party.address == who); }

/// Who an entry concerns: its own customer, or that of what it is about.
const ledger_party* party_of(const ledger_record& r, const std::vector<ledger_record>& all) {
  if (r.entry.customer) return &*r.entry.customer;
  for (const auto& other : all)
    if (r.entry.about == other.number) return party_of(other, all);
  return nullptr;
}

class ledger final : public connector {
public:
  explicit ledger(ledger_settings settings) : settings_(std::move(settings)) {}

  const connector_manifest& manifest() const override {
    static const connector_manifest m = ledger_manifest();
    return m;
  }

  result<request> prepare(const action_call& call, const effect_mark& mark) const override {
    if (!is_plain_key(mark.key)) return error{"bad_effect_key", "", "the effect key is '" + visible_line(mark.key) + "'", "lower-case letters and digits", ""};
    const auto day = to_text(time_point{local_day(settings_.zone, mark.time)}).substr(0, 10);
    if (call.action == "ledger.find" || call.action == "ledger.open_items") return prepare_question(call, mark, day);
    auto entry = call.action == "ledger.invoice"       ? read_invoice(call.arguments, settings_.invoice, mark.key, day)
                 : call.action == "ledger.credit_note" ? read_entry(call.arguments, ledger_kind::credit_note, "invoice", "total", mark.key, day)
                 : call.action == "ledger.payment"     ? read_entry(call.arguments, ledger_kind::payment, "invoice", "amount", mark.key, day)
                 : call.action == "ledger.refund"      ? read_entry(call.arguments, ledger_kind::refund, "payment", "amount", mark.key, day)
                                                       : error{"unknown_action", call.action, "ledger has no such action", "ledger.invoice, ledger.credit_note, ledger.payment, ledger.refund, ledger.find or ledger.open_items", ""};
    if (!entry) return entry.error();
    request out{.action = call.action, .key = mark.key, .bytes = to_json_text(*entry)};
    out.recipients = {"ledger:" + (entry->customer ? entry->customer->address.empty() ? entry->customer->name : entry->customer->address : *entry->about)};
    out.preview = preview(*entry);
    return out;
  }

  answer perform(const request& what, outside& out) override {
    ledger_book book(out.files, settings_.folder);
    if (what.action == "ledger.find" || what.action == "ledger.open_items") {
      const auto asked = from_json_text<ledger_question>(what.bytes);
      if (!asked) return {.nothing_sent = true, .trouble = asked.error()};
      const auto all = book.records();
      if (!all) return {.nothing_sent = true, .trouble = all.error()};
      return {.complete = true, .bytes = what.action == "ledger.find" ? to_json_text(find(*asked, *all)) : to_json_text(open(*asked, *all))};
    }
    const auto entry = from_json_text<ledger_text>(what.bytes);
    if (!entry) return {.nothing_sent = true, .trouble = entry.error()};
    if (!is_plain_key(entry->key)) return {.nothing_sent = true, .trouble = {"bad_effect_key", "", "the effect key is no plain word", "", ""}};
    const auto receipt = book.enter(*entry);
    if (receipt) return {.complete = true, .bytes = to_json_text(*receipt)};
    return {.nothing_sent = book.untouched(), .trouble = receipt.error()};
  }

  outcome read(const request& what, const answer& came_back) const override {
    const bool only_reads = what.action == "ledger.find" || what.action == "ledger.open_items";
    if (!came_back.complete) {
      const auto why = came_back.trouble.code.empty() ? std::string("the answer was lost") : visible_line(to_sentence(came_back.trouble));
      if (only_reads) return {.kind = outcome_kind::failed, .sentence = "the ledger was not read: " + why};
      // A broken file stays broken, however often it is read.
      if (came_back.nothing_sent) return {.kind = came_back.trouble.code == "ledger_broken" ? outcome_kind::refused : outcome_kind::failed, .sentence = "nothing was entered: " + why};
      return {.kind = outcome_kind::in_doubt, .sentence = "it may have been entered; a repeat finds it by its key: " + why};
    }
    if (what.action == "ledger.find") return read_list<found_entries>(came_back, "entries");
    if (what.action == "ledger.open_items") return read_list<open_items>(came_back, "open invoices");
    const auto receipt = from_json_text<ledger_receipt>(came_back.bytes);
    const auto entry = from_json_text<ledger_text>(what.bytes);
    if (!receipt || !entry) return {.kind = outcome_kind::in_doubt, .sentence = "the ledger gave an answer that can't be read"};
    if (receipt->number.empty()) return {.kind = outcome_kind::refused, .sentence = visible_line(receipt->refusal.empty() ? "the ledger refused it" : receipt->refusal)};
    const auto number = parse_ledger_number(receipt->number);
    if (!number || number->kind != entry->kind) return {.kind = outcome_kind::in_doubt, .sentence = "the ledger gave an answer that can't be read"};
    return confirmed(receipt->number, *entry);
  }

private:
  result<ledger_text> read_entry(const json& arguments, ledger_kind kind, std::string_view about, std::string_view sum, const std::string& key, const std::string& day) const {
    ledger_text out;
    out.kind = kind;
    out.key = key;
    out.day = day;
    const auto number = parse_ledger_number(text_at(arguments, about));
    if (!number || number->kind != (kind == ledger_kind::refund ? ledger_kind::payment : ledger_kind::invoice))
      return error{"bad_ledger_number", std::string(about), "found '" + visible_line(front_of(text_at(arguments, about), 40)) + "'", kind == ledger_kind::refund ? "the number of a payment, such as PAY-2026-0003" : "the number of an invoice, such as INV-2026-0007", ""};
    out.about = to_text(*number);
    const auto amount = parse_amount(text_at(arguments, sum), std::string(sum));
    if (!amount) return amount.error();
    out.total = amount->minor;
    out.currency = amount->currency;
    for (const auto& [name, into] : {std::pair{"reason", &out.note}, {"reference", &out.reference}}) {
      if (!at_path(arguments, name)) continue;
      auto text = ledger_line_of_text(arguments, name, 500);
      if (!text) return text.error();
      if (!text->empty()) *into = std::move(*text);
    }
    if (const auto told = text_at(arguments, "day"); !told.empty()) {
      if (told.size() != 10 || !parse_time(told + "T00:00:00Z")) return error{"bad_time", "day", "found '" + visible_line(front_of(told, 60)) + "'", "a day such as 2026-11-23", ""};
      out.day = told;
    }
    return out;
  }

  result<request> prepare_question(const action_call& call, const effect_mark& mark, const std::string& day) const {
    ledger_question out;
    out.today = day;
    for (const auto& [name, into] : {std::pair{"number", &out.number}, {"customer", &out.customer}}) {
      if (!at_path(call.arguments, name)) continue;
      auto text = ledger_line_of_text(call.arguments, name, 200);
      if (!text) return text.error();
      *into = std::move(*text);
    }
    if (const auto kind = text_at(call.arguments, "kind"); !kind.empty()) {
      out.kind = from_word<ledger_kind>(kind);
      if (!out.kind) return error{"bad_text", "kind", "found '" + visible_line(front_of(kind, 60)) + "'", "invoice, credit_note, payment or refund", ""};
    }
    if (const auto* limit = at_path(call.arguments, "limit"); limit && limit->is_int64()) out.limit = std::clamp<std::int64_t>(limit->get_int64(), 1, 500);
    const auto whose = out.customer ? " of " + visible_line(*out.customer) : std::string();
    return request{.action = call.action, .key = mark.key, .bytes = to_json_text(out), .preview = (call.action == "ledger.find" ? "Look up entries of the ledger" : "Look up what is still to be paid") + whose};
  }

  std::string preview(const ledger_text& e) const {
    const auto sum = amount_text(e.total, e.currency);
    if (e.kind == ledger_kind::credit_note) return fmt::format("Credit {} in full: {} is not owed any more\nThe credit note gets the next number{}", *e.about, sum, e.note ? "\nWhy: " + visible_line(*e.note) : "");
    if (e.kind == ledger_kind::payment) return fmt::format("Record a payment of {} for {}\nReceived on {}{}", sum, *e.about, e.day, e.reference ? "\nReference: " + visible_line(*e.reference) : "");
    if (e.kind == ledger_kind::refund) return fmt::format("Record that the payment {} of {} was given back", *e.about, sum);
    const auto& who = *e.customer;
    std::string text = fmt::format("Invoice {} to {}{}\nIssued {}, due {}; it gets the next number\n", sum, visible_line(who.name), who.address.empty() ? "" : " <" + visible_line(who.address) + ">", e.day, *e.due);
    for (std::size_t i = 0; i < e.lines->size() && i < 10; ++i) {
      const auto& line = (*e.lines)[i];
      text += fmt::format("{} x {}: {}\n", line.quantity, visible_line(line.text), amount_text(line.amount, e.currency));
    }
    if (e.lines->size() > 10) text += fmt::format("and {} lines more\n", e.lines->size() - 10);
    text += fmt::format("Net {}, VAT {} % {}", amount_text(*e.net, e.currency), *e.vat_rate, amount_text(*e.vat, e.currency));
    if (e.seller && !e.seller->iban.empty()) text += "\nTo be paid to " + e.seller->iban;
    return text;
  }

  outcome confirmed(const std::string& number, const ledger_text& e) const {
    const auto sum = amount_text(e.total, e.currency);
    outcome out{.kind = outcome_kind::confirmed, .sentence = "entered as " + number};
    boost::json::object said{{"number", number}, {"file", number.substr(4, 4) + "/" + number + ".md"}};
    if (e.kind == ledger_kind::invoice) {
      said["total"] = sum;
      said["net"] = amount_text(*e.net, e.currency);
      said["vat"] = amount_text(*e.vat, e.currency);
      said["issued"] = e.day;
      said["due"] = *e.due;
      said["text"] = readable(number, e);
      out.undo = action_call{"ledger.credit_note", {{"invoice", number}, {"total", sum}, {"reason", "Taken back"}}};
    } else if (e.kind == ledger_kind::credit_note) {
      said["invoice"] = *e.about;
      said["total"] = sum;
    } else {
      said[e.kind == ledger_kind::payment ? "invoice" : "payment"] = *e.about;
      said["amount"] = sum;
      if (e.kind == ledger_kind::payment) out.undo = action_call{"ledger.refund", {{"payment", number}, {"amount", sum}}};
    }
    out.answer = std::move(said);
    return out;
  }

  static found_entries find(const ledger_question& asked, const std::vector<ledger_record>& all) {
    found_entries out;
    for (auto r = all.rbegin(); r != all.rend(); ++r) {
      const auto* party = party_of(*r, all);
      if ((asked.number && r->number != *asked.number) || (asked.kind && r->entry.kind != *asked.kind) || (asked.customer && !(party && is_about(*party, *asked.customer)))) continue;
      ++out.total;
      if (std::int64_t(out.entries.size()) == asked.limit) continue;
      found_entry found{r->number, r->entry.day, party ? party->name : "", party ? party->address : "", amount_text(r->entry.total, r->entry.currency), r->entry.kind, r->entry.about, r->entry.due, {}};
      if (found.kind == ledger_kind::invoice) found.open = amount_text(open_of(*r, all), r->entry.currency);
      out.entries.push_back(std::move(found));
    }
    return out;
  }

  static open_items open(const ledger_question& asked, const std::vector<ledger_record>& all) {
    open_items out;
    for (const auto& r : all) {
      if (r.entry.kind != ledger_kind::invoice || !r.entry.customer || (asked.customer && !is_about(*r.entry.customer, *asked.customer))) continue;
      const auto left = open_of(r, all);
      if (left == 0) continue;
      ++out.total;
      const auto& e = r.entry;
      if (std::int64_t(out.items.size()) < asked.limit)
        out.items.push_back({r.number, e.customer->name, e.customer->address, e.day, e.due.value_or(""), amount_text(e.total, e.currency), amount_text(left, e.currency), left > 0 && e.due.value_or("") < asked.today});
    }
    return out;
  }

  template <class List>
  static outcome read_list(const answer& came_back, std::string_view what) {
    const auto list = from_json_text<List>(came_back.bytes);
    if (!list) return {.kind = outcome_kind::failed, .sentence = "the ledger gave an answer that can't be read"};
    return {.kind = outcome_kind::confirmed, .answer = to_json(*list), .sentence = fmt::format("{} {}", list->total, what)};
  }

  ledger_settings settings_;
};

std::unique_ptr<connector> make_ledger(const json& given, const std::string& workspace) {
  ledger_settings settings;
  const std::filesystem::path folder = text_at(given, "folder", "ledger");
  settings.folder = (folder.is_absolute() ? folder : workspace / folder).lexically_normal().string();
  settings.zone = text_at(given, "zone", "UTC");
  const auto refuse = [](error e, const std::string& key) {
    e.where = "company.yaml: connectors.ledger." + key;
    throw error_thrown(std::move(e));
  };
  if (!zone_exists(settings.zone)) refuse({"unknown_zone", "", "there is no zone '" + visible_line(settings.zone) + "'", "an IANA name such as Europe/Berlin", ""}, "zone");
  if (const auto* vat = at_path(given, "vat")) settings.invoice.vat_rate = vat->is_string() ? std::string(vat->get_string()) : canonical(*vat);
  if (const auto due = text_at(given, "due_in"); !due.empty()) {
    const auto length = parse_duration(due);
    if (!length) refuse(length.error(), "due_in");
    settings.invoice.due_in = *length;
  }
  if (const auto* seller = at_path(given, "seller")) {
    ledger_seller told{cleaned_line(text_at(*seller, "name")), {}, cleaned_line(text_at(*seller, "vat_id")), "", cleaned_line(text_at(*seller, "bic"))};
    if (const auto* lines = at_path(*seller, "lines"); lines && lines->is_array())
      for (const auto& line : lines->get_array()) told.lines.push_back(line.is_string() ? cleaned_line(line.get_string()) : "");
    if (const auto iban = text_at(*seller, "iban"); !iban.empty()) {
      auto checked = parse_iban(iban);
      if (!checked) refuse(checked.error(), "seller.iban");
      told.iban = std::move(*checked);
    }
    settings.invoice.seller = std::move(told);
  }
  return std::make_unique<ledger>(std::move(settings));
}

}  // namespace

connector_entry ledger_entry() { return {"ledger", ledger_manifest(), make_ledger}; }

}  // namespace steward
