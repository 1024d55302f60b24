/// Small text work that several agents share: a first paragraph, a short form, a name for a link. Pure.
#pragma once
#include <string>
#include <string_view>

namespace steward {

/// The first paragraph of a Markdown text as one line: headings and comments are skipped, line breaks become spaces.
std::string first_paragraph(std::string_view markdown);

/// At most `most` bytes, cut between two words and ended with "…"; a text that fits comes back as it is.
std::string shorten(std::string_view text, std::size_t most);

/// The part of a text behind the first `begin` and before the next `end`; a word that is empty or missing cuts nothing off.
/// A part that begins with a plain word begins with a capital.
std::string part_between(std::string_view text, std::string_view begin, std::string_view end);

/// A name for links and files: "Faster, & safer!" becomes "faster-safer". Letters beyond ASCII are left out.
std::string slug_of(std::string_view title, std::size_t most = 40);

}  // namespace steward
