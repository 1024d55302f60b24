#include "runtime/coordination/parked_runs.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <zstd.h>

namespace steward {
namespace {

constexpr int level = 3;
constexpr std::uint32_t longest = 1u << 30;

void put_number(std::string& out, std::uint64_t n) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = char(n >> (8 * i));
  out.append(bytes, 8);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out.append(text);
}

error damaged() { return {"snapshot_damaged", "the snapshot of the fold", "it ends in the middle", "all that it says it holds", "Delete .steward/snapshot: it is made anew"}; }

struct source {
  std::string_view& left;
  bool whole = true;
  std::uint64_t number() {
    if (left.size() < 8) return whole = false, 0;
    std::uint64_t n = 0;
    for (int i = 0; i < 8; ++i) n |= std::uint64_t(static_cast<unsigned char>(left[i])) << (8 * i);
    left.remove_prefix(8);
    return n;
  }
  std::string_view text() {
    const auto size = number();
    if (!whole || left.size() < size) return whole = false, std::string_view{};
    const auto told = left.substr(0, size);
    left.remove_prefix(size);
    return told;
  }
};

using compressor = std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)>;
using decompressor = std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)>;

// One for each thread: to make one costs more than to pack a run.
ZSTD_CCtx* packs() {
  thread_local compressor context{ZSTD_createCCtx(), ZSTD_freeCCtx};
  return context.get();
}
ZSTD_DCtx* unpacks() {
  thread_local decompressor context{ZSTD_createDCtx(), ZSTD_freeDCtx};
  return context.get();
}

}  // namespace

std::int64_t number_of(std::string_view id) {
  const auto dash = id.rfind('-');
  std::int64_t n = 0;
  if (dash != id.npos) std::from_chars(id.data() + dash + 1, id.data() + id.size(), n);
  return n;
}

struct parked_runs::dictionary {
  std::string kind, text;
  std::unique_ptr<ZSTD_CDict, std::size_t (*)(ZSTD_CDict*)> packs;
  std::unique_ptr<ZSTD_DDict, std::size_t (*)(ZSTD_DDict*)> unpacks;
  dictionary(std::string k, std::string t)
      : kind(std::move(k)), text(std::move(t)), packs(ZSTD_createCDict(text.data(), text.size(), level), ZSTD_freeCDict), unpacks(ZSTD_createDDict(text.data(), text.size()), ZSTD_freeDDict) {}
};

parked_runs::entry::entry(const entry& other) : bytes(new char[other.size]), size(other.size), words(other.words), approval(other.approval), expires_at(other.expires_at) {
  std::memcpy(bytes.get(), other.bytes.get(), size);
}

void parked_runs::index::add(std::int64_t id, std::int64_t run) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), std::pair{id, std::int64_t(0)});
  if (at != entries.end() && at->first == id) {
    gone -= at->second == 0;
    at->second = run;
  } else {
    entries.insert(at, {id, run});  // Ids grow: nearly always at the end.
  }
}

std::int64_t parked_runs::index::find(std::int64_t id) const {
  const auto at = std::lower_bound(entries.begin(), entries.end(), std::pair{id, std::int64_t(0)});
  return at != entries.end() && at->first == id ? at->second : 0;
}

void parked_runs::index::remove(std::int64_t run_gone, std::int64_t id) {
  const auto at = std::lower_bound(entries.begin(), entries.end(), std::pair{id, std::int64_t(0)});
  if (at == entries.end() || at->first != id || at->second != run_gone) return;
  at->second = 0;
  if (++gone * 2 < entries.size()) return;
  std::erase_if(entries, [](const auto& e) { return e.second == 0; });
  gone = 0;
}

void parked_runs::put(const stub& about, const std::string& kind, std::string_view parcel) {
  auto [known, is_new] = kinds_.try_emplace(kind, std::uint32_t(dictionaries_.size()));
  if (is_new) dictionaries_.push_back(std::make_shared<const dictionary>(kind, std::string(parcel)));
  const auto& words = *dictionaries_[known->second];
  thread_local std::string room;
  room.resize(ZSTD_compressBound(parcel.size()));
  const auto size = ZSTD_compress_usingCDict(packs(), room.data(), room.size(), parcel.data(), parcel.size(), words.packs.get());
  if (ZSTD_isError(size)) throw error_thrown({"internal_fault", "parking", ZSTD_getErrorName(size), "", ""});
  entry e;
  e.bytes.reset(new char[size]);
  std::memcpy(e.bytes.get(), room.data(), size);
  e.size = std::uint32_t(size);
  e.words = known->second;
  e.approval = about.approval;
  e.expires_at = about.expires_at ? about.expires_at->time_since_epoch().count() : 0;
  packed_.insert_or_assign(about.run, std::move(e));
  approvals_.add(about.approval, about.run);
  for (const auto card : about.cards) cards_.add(card, about.run);
}

