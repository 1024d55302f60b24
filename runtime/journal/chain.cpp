#include "runtime/journal/chain.hpp"

#include <bit>

namespace steward {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  out.append(reinterpret_cast<const char*>(&value), std::size_t(bytes));
}

void put(std::string& out, std::string_view text) {
  put(out, text.size(), 4);
  out += text;
}

std::string_view bytes_of(const digest_bytes& d) { return {reinterpret_cast<const char*>(d.data()), d.size()}; }

}  // namespace

digest_bytes chain_link(const digest_bytes& previous, std::int64_t seq, const record_header& header, const digest_bytes& body, std::string& buffer) {
  buffer.clear();
  buffer += bytes_of(previous);
  put(buffer, 1, 1);
  put(buffer, std::uint64_t(seq), 8);
  put(buffer, std::uint64_t(header.version), 4);
  put(buffer, std::uint64_t(header.cause), 8);
  put(buffer, std::uint64_t(header.time.time_since_epoch().count()), 8);
  put(buffer, header.labels, 4);
  for (const auto* text : {&header.stream, &header.kind, &header.actor, &header.correlation, &header.key, &header.subject}) put(buffer, *text);
  buffer += bytes_of(body);
  return digest_of(buffer);
}

}  // namespace steward
