#include "runtime/digest.hpp"

#include <sodium.h>

namespace steward {

digest_bytes digest_of(std::string_view bytes) {
  digest_bytes out;
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
  return out;
}

digest_bytes digest_of(std::initializer_list<std::string_view> parts) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof(digest_bytes));
  for (const auto part : parts) {
    unsigned char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(std::uint64_t(part.size()) >> (8 * i));
    crypto_generichash_update(&state, length, sizeof length);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  digest_bytes out;
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

std::string to_hex(const digest_bytes& d) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(2 * d.size(), '0');
  for (std::size_t i = 0; i < d.size(); ++i) {
    text[2 * i] = digits[d[i] >> 4];
    text[2 * i + 1] = digits[d[i] & 15];
  }
  return text;
}

std::string hex_digest(std::string_view bytes) { return to_hex(digest_of(bytes)); }

}  // namespace steward
