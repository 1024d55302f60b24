/// A value of CEL, with its exact type; over JSON it is a window that copies nothing until it must.
#pragma once
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/json.hpp"

namespace steward {

/// Counts work while it is done; whoever sees it spent stops at once.
struct work_meter {
  std::uint64_t done = 0;
  std::uint64_t most = UINT64_MAX;
  bool spent() const { return done > most; }
};

enum class value_kind { null, boolean, integer, unsigned_integer, real, text, bytes, list, map, type, timestamp, duration };

/// What CEL's type() calls it: "int", "string", "null_type", "google.protobuf.Timestamp".
std::string_view cel_type_name(value_kind kind);

/// A moment in UTC with nanoseconds; years 1 to 9999. `nanos` counts upwards from `seconds`.
struct cel_timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const cel_timestamp&) const = default;
};

/// A length of time in nanoseconds, hence at most 292 years.
struct cel_duration {
  std::int64_t nanos = 0;
  auto operator<=>(const cel_duration&) const = default;
};

class value {
public:
  struct entry;
  using list_items = std::vector<value>;
  using map_entries = std::vector<entry>;  // in the order of writing; CEL's maps are small, lookups go through JSON's own index where they are not

  value() = default;  // null
  explicit value(bool b) : held_(b) {}
  explicit value(int i) : held_(std::int64_t(i)) {}
  explicit value(std::int64_t i) : held_(i) {}
  explicit value(std::uint64_t u) : held_(u) {}
  explicit value(double d) : held_(d) {}
  explicit value(const char* text) : value(std::string(text)) {}
  explicit value(std::string text);
  explicit value(list_items items);
  explicit value(map_entries entries);
  explicit value(cel_timestamp t) : held_(t) {}
  explicit value(cel_duration d) : held_(d) {}
  explicit value(time_point t);
  explicit value(duration d);
  static value bytes(std::string octets);
  static value type(value_kind of);

  /// A window on `seen`, which must outlive it and whatever is taken out of it.
  static value view(const json& seen);
  static value view(json&&) = delete;
  static value copy_of(const json& seen);

  value_kind kind() const noexcept;
  bool is(value_kind k) const noexcept { return kind() == k; }

  // Each of these is only for its kind.
  bool boolean() const { return std::get<bool>(held_); }
  std::int64_t integer() const { return std::get<std::int64_t>(held_); }
  std::uint64_t unsigned_integer() const { return std::get<std::uint64_t>(held_); }
  double real() const { return std::get<double>(held_); }
  std::string_view text() const { return std::get<text_ref>(held_).seen; }
  std::string_view octets() const { return std::get<bytes_ref>(held_).seen; }
  cel_timestamp timestamp() const { return std::get<cel_timestamp>(held_); }
  cel_duration length() const { return std::get<cel_duration>(held_); }
  value_kind named_type() const { return std::get<type_ref>(held_).of; }

  /// Items of a list, or entries of a map.
  std::size_t size() const;
  /// The i-th item of a list.
  value item(std::size_t i) const;
  /// The i-th key of a map, in its own order. Walk with keys() where there may be many.
  list_items keys() const;
  map_entries entries() const;
  /// The value at `key` of a map; 1, 1u and 1.0 are the same key.
  std::optional<value> find(const value& key) const;
  std::optional<value> find(std::string_view key) const;

  /// Adds what a walk through the whole value costs. A small list may hold one large list a thousand times.
  void weigh(work_meter& meter) const;
  /// What one find() costs beyond a step: maps that an expression made are searched from their first key on.
  std::uint64_t lookup_cost() const;

  /// The same value, depending on nothing outside itself.
  value owned() const;
  /// JSON as CEL maps it: bytes as base64, timestamps and durations as text, keys as text. NaN and infinities are an error.
  result<json> to_json() const;

private:
  struct text_ref {
    std::string_view seen;
    std::shared_ptr<const void> owner;  // null: somebody else's text
  };
  struct bytes_ref {
    std::string_view seen;
    std::shared_ptr<const void> owner;
  };
  struct json_ref {  // only arrays and objects; everything smaller is taken out at once
    const json* seen;
    std::shared_ptr<const void> owner;
  };
  struct type_ref {
    value_kind of;
  };
  using list_ref = std::shared_ptr<const list_items>;
  using map_ref = std::shared_ptr<const map_entries>;

  static value inside(const json& seen, const std::shared_ptr<const void>& owner);
  bool is_owned() const;

  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, text_ref, bytes_ref, list_ref, map_ref, json_ref, type_ref, cel_timestamp,
               cel_duration>
      held_;
};

struct value::entry {
  value key;
  value what;
};

/// CEL's ==: numbers across types (a whole number against a double as one itself), NaN unlike itself, different types unequal.
/// The meter, when given, grows by the number of values looked at; once it is spent the answer means nothing.
bool equal(const value& a, const value& b, work_meter* meter = nullptr);
inline bool operator==(const value& a, const value& b) { return equal(a, b); }

/// CEL's order, or none when these two have none ("a" < 1).
std::optional<std::partial_ordering> compare(const value& a, const value& b);

/// The letters A-Z a-z 0-9 + / with filling; reading takes it with or without.
std::string base64_text(std::string_view octets);
std::optional<std::string> base64_octets(std::string_view text);

/// CEL's string(): none for null, lists, maps and types, which have no text, and for bytes that are not UTF-8.
std::optional<std::string> to_text(const value& v);

}  // namespace steward