std::optional<std::string> parked_runs::look(std::int64_t run) const {
  const auto it = packed_.find(run);
  if (it == packed_.end()) return std::nullopt;
  const auto& e = it->second;
  const auto size = ZSTD_getFrameContentSize(e.bytes.get(), e.size);
  if (size > longest) throw error_thrown({"internal_fault", "parking", "a packed run has no size", "", ""});
  std::string parcel(size, '\0');
  const auto read = ZSTD_decompress_usingDDict(unpacks(), parcel.data(), parcel.size(), e.bytes.get(), e.size, dictionaries_[e.words]->unpacks.get());
  if (ZSTD_isError(read) || read != size) throw error_thrown({"internal_fault", "parking", "a packed run can't be unpacked", "", "Delete .steward/snapshot and start again"});
  return parcel;
}

std::optional<std::string> parked_runs::take(std::int64_t run) {
  auto parcel = look(run);
  if (!parcel) return parcel;
  approvals_.remove(run, packed_.at(run).approval);
  packed_.erase(run);
  if (cards_.entries.size() > 2 * packed_.size() + 64) std::erase_if(cards_.entries, [&](const auto& e) { return !contains(e.second); });
  return parcel;
}

std::vector<std::int64_t> parked_runs::runs() const {
  std::vector<std::int64_t> all;
  all.reserve(packed_.size());
  for (const auto& [run, _] : packed_) all.push_back(run);
  std::sort(all.begin(), all.end());
  return all;
}

std::int64_t parked_runs::run_of_approval(std::int64_t approval) const { return approvals_.find(approval); }
std::int64_t parked_runs::run_of_card(std::int64_t card) const {
  const auto run = cards_.find(card);
  return contains(run) ? run : 0;
}

void parked_runs::each_question(const std::function<void(std::int64_t, std::optional<time_point>)>& visit) const {
  for (const auto& [approval, run] : approvals_.entries) {
    const auto it = packed_.find(run);
    if (it == packed_.end()) continue;
    visit(approval, it->second.expires_at == 0 ? std::nullopt : std::optional(time_point{duration{it->second.expires_at}}));
  }
}

void parked_runs::append_to(std::string& out) const {
  put_number(out, dictionaries_.size());
  for (const auto& d : dictionaries_) {
    put_text(out, d->kind);
    put_text(out, d->text);
  }
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> cards;
  for (const auto& [card, run] : cards_.entries)
    if (contains(run)) cards[run].push_back(card);
  put_number(out, packed_.size());
  for (const auto run : runs()) {
    const auto& e = packed_.at(run);
    put_number(out, std::uint64_t(run));
    put_number(out, std::uint64_t(e.approval));
    put_number(out, std::uint64_t(e.expires_at));
    put_number(out, e.words);
    put_number(out, cards[run].size());
    for (const auto card : cards[run]) put_number(out, std::uint64_t(card));
    put_text(out, {e.bytes.get(), e.size});
  }
}

result<parked_runs> parked_runs::read(std::string_view& in) {
  parked_runs made;
  source from{in};
  for (auto left = from.number(); from.whole && left > 0; --left) {
    const std::string kind(from.text()), text(from.text());
    if (!from.whole) break;
    made.kinds_[kind] = std::uint32_t(made.dictionaries_.size());
    made.dictionaries_.push_back(std::make_shared<const dictionary>(kind, text));
  }
  const auto count = from.whole ? from.number() : 0;
  for (auto left = count; from.whole && left > 0; --left) {
    const auto run = std::int64_t(from.number());
    entry e;
    e.approval = std::int64_t(from.number());
    e.expires_at = std::int64_t(from.number());
    e.words = std::uint32_t(from.number());
    if (e.words >= made.dictionaries_.size()) return damaged();
    for (auto cards = from.number(); from.whole && cards > 0; --cards) made.cards_.add(std::int64_t(from.number()), run);
    const auto bytes = from.text();
    if (!from.whole) break;
    e.size = std::uint32_t(bytes.size());
    e.bytes.reset(new char[bytes.size()]);
    std::memcpy(e.bytes.get(), bytes.data(), bytes.size());
    made.approvals_.add(e.approval, run);
    made.packed_.emplace(run, std::move(e));
  }
  if (!from.whole) return damaged();
  return made;
}

}  // namespace steward
