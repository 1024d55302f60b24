/// The readable text of an HTML mail; for reading only, nothing of it is ever shown as HTML.
#pragma once
#include <string>
#include <string_view>

namespace steward {

/// Tags, scripts, styles and comments go, block elements end a line, the common entities are resolved. Never throws; linear in its input.
std::string text_of_html_mail(std::string_view html);

}  // namespace steward
