#include "connectors/mailbox_html.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("text_of_html_mail keeps what a reader sees and drops the rest") {
  CHECK(text_of_html_mail("<html><head><title>x</title><style>p {}</style></head><body><h1>Hello</h1><p>Ada &amp; <b>Bob</b>,<br>see&nbsp;you</p><script>alert(1)</script></body>") ==
        "Hello\n\nAda & Bob,\nsee you\n");
  CHECK(text_of_html_mail("a < b &bogus; &#8364; &#x20AC; &#0; &#xD800;") == "a < b &bogus; € € &#0; &#xD800;\n");
  CHECK(text_of_html_mail("<!-- hidden --><ul><li>one</li><li>two</li></ul>") == "one\n\ntwo\n");
}

TEST_CASE("text_of_html_mail survives HTML that never ends") {
  CHECK(text_of_html_mail("<p") == "");
  CHECK(text_of_html_mail("x<script>y") == "x\n");
  CHECK(text_of_html_mail("x<!-- y") == "x\n");
  CHECK(text_of_html_mail(std::string(1'000'000, '<')).size() > 0);
  CHECK(text_of_html_mail(std::string(1'000'000, '&')).size() > 0);
}
