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

TEST_CASE("part_between keeps what stands between two words, and all where they are missing") {
  CHECK(part_between("Before: slow. After: it is fast. Why: speed.", "After:", "Why:") == "It is fast.");
  CHECK(part_between("Before: slow. After: it is fast.", "After:", "Why:") == "It is fast.");
  CHECK(part_between("it is fast.", "After:", "Why:") == "it is fast.");
  CHECK(part_between("it is fast.", "", "") == "it is fast.");
  CHECK(part_between("Why: so. After: a_name.cpp is gone", "After:", "Why:") == "a_name.cpp is gone");
  CHECK(part_between("After:", "After:", "").empty());
}

TEST_CASE("slug_of gives a name that is safe in a link") {
  CHECK(slug_of("Faster, & safer!") == "faster-safer");
  CHECK(slug_of("../../etc/passwd") == "etc-passwd");
  CHECK(slug_of("Grüße 2026") == "gr-e-2026");
  CHECK(slug_of("It's a stranger's") == "its-a-strangers");
  CHECK(slug_of("???").empty());
  CHECK(slug_of("one two three", 8) == "one-two");
}
