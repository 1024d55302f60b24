/// One text told as what it takes over from another, and what is new in it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

namespace steward {

/// So many bytes of the other text, and what follows them.
struct text_piece {
  std::int64_t from = 0, size = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(text_piece, (), (from, size, text))
using text_difference = std::vector<text_piece>;

/// How `to` differs from `from`. The pieces begin and end between characters of UTF-8. Takes time in proportion to both.
text_difference difference(std::string_view from, std::string_view to);

/// `text` becomes what the pieces make of it. False where they take what is not there: it is empty then.
bool rewrite(std::string& text, const text_difference& pieces);

}  // namespace steward
