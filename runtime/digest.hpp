/// BLAKE2b-256 digests: of prepared bytes, of intents, of the journal's chain.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace steward {

/// 32 bytes of BLAKE2b (RFC 7693). Compared as a value; shown as 64 hexadecimal digits.
using digest_bytes = std::array<std::uint8_t, 32>;

digest_bytes digest_of(std::string_view bytes);
/// Digest of several parts, each preceded by its length, so that ("ab","c") and ("a","bc") differ.
digest_bytes digest_of(std::initializer_list<std::string_view> parts);
std::string to_hex(const digest_bytes& d);
/// The digest of `bytes` as 64 hexadecimal digits.
std::string hex_digest(std::string_view bytes);

}  // namespace steward
