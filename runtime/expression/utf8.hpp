/// CEL counts a string in code points; these walk its UTF-8.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace steward::utf8 {

std::size_t count(std::string_view text);
/// The byte at which code point number `index` starts; text.size() for the one behind the last; npos beyond.
std::size_t byte_of(std::string_view text, std::size_t index);
/// The number of bytes of the code point that starts at `at`.
std::size_t width(std::string_view text, std::size_t at);
/// The code point that starts at `at`.
std::uint32_t decode(std::string_view text, std::size_t at);
void append(std::string& out, std::uint32_t code_point);
bool is_valid(std::string_view text);
/// "LINE:COLUMN" of a byte, both from 1, the column in code points.
std::string position(std::string_view text, std::size_t byte);

}  // namespace steward::utf8
