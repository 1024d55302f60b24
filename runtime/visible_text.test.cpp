#include "runtime/visible_text.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("visible_text writes out what would fool the reader's eye") {
  CHECK(visible_text("plain, ümlaut, 日本, 🙂\nnext") == "plain, ümlaut, 日本, 🙂\nnext");
  CHECK(visible_text("pay \u202Eevil\u202C") == "pay \\u{202E}evil\\u{202C}");
  CHECK(visible_text("zero\u200Bwidth\uFEFF") == "zero\\u{200B}width\\u{FEFF}");
  CHECK(visible_text(std::string_view("a\0b\x1b[2J", 7)) == "a\\u{0000}b\\u{001B}[2J");
  CHECK(visible_text("a\xff\xc0\xaf") == "a\\x{FF}\\x{C0}\\x{AF}");
  CHECK(visible_line("one\ntwo") == "one\\ntwo");
  CHECK(hides_something("tag \U000E0041"));
  CHECK_FALSE(hides_something("Grüße\n\tund 👍🏽\uFE0F"));
}

TEST_CASE("cleaned_text is always valid UTF-8 without control characters") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += char(i), all += 'x';
  const auto clean = cleaned_text(all);
  CHECK(is_utf8(clean));
  CHECK(clean.find('\0') == clean.npos);
  CHECK(cleaned_text("a\r\nb\rc\td") == "a\nbc\td");
  CHECK(cleaned_text("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(cleaned_line("  a\r\n b ") == "a  b");
}

TEST_CASE("front_of never cuts a character in two") {
  CHECK(front_of("aü", 2) == "a");
  CHECK(front_of("aü", 3) == "aü");
  CHECK(first_lines("one\ntwo\nthree", 2, 10) == "one\ntwo\n…");
  CHECK(first_lines("a long line", 2, 6) == "a long…");
}
