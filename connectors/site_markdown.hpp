/// Markdown (CommonMark with tables, strike-through and task lists) as HTML that can carry no script, whoever wrote it.
#pragma once
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace steward {

/// Raw HTML is shown as text. Links go to http, https, mailto or a relative path, images come from http, https or a relative
/// path; of any other link the words stay and the link goes. Headings begin at <h2>: the page's title is its <h1>.
/// Errors: page_too_large, when the HTML grows beyond `site_html_max`.
result<std::string> html_of_markdown(std::string_view markdown);

inline constexpr std::size_t site_html_max = 4'000'000;  // bytes; some tables grow with the square of their source

/// Text for HTML and XML: & < > " ' escaped, control characters and what XML can't hold left out, broken UTF-8 mended.
std::string escaped(std::string_view text);
/// The plain text of HTML that `html_of_markdown` made: tags gone, entities resolved, blocks on lines of their own.
std::string text_of_html(std::string_view html);
/// Is it a link that a page may have? Relative, http or https; mailto where `mail_too`.
bool is_safe_link(std::string_view target, bool mail_too = true);

}  // namespace steward
