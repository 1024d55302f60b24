/// JSON values and their one canonical text.
#pragma once
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "runtime/error.hpp"

namespace steward {

/// A JSON value that has no struct: a workflow's input, an action's arguments, a model's answer.
using json = boost::json::value;

/// The canonical text: keys sorted by bytes, no white space, integers as integers, doubles in their shortest form that
/// reads back the same, strings escaped only where JSON demands it. Equal values have equal text, hence equal digests.
/// Throws error_thrown{not_finite} for NaN and infinities, which JSON can't say.
std::string canonical(const json& value);
void append_canonical(std::string& out, const json& value);
void append_canonical(std::string& out, std::string_view text);
void append_canonical(std::string& out, double number);
void append_canonical(std::string& out, std::int64_t number);
/// A key and its colon.
void append_key(std::string& out, std::string_view key);

/// Strict RFC 8259: no comments, no trailing commas, valid UTF-8, no duplicate keys, at most 64 levels, finite numbers only.
/// What the value is made of stands in `memory`, which must outlive it.
result<json> parse_json(std::string_view text, boost::json::storage_ptr memory = {});

/// The value at a dotted path such as "lead.address", or nullptr.
const json* at_path(const json& value, std::string_view path);
/// The string at `key` of an object, or `otherwise` when it is missing or no string.
std::string text_at(const json& object, std::string_view key, std::string_view otherwise = {});

}  // namespace steward
