#include "tests/guides/notice_board.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "connectors/conformance.hpp"
#include "tests/support/catch.hpp"

using namespace steward;
namespace fs = std::filesystem;

TEST_CASE("the notice board of the guide keeps every promise of a connector") {
  conformance_samples samples;
  samples.settings = boost::json::object{};
  samples.arrange = [](const std::string& workspace) {
    fs::create_directories(workspace + "/board");
    std::ofstream(workspace + "/board/old1.txt") << "We open at nine.\n";
  };
  samples.calls = {{"board.pin", {{"text", "Back at noon."}}}, {"board.unpin", {{"note", "old1"}}}};
  samples.traps = {{"a note that is a way out", {"board.unpin", {{"note", "../company"}}}}};

  const auto scratch = fs::temp_directory_path() / ("steward-board-" + std::to_string(::getpid()));
  const auto report = check_conformance(notice_board_entry(), samples, scratch.string());
  fs::remove_all(scratch);
  for (const auto& broken : report.broken) FAIL_CHECK(broken);
  CHECK(report.checks > 100);
}

TEST_CASE("the notice board of the guide says what will happen before anything happens") {
  const auto board = notice_board_entry().make(boost::json::object{}, "/nowhere");
  const auto made = board->prepare({"board.pin", {{"text", "Back at noon."}}}, {.key = "k1"});
  REQUIRE(made);
  CHECK(made->preview == "Pin to the board:\nBack at noon.");
  CHECK(made->bytes == R"({"note":"k1","text":"Back at noon."})");
}
