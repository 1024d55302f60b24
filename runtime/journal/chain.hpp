/// The hash chain: what binds each event to all before it.
#pragma once
#include <string>
#include <string_view>

#include "runtime/journal/record.hpp"

namespace steward {

/// chain = BLAKE2b-256(previous chain ‖ header ‖ BLAKE2b-256(stored body)). The body enters by its digest, so that it can be
/// compacted or erased later without breaking the chain.
///
/// The header's bytes (format 1), integers little-endian, every text preceded by its length in 4 bytes:
///   byte 1 · seq 8 · version 4 · cause 8 · time 8 (microseconds since 1970) · labels 4 · stream · kind · actor · correlation · key · subject
/// `buffer` is scratch space that keeps its capacity from call to call.
digest_bytes chain_link(const digest_bytes& previous, std::int64_t seq, const record_header& header, const digest_bytes& body, std::string& buffer);

}  // namespace steward
