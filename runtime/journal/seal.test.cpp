#include "runtime/journal/seal.hpp"

#include <sys/stat.h>

#include "runtime/journal/journal_test.hpp"

using namespace steward;

namespace {

draft lead(std::string body) {
  auto d = note("");
  d.header.kind = "lead_arrived";
  d.header.subject = "lead-7";
  d.header.labels = 2;
  d.body = std::move(body);
  d.personal = {"address", "history.text"};
  return d;
}

}  // namespace

TEST_CASE("journal stores personal fields sealed and gives them back open") {
  journal_bench bench;
  auto j = bench.open();
  const std::string body = R"({"address":"ada@example.org","history":[{"at":1,"text":"hello"},{"at":2,"text":"again"}],"score":7})";
  REQUIRE(j->append({{lead(body)}}));
  CHECK(bench.read()->at(1)->body == body);
  reader_options closed;
  closed.open_sealed = false;
  const auto stored = bench.read(closed)->at(1)->body;
  CHECK(stored.find("ada") == std::string::npos);
  CHECK(stored.find("hello") == std::string::npos);
  CHECK(stored.find("again") == std::string::npos);
  CHECK(stored.find("\"score\":7") != std::string::npos);
}

TEST_CASE("erasing a subject makes its fields unreadable for ever, and the chain stays whole") {
  journal_bench bench;
  auto j = bench.open();
  REQUIRE(j->append({{lead(R"({"address":"ada@example.org","score":7})")}}));
  seals keys(bench.folder.file("keys"), bench.random.get());
  REQUIRE(keys.destroy("lead-7"));
  REQUIRE(keys.destroy("lead-7"));
  auto r = bench.read();
  CHECK(r->at(1)->body == R"({"address":{"erased":true},"score":7})");
  CHECK(r->verify());
  // Whoever comes back gets a new key; what was erased stays erased.
  REQUIRE(j->append({{lead(R"({"address":"ada@example.com"})")}}));
  CHECK(r->at(2)->body == R"({"address":"ada@example.com"})");
  CHECK(r->at(1)->body == R"({"address":{"erased":true},"score":7})");
  reader_options as_text;
  as_text.erased = erased_as::text;
  CHECK(bench.read(as_text)->at(1)->body == R"j({"address":"(erased)","score":7})j");
}

TEST_CASE("seals keep keys where only their owner can read them, and seal nothing twice alike") {
  journal_folder folder;
  const auto random = make_seeded_random(3);
  seals keys(folder.file("keys"), random.get());
  const auto once = keys.seal("lead-7", json("ada"));
  const auto twice = keys.seal("lead-7", json("ada"));
  REQUIRE(once);
  CHECK(*once != *twice);
  CHECK(keys.open("lead-7", *once)->as_string() == "ada");
  struct stat info;
  REQUIRE(::stat(folder.file("keys").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("keys"))) {
    CHECK(entry.path().extension() == ".key");
    CHECK(entry.path().string().find("lead") == std::string::npos);
    CHECK((std::filesystem::status(entry).permissions() & std::filesystem::perms::all) == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}

TEST_CASE("seals tell an altered field from an erased one, and leave look-alikes from outside alone") {
  journal_folder folder;
  const auto random = make_seeded_random(3);
  seals keys(folder.file("keys"), random.get());
  auto sealed = *keys.seal("lead-7", json("ada@example.org"));
  auto text = std::string(sealed.at("sealed").as_string());
  auto& digit = text[text.size() - 6];
  digit = digit == 'A' ? 'B' : 'A';
  sealed.as_object()["sealed"] = text;
  CHECK(keys.open("lead-7", sealed).error().code == "seal_damaged");

  auto hostile = *parse_json(R"({"a":{"sealed":"AAAA"},"b":{"sealed":7},"c":{"sealed":"not base64!"}})");
  const auto before = hostile;
  REQUIRE(keys.open_fields("lead-7", hostile));
  CHECK(hostile == before);
}
