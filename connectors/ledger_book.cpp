#include "connectors/ledger_book.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr std::uint64_t file_max = 1'000'000;  // bytes: 100 lines need a tenth
constexpr int tries_max = 3;                   // numbers that somebody else takes while we look

error broken(const std::string& where, std::string found) { return {"ledger_broken", where, std::move(found), "an entry as Steward wrote it", "Restore the file from a backup; nothing is entered until then"}; }

bool is_year(std::string_view name) { return name.size() == 4 && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }); }

const ledger_record* find(const std::vector<ledger_record>& all, std::string_view number) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const ledger_record& r) { return r.number == number; });
  return at == all.end() ? nullptr : &*at;
}

/// The entry of that kind which is about `number`, or nullptr.
const ledger_record* about(const std::vector<ledger_record>& all, ledger_kind kind, std::string_view number) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const ledger_record& r) { return r.entry.kind == kind && r.entry.about == number; });
  return at == all.end() ? nullptr : &*at;
}

ledger_number next_number(const ledger_text& entry, const std::vector<ledger_record>& all) {
  ledger_number next{entry.kind, std::stoi(entry.day.substr(0, 4)), 1};
  for (const auto& r : all)
    if (const auto n = parse_ledger_number(r.number); n && n->kind == next.kind && n->year == next.year) next.count = std::max(next.count, n->count + 1);
  return next;
}

}  // namespace

std::int64_t open_of(const ledger_record& invoice, const std::vector<ledger_record>& all) {
  std::int64_t open = invoice.entry.total;
  for (const auto& r : all) {
    if (r.entry.about == invoice.number) open -= r.entry.total;  // credit notes and payments
    if (r.entry.kind != ledger_kind::refund) continue;
    if (const auto* payment = find(all, r.entry.about.value_or("")); payment && payment->entry.about == invoice.number) open += r.entry.total;
  }
  return open;
}

result<std::string> ledger_book::place_of(const std::string& number, std::string_view ending) { return inside(folder_, number.substr(4, 4) + "/" + number + std::string(ending)); }

result<ledger_record> ledger_book::read(const std::string& number) {
  const auto place = place_of(number, ".json");
  if (!place) return place.error();
  const auto size = files_.size(*place);
  if (!size) return size.error();
  if (*size > file_max) return broken(number, fmt::format("the file has {} bytes", *size));
  const auto bytes = files_.read(*place);
  if (!bytes) return bytes.error();
  auto record = from_json_text<ledger_record>(*bytes);
  if (!record) return broken(number, "the entry can't be read: " + to_sentence(record.error()));
  if (record->number != number || series_of(record->entry.kind) != number.substr(0, 3)) return broken(number, "the file holds the entry " + visible_line(front_of(record->number, 40)));
  return record;
}

result<std::vector<ledger_record>> ledger_book::records() {
  std::vector<ledger_record> all;
  for (const auto& year : files_.list(folder_)) {
    if (!is_year(year)) continue;
    for (const auto& name : files_.list(folder_ + "/" + year)) {
      if (!name.ends_with(".json")) continue;
      const auto number = name.substr(0, name.size() - 5);
      if (const auto known = parse_ledger_number(number); !known || number.substr(4, 4) != year) continue;  // not one of ours
      auto record = read(number);
      if (!record) return record.error();
      all.push_back(std::move(*record));
    }
  }
  return all;
}

result<std::string> ledger_book::stands_against(const ledger_text& entry, const std::vector<ledger_record>& all) {
  if (entry.kind == ledger_kind::invoice) return std::string();
  const auto number = entry.about.value_or("");
  if (!find(all, number)) {
    // A folder that could not be listed looks like an empty one; the file itself knows better.
    const auto there = read(number);
    if (there) return error{"disk_failed", folder_, "the folder's list leaves out " + number, "", ""};
    if (there.error().code != "no_such_file") return there.error();
    return "the ledger holds no " + number;
  }
  const auto& other = find(all, number)->entry;
  if (other.currency != entry.currency) return number + " is in " + other.currency;
  if (entry.kind == ledger_kind::payment) {
    for (const auto& r : all)
      if (entry.reference && r.entry.kind == ledger_kind::payment && r.entry.reference == entry.reference) return fmt::format("{} holds the transfer '{}' already", r.number, visible_line(*entry.reference));
    return std::string();
  }
  if (other.total != entry.total) return fmt::format("{} is about {}, not {}", number, amount_text(other.total, other.currency), amount_text(entry.total, entry.currency));
  if (const auto* before = about(all, entry.kind, number)) return before->number + " has taken " + number + " back already";
  return std::string();
}

result<ledger_receipt> ledger_book::finish(const ledger_record& record, const std::vector<ledger_record>& all) {
  const auto place = place_of(record.number, ".md");
  if (!place) return place.error();
  if (const auto there = files_.size(*place); !there) {
    if (there.error().code != "no_such_file") return there.error();
    if (auto r = files_.write(*place, readable(record.number, record.entry, find(all, record.entry.about.value_or("")))); !r) return r.error();
  }
  // The draft, and what the deaths of earlier processes left half-written beside it and the copy.
  for (const auto& [folder, litter] : {std::pair{folder_ + "/.drafts", record.entry.key + ".json"}, {folder_ + "/" + record.number.substr(4, 4), record.number + ".md.tmp-"}})
    for (const auto& name : files_.list(folder))
      if (name.starts_with(litter))
        if (auto r = files_.remove(folder + "/" + name); !r) return r.error();
  return ledger_receipt{record.number, {}};
}

result<ledger_receipt> ledger_book::enter(const ledger_text& entry) {
  for (int tries = 0;; ++tries) {
    const auto all = records();
    if (!all) return all.error();
    for (const auto& r : *all) {
      if (r.entry.key != entry.key) continue;
      begun_ = true;
      if (to_json_text(r.entry) != to_json_text(entry)) return ledger_receipt{"", "the effect key was used before for another entry, " + r.number};
      return finish(r, *all);
    }
    const auto stands = stands_against(entry, *all);
    if (!stands) return stands.error();
    if (!stands->empty()) return ledger_receipt{"", *stands};

    const ledger_record record{to_text(next_number(entry, *all)), entry};
    const auto place = place_of(record.number, ".json");
    if (!place) return place.error();
    const auto draft = folder_ + "/.drafts/" + entry.key + ".json";
    if (auto r = files_.write(draft, to_json_text(record) + "\n"); !r) return r.error();
    const auto linked = files_.link(draft, *place);
    // Somebody has this number, or the folder could not be listed: whatever it is, everything is read again.
    if (!linked && linked.error().code == "already_there" && tries + 1 < tries_max) continue;
    if (linked || linked.error().code != "already_there") begun_ = true;
    if (!linked) return linked.error();
    return finish(record, *all);
  }
}

}  // namespace steward
