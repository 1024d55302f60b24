/// The stored event as the journal knows it: a header it understands and a body it only keeps.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/digest.hpp"

namespace steward {

/// What every event says about itself. Names of streams, keys and subjects hold no personal data: they are never erased.
struct record_header {
  std::string stream;       // what it belongs to: "run-4", "company"
  std::string kind;         // from the closed list: "step_finished"
  int version = 1;          // of the body's schema, counted from 1
  std::string actor;        // who said so: "role/editor", "operator", "engine"
  std::int64_t cause = 0;   // seq of the event that led to this one; 0 = none
  std::string correlation;  // what it is about, across streams
  time_point time{};
  std::uint32_t labels = 0;  // bits: see runtime/labels.hpp
  std::string key;           // append key; empty = none. A key is appended once, for ever.
  std::string subject;       // whose personal fields are sealed in the body; empty = nobody's
  bool operator==(const record_header&) const = default;
};

/// An event that wants to be appended. `body` is a canonical JSON object.
struct draft {
  record_header header;
  std::string body;
  /// Dotted paths in the body to seal with the subject's key, such as "lead.address"; a list on the way means each of its
  /// items. A path that leads nowhere seals nothing.
  std::vector<std::string> personal;
};

/// Drafts of one caller that are appended together or not at all.
struct batch {
  std::vector<draft> drafts;
};

/// What became of a batch. All of it is on disk when this is returned.
struct receipt {
  std::int64_t first_seq = 0;  // of the first event; of a batch without drafts: the last seq of the journal
  std::size_t count = 0;       // events appended
  /// One of the batch's append keys was already there: nothing of the batch was appended (count 0), and first_seq is the
  /// seq of the event that holds the first such key, in the order of the drafts.
  bool deduplicated = false;
  bool operator==(const receipt&) const = default;
};

enum class body_state {
  whole,      // as it was appended
  compacted,  // rewritten later; its original digest keeps the chain whole
  erased,     // gone; its original digest keeps the chain whole
};

/// An event as it was read: body opened where the subject's key still exists, and upgraded to today's version.
struct record {
  std::int64_t seq = 0;
  record_header header;      // header.version is the version of `body`
  std::string body;          // empty when erased
  digest_bytes chain{};      // H(previous chain, header as stored, H(body as stored))
  int stored_version = 1;    // what stands in the journal
  body_state state = body_state::whole;
  bool operator==(const record&) const = default;
};

/// A position in the journal: the last event and the chain up to it. seq 0 is the empty journal.
struct journal_head {
  std::int64_t seq = 0;
  digest_bytes chain{};
  bool operator==(const journal_head&) const = default;
};

}  // namespace steward
