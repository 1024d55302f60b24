#include "runtime/coordination/parked_runs.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <unordered_map>

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

constexpr std::size_t places_at_most = 31;  // Control characters, of which canonical JSON has none, stand for ids.

/// The text with a character in the place of each id, behind a line that names them.
std::string without_ids(std::string_view text, const std::vector<std::string>& ids) {
  std::string out;
  const auto count = std::min(ids.size(), places_at_most);
  for (std::size_t i = 0; i < count; ++i) (out += ids[i]) += ' ';
  out += '\n';
  const auto head = out.size();
  out += text;
  for (std::size_t i = 0; i < count; ++i) {
    auto to = out.find(ids[i], head);
    if (to == out.npos) continue;
    for (auto from = to; from < out.size();) {
      const auto next = std::min(out.find(ids[i], from), out.size());
      std::memmove(out.data() + to, out.data() + from, next - from);
      to += next - from;
      from = next;
      if (from == out.size()) break;
      out[to++] = char(i + 1);
      from += ids[i].size();
    }
    out.resize(to);
  }
  return out;
}

std::string with_ids(std::string_view packed) {
  std::vector<std::string_view> ids;
  auto line = packed.substr(0, packed.find('\n'));
  packed.remove_prefix(line.size() + 1);
  for (auto end = line.find(' '); end != line.npos; end = line.find(' ')) {
    ids.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  std::string out;
  out.reserve(packed.size() + packed.size() / 4);
  std::size_t from = 0;
  for (std::size_t at = 0; at < packed.size(); ++at) {
    const auto place = static_cast<unsigned char>(packed[at]);
    if (place == 0 || place > ids.size()) continue;
    out.append(packed, from, at - from);
    out += ids[place - 1];
    from = at + 1;
  }
  return out.append(packed, from);
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

parked_runs::entry::entry(const entry& other) : run(other.run), bytes(other.bytes ? new char[other.size] : nullptr), size(other.size), words(other.words), approval(other.approval), expires_at(other.expires_at) {
  if (bytes) std::memcpy(bytes.get(), other.bytes.get(), size);
}

std::deque<parked_runs::entry>::iterator parked_runs::place_of(std::int64_t run) {
  return std::lower_bound(packed_.begin(), packed_.end(), run, [](const entry& e, std::int64_t r) { return e.run < r; });
}

const parked_runs::entry* parked_runs::find(std::int64_t run) const {
  const auto at = const_cast<parked_runs*>(this)->place_of(run);
  return at != packed_.end() && at->run == run && at->bytes ? &*at : nullptr;
}

void parked_runs::add(entry e) {
  const auto at = place_of(e.run);
  if (at != packed_.end() && at->run == e.run) {
    taken_ -= !at->bytes;
    *at = std::move(e);
  } else {
    packed_.insert(at, std::move(e));  // Ids grow: nearly always at the end.
  }
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
  const auto said = without_ids(parcel, about.ids);
  auto [known, is_new] = kinds_.try_emplace(kind, std::uint32_t(dictionaries_.size()));
  if (is_new) dictionaries_.push_back(std::make_shared<const dictionary>(kind, said));
  const auto& words = *dictionaries_[known->second];
  thread_local std::string room;
  room.resize(ZSTD_compressBound(said.size()));
  const auto size = ZSTD_compress_usingCDict(packs(), room.data(), room.size(), said.data(), said.size(), words.packs.get());
  if (ZSTD_isError(size)) throw error_thrown({"internal_fault", "parking", ZSTD_getErrorName(size), "", ""});
  entry e;
  e.run = about.run;
  e.bytes.reset(new char[size]);
  std::memcpy(e.bytes.get(), room.data(), size);
  e.size = std::uint32_t(size);
  e.words = known->second;
  e.approval = about.approval;
  e.expires_at = about.expires_at ? about.expires_at->time_since_epoch().count() : 0;
  add(std::move(e));
  approvals_.add(about.approval, about.run);
  for (const auto card : about.cards) cards_.add(card, about.run);
}

std::optional<std::string> parked_runs::look(std::int64_t run) const {
  const auto* known = find(run);
  if (!known) return std::nullopt;
  const auto& e = *known;
  const auto size = ZSTD_getFrameContentSize(e.bytes.get(), e.size);
  if (size > longest) throw error_thrown({"internal_fault", "parking", "a packed run has no size", "", ""});
  std::string said(size, '\0');
  const auto read = ZSTD_decompress_usingDDict(unpacks(), said.data(), said.size(), e.bytes.get(), e.size, dictionaries_[e.words]->unpacks.get());
  if (ZSTD_isError(read) || read != size) throw error_thrown({"internal_fault", "parking", "a packed run can't be unpacked", "", "Delete .steward/snapshot and start again"});
  return with_ids(said);
}

std::optional<std::string> parked_runs::take(std::int64_t run) {
  auto parcel = look(run);
  if (!parcel) return parcel;
  const auto at = place_of(run);
  approvals_.remove(run, at->approval);
  at->bytes.reset();
  if (++taken_ * 2 >= packed_.size()) {
    std::erase_if(packed_, [](const entry& e) { return !e.bytes; });
    taken_ = 0;
  }
  if (cards_.entries.size() > 2 * size() + 64) std::erase_if(cards_.entries, [&](const auto& e) { return !contains(e.second); });
  return parcel;
}

std::vector<std::int64_t> parked_runs::runs() const {
  std::vector<std::int64_t> all;
  all.reserve(size());
  for (const auto& e : packed_)
    if (e.bytes) all.push_back(e.run);
  return all;
}

std::int64_t parked_runs::run_of_approval(std::int64_t approval) const { return approvals_.find(approval); }
std::int64_t parked_runs::run_of_card(std::int64_t card) const {
  const auto run = cards_.find(card);
  return contains(run) ? run : 0;
}

void parked_runs::each_question(const std::function<void(std::int64_t, std::optional<time_point>)>& visit) const {
  for (const auto& [approval, run] : approvals_.entries) {
    const auto* e = find(run);
    if (e) visit(approval, e->expires_at == 0 ? std::nullopt : std::optional(time_point{duration{e->expires_at}}));
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
  put_number(out, size());
  for (const auto& e : packed_) {
    if (!e.bytes) continue;
    const auto run = e.run;
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
    entry e;
    const auto run = e.run = std::int64_t(from.number());
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
    made.add(std::move(e));
  }
  if (!from.whole) return damaged();
  return made;
}

}  // namespace steward
