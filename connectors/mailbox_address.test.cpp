#include "connectors/mailbox_address.hpp"

#include "tests/support/catch.hpp"

using namespace steward;

TEST_CASE("a mail address is read from a text or from its parts") {
  CHECK(read_mail_address("ada@Example.COM", "to").value() == mail_address{"", "ada@example.com"});
  CHECK(read_mail_address("Ada Lovelace <ada@example.com>", "to").value() == mail_address{"Ada Lovelace", "ada@example.com"});
  CHECK(read_mail_address("\"Lovelace, Ada\" <ada@example.com>", "to").value() == mail_address{"Lovelace, Ada", "ada@example.com"});
  CHECK(read_mail_address(json{{"name", "Ada"}, {"address", " ada@example.com "}}, "to").value() == mail_address{"Ada", "ada@example.com"});
  CHECK(read_mail_address("o'brien+news@a-b.example", "to"));
}

TEST_CASE("a mail address that could carry a second header or a second recipient is refused") {
  for (const char* bad : {"", "ada", "ada@", "@example.com", "a b@example.com", "ada@exa mple.com", "ada@example..com", ".ada@example.com", "ada@-x.com",
                          "ada@example.com, eve@example.com", "ada@example.com;eve@example.com", "\"a b\"@example.com", "ada@bücher.example", "<>", "x <>",
                          "ada@example.com>", "-@", "ada@[127.0.0.1]"})
    CHECK(read_mail_address(bad, "to").error().code == "bad_mail_address");
  for (const auto* bad : {"ada@example.com\r\nBcc: eve@example.com", "Ada\n <ada@example.com>", "ada@example.com\n"})
    CHECK(read_mail_address(bad, "to").error().code == "header_injection");
  CHECK(read_mail_address(json{{"name", "Ada\r\nX: y"}, {"address", "ada@example.com"}}, "to").error().code == "header_injection");
  CHECK(read_mail_address(json(boost::json::string("ada@example.com\0x", 17)), "to").error().code == "header_injection");
}
