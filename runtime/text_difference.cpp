#include "runtime/text_difference.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace steward {
namespace {

constexpr std::size_t block = 16;         // what is looked up at a time
constexpr std::size_t worth_taking = 48;  // bytes: a piece costs about as much itself
constexpr std::uint64_t base = 0x9E3779B97F4A7C15u | 1u;

bool between_characters(std::string_view text, std::size_t at) { return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80; }

std::size_t common_start(std::string_view a, std::string_view b) {
  constexpr std::size_t stride = 4096;  // memcmp is much faster than a loop over bytes
  const auto most = std::min(a.size(), b.size());
  std::size_t same = 0;
  while (same + stride <= most && std::memcmp(a.data() + same, b.data() + same, stride) == 0) same += stride;
  while (same < most && a[same] == b[same]) ++same;
  while (!between_characters(b, same)) --same;
  return same;
}

/// Where blocks of a text stand. Of equal ones the first is known.
class block_index {
public:
  block_index(std::string_view text, std::size_t first) : text_(text) {
    const auto blocks = text.size() > first ? (text.size() - first) / block : 0;
    places_.assign(std::bit_ceil(2 * blocks + 1), nothing);
    for (auto at = first; at + block <= text.size(); at += block) {
      auto slot = slot_of(hash(text.data() + at));
      while (places_[slot] != nothing && !same(places_[slot], text.data() + at)) slot = next(slot);
      if (places_[slot] == nothing) places_[slot] = at;
    }
  }
  static std::uint64_t hash(const char* bytes) {
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < block; ++i) h = h * base + static_cast<unsigned char>(bytes[i]);
    return h;
  }
  /// Of the block that begins one byte later.
  static std::uint64_t roll(std::uint64_t h, char gone, char come) { return (h - highest() * static_cast<unsigned char>(gone)) * base + static_cast<unsigned char>(come); }

  static constexpr std::size_t nothing = ~std::size_t{0};
  std::size_t find(std::uint64_t h, const char* bytes) const {
    auto slot = slot_of(h);
    while (places_[slot] != nothing && !same(places_[slot], bytes)) slot = next(slot);
    return places_[slot];
  }

private:
  static constexpr std::uint64_t highest() {
    std::uint64_t power = 1;
    for (std::size_t i = 1; i < block; ++i) power *= base;
    return power;
  }
  std::size_t slot_of(std::uint64_t h) const { return std::size_t((h ^ (h >> 29)) * base >> 20) & (places_.size() - 1); }
  std::size_t next(std::size_t slot) const { return (slot + 1) & (places_.size() - 1); }
  bool same(std::size_t place, const char* bytes) const { return std::memcmp(text_.data() + place, bytes, block) == 0; }
  std::string_view text_;
  std::vector<std::size_t> places_;
};

}  // namespace

text_difference difference(std::string_view from, std::string_view to) {
  text_difference pieces;
  auto told = common_start(from, to);  // bytes of `to` that the pieces say
  if (told < worth_taking) told = 0;
  pieces.push_back({0, std::int64_t(told), ""});
  const block_index known(from, told);
  auto at = told;
  auto h = at + block <= to.size() ? block_index::hash(to.data() + at) : 0;
  while (at + block <= to.size()) {
    if (const auto found = known.find(h, to.data() + at); found != block_index::nothing) {
      auto first = at, there = found, end = at + block;
      while (first > told && there > 0 && to[first - 1] == from[there - 1]) --first, --there;
      while (end < to.size() && there + (end - first) < from.size() && to[end] == from[there + (end - first)]) ++end;
      while (first < end && !between_characters(to, first)) ++first, ++there;
      while (end > first && !between_characters(to, end)) --end;
      if (end - first >= worth_taking) {
        pieces.back().text = to.substr(told, first - told);
        pieces.push_back({std::int64_t(there), std::int64_t(end - first), ""});
        at = told = end;
        if (at + block <= to.size()) h = block_index::hash(to.data() + at);
        continue;
      }
    }
    if (at + block < to.size()) h = block_index::roll(h, to[at], to[at + block]);
    ++at;
  }
  pieces.back().text = to.substr(told);
  return pieces;
}

bool rewrite(std::string& text, const text_difference& pieces) {
  const auto size = std::int64_t(text.size());
  const bool fits = std::all_of(pieces.begin(), pieces.end(), [&](const text_piece& p) { return p.from >= 0 && p.size >= 0 && p.from <= size && p.size <= size - p.from; });
  if (!fits) {
    text.clear();
    return false;
  }
  // What is kept from the start stays where it is: a text that grows is not written again.
  const auto kept = !pieces.empty() && pieces.front().from == 0 ? std::size_t(pieces.front().size) : 0;
  std::string rest;
  for (const auto& p : pieces) {
    if (kept == 0 || &p != &pieces.front()) rest.append(text, std::size_t(p.from), std::size_t(p.size));
    rest += p.text;
  }
  text.resize(kept);
  text += rest;
  return true;
}

}  // namespace steward
