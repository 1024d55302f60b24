/// Text from outside, made safe to store and honest to show: what a reader sees is all there is.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace steward {

/// Valid UTF-8 out of any bytes: each broken sequence becomes U+FFFD, NUL and other control characters go, CR LF becomes LF.
std::string cleaned_text(std::string_view bytes);
/// The same on one line: line breaks and tabs become a blank, blanks at both ends go.
std::string cleaned_line(std::string_view bytes);

/// For the operator's eyes: control characters, bidirectional overrides and invisible characters are written out as
/// \u{202E}, broken bytes as \x{FF}. Line feeds stay; `visible_line` writes them out too.
std::string visible_text(std::string_view bytes);
std::string visible_line(std::string_view bytes);

/// Is there a character that `visible_text` would write out?
bool hides_something(std::string_view bytes);
bool is_utf8(std::string_view bytes);

/// At most `limit` bytes from the front, cut between characters.
std::string_view front_of(std::string_view text, std::size_t limit);
/// The first `lines` lines, each at most `columns` bytes; "…" stands where something was left out.
std::string first_lines(std::string_view text, std::size_t lines, std::size_t columns);

}  // namespace steward
