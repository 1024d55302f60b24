/// The order of texts by their bytes, as std::less has it, without the call: names of runs and steps are short and much alike.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace steward {

struct text_less {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    const auto common = a.size() < b.size() ? a.size() : b.size();
    std::size_t i = 0;
    for (; i + 8 <= common; i += 8) {
      const auto x = eight(a.data() + i), y = eight(b.data() + i);
      if (x != y) return x < y;
    }
    for (; i < common; ++i)
      if (a[i] != b[i]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    return a.size() < b.size();
  }

private:
  /// Eight bytes as a number whose order is theirs.
  static std::uint64_t eight(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    return word;
  }
};

}  // namespace steward
