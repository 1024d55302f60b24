#include "tests/support/catch.hpp"

#include "actors/text.hpp"

using namespace steward;

TEST_CASE("first_paragraph skips headings and joins lines") {
  CHECK(first_paragraph("# Title\n\nOne line\nand its end.\n\nSecond.") == "One line and its end.");
  CHECK(first_paragraph("<!-- private -->\r\n  Kept.\r\n") == "Kept.");
  CHECK(first_paragraph("").empty());
  CHECK(first_paragraph("# Only a title").empty());
}

TEST_CASE("shorten cuts between words and never inside a letter") {
  CHECK(shorten("fits", 4) == "fits");
  CHECK(shorten("one two three", 11) == "one two…");
  CHECK(shorten("one two, three", 12) == "one two…");
  CHECK(shorten("ääää", 6) == "…");
  CHECK(shorten("abcdefgh", 6) == "abc…");
  CHECK(shorten("abcdefgh", 2).empty());
}

TEST_CASE("text_behind takes what stands behind a word, or all of it") {
  CHECK(text_behind("Before: slow. After: it is fast.", "After:") == "It is fast.");
  CHECK(text_behind("it is fast.", "After:") == "it is fast.");
  CHECK(text_behind("it is fast.", "") == "it is fast.");
  CHECK(text_behind("After:", "After:").empty());
}

TEST_CASE("slug_of gives a name that is safe in a link") {
  CHECK(slug_of("Faster, & safer!") == "faster-safer");
  CHECK(slug_of("../../etc/passwd") == "etc-passwd");
  CHECK(slug_of("Grüße 2026") == "gr-e-2026");
  CHECK(slug_of("It's a stranger's") == "its-a-strangers");
  CHECK(slug_of("???").empty());
  CHECK(slug_of("one two three", 8) == "one-two");
}
