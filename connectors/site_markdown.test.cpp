#include "connectors/site_markdown.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("html_of_markdown writes what CommonMark means") {
  struct row {
    std::string markdown, html;
  };
  const row table[] = {
      {"", ""},
      {"Hello *you* and **all**", "<p>Hello <em>you</em> and <strong>all</strong></p>\n"},
      {"- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
      {"3. a", "<ol start=\"3\">\n<li>a</li>\n</ol>\n"},
      {"- [x] done\n- [ ] open", "<ul>\n<li>☑ done</li>\n<li>☐ open</li>\n</ul>\n"},
      {"## Two\n### Three", "<h2>Two</h2>\n<h3>Three</h3>\n"},
      {"# One\n## Two", "<h2>One</h2>\n<h3>Two</h3>\n"},
      {"[a](https://example.com/x?a=1&b=2 \"t\")", "<p><a href=\"https://example.com/x?a=1&amp;b=2\" title=\"t\">a</a></p>\n"},
      {"![a *cat*](cat.png)", "<p><img loading=\"lazy\" src=\"cat.png\" alt=\"a cat\"></p>\n"},
      {"```cpp\nif (a < b) {}\n```", "<pre tabindex=\"0\"><code class=\"language-cpp\">if (a &lt; b) {}\n</code></pre>\n"},
      {"|a|b|\n|---|:---:|\n|1|2|",
       "<div class=\"wide\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead>\n<tr><th scope=\"col\">a</th><th scope=\"col\" class=\"center\">b</th></tr>\n</thead>\n"
       "<tbody>\n<tr><td>1</td><td class=\"center\">2</td></tr>\n</tbody>\n</table></div>\n"},
      {"a &amp; b &#60; &nosuch;", "<p>a &amp; b &lt; &amp;nosuch;</p>\n"},
      {"[mail](mailto:ada@example.com) [up](../x.html) [here](#top)", "<p><a href=\"mailto:ada@example.com\">mail</a> <a href=\"../x.html\">up</a> <a href=\"#top\">here</a></p>\n"},
      {"[ä](https://example.com/ä b)", "<p>[ä](<a href=\"https://example.com/%C3%A4\">https://example.com/ä</a> b)</p>\n"},
  };
  for (const auto& r : table) {
    CAPTURE(r.markdown);
    CHECK(html_of_markdown(r.markdown).value() == r.html);
  }
}

TEST_CASE("html_of_markdown lets no script through, however it is dressed") {
  const std::string hostile[] = {
      "<script>alert(1)</script>",
      "a <img src=x onerror=alert(1)> b",
      "<div onclick='x'>\n\ntext\n\n</div>",
      "[x](javascript:alert(1))",
      "[x](JaVaScRiPt:alert(1))",
      "[x](java&#x73;cript:alert(1))",
      "[x](javascript&#58;alert(1))",
      "[x](javascript&colon;alert(1))",
      "[x](&#1;javascript:alert(1))",
      "[x](<java\tscript:alert(1)>)",
      "[x](<java&#10;script:alert(1)>)",
      "[x](data:text/html;base64,PHNjcmlwdD4=)",
      "[x](vbscript:x)",
      "[x](file:///etc/passwd)",
      "[x](//evil.example/x)",
      "[x](\\\\evil.example\\x)",
      "![x](javascript:alert(1))",
      "![x](data:image/svg+xml,<svg onload=alert(1)>)",
      "![\"onerror=alert(1) x=\"](y.png)",
      "[a](https://example.com/\" onmouseover=\"alert(1) 'x')",
      "[a](https://example.com \"\\\" onmouseover=\\\"alert(1)\")",
      "<javascript:alert(1)>",
      "<https://example.com/\"onclick=\"x>",
      "```\"><script>\nx\n```",
      "[x]: javascript:alert(1)\n\n[x]",
      "| <script> | [a](javascript:x) |\n|---|---|\n| &lt;script&gt; | x |",
      "\xff\xfe<script>\x01</script>",
  };
  for (const auto& markdown : hostile) {
    CAPTURE(markdown);
    const auto html = html_of_markdown(markdown).value();
    CAPTURE(html);
    // Walk the tags as a browser does: only our own, with our own attributes and safe targets.
    for (auto at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
      const auto end = html.find('>', at);
      REQUIRE(end != html.npos);
      const auto tag = html.substr(at + 1, end - at - 1);
      CAPTURE(tag);
      CHECK_FALSE(tag.starts_with("script"));
      CHECK(tag.find("script:") == tag.npos);
      for (const char* attribute : {"href=\"", "src=\""})
        if (const auto from = tag.find(attribute); from != tag.npos) {
          const auto target = tag.substr(from + std::string_view(attribute).size());
          CHECK(is_safe_link(target.substr(0, target.find('"'))));
        }
      // An attribute of the reader's making would need a quote of its own: count them.
      std::string bare;
      bool quoted = false;
      for (const char c : tag) {
        if (c == '"') quoted = !quoted;
        else if (!quoted) bare += c;
      }
      CHECK_FALSE(quoted);
      CHECK(bare.find("on") == bare.npos);
    }
  }
}

TEST_CASE("html_of_markdown keeps the words of a link that it takes away") {
  CHECK_THAT(html_of_markdown("see [this **now**](javascript:x)!").value(), Catch::Equals("<p>see this <strong>now</strong>!</p>\n"));
  CHECK_THAT(html_of_markdown("see ![a cat](javascript:x)!").value(), Catch::Equals("<p>see a cat!</p>\n"));
}

TEST_CASE("html_of_markdown stays bounded on Markdown that explodes") {
  std::string wide(20'000, '|');
  std::string bars;
  for (int i = 0; i < 10'000; ++i) bars += "|---";
  const std::string rows = [] {
    std::string all;
    for (int i = 0; i < 2'000; ++i) all += "x\n";
    return all;
  }();
  const auto table = html_of_markdown(wide + "\n" + bars + "\n" + rows);
  if (table) CHECK(table->size() <= site_html_max);
  else CHECK(table.error().code == "page_too_large");
  CHECK(html_of_markdown(std::string(50'000, '[')));
  CHECK(html_of_markdown(std::string(50'000, '*')));
  CHECK(html_of_markdown(std::string(50'000, '>')));
}

TEST_CASE("text_of_html shows what a reader of the page sees") {
  CHECK(text_of_html("<p>a &amp; <em>b</em></p>\n<ul>\n<li>c &#39;d&#39;</li>\n</ul>\n") == "a & b\n\n- c 'd'\n\n");
  CHECK(text_of_html(html_of_markdown("![cat](c.png)").value()) == "[cat]\n");
}

TEST_CASE("escaped text is fit for XML whatever its bytes are") {
  CHECK(escaped("a<b>&\"'\x01\x0b\xff") == "a&lt;b&gt;&amp;&quot;&#39;\xef\xbf\xbd");
  CHECK(escaped("\xef\xbf\xbe\xef\xbf\xbfx") == "x");
}
