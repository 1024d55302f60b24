/// Values of CEL as JSON that keeps their exact types: {"type": "uint", "value": "7"}.
#pragma once
#include "runtime/expression/value.hpp"

namespace steward {

/// `type` is int, uint, double, string, bytes, bool, null_type, list, map, timestamp, duration or type. An int and a uint are
/// decimal text; a double is a number, or "NaN", "Infinity", "-Infinity"; bytes are base64; a timestamp is RFC 3339, a duration
/// "3.5s"; a list is an array of typed values, a map an array of [key, value]; a type is its name.
json to_typed_json(const value& v);

/// The reverse. `where` of an error is the path inside `tree`: "value[2].type".
result<value> from_typed_json(const json& tree);

}  // namespace steward
