#include "console/moment.hpp"

#include "tests/support/catch.hpp"

namespace steward {
namespace {

const auto now = parse_time("2026-11-21T09:30:00Z").value();
const std::string berlin = "Europe/Berlin";

}  // namespace

TEST_CASE("a plain day begins at midnight where the company is") {
  CHECK(moment_of("2026-11-01", now, berlin, "").value().time == parse_time("2026-10-31T23:00:00Z").value());
  CHECK(moment_since("2026-11-01", now, berlin).value() == parse_time("2026-10-31T23:00:00Z").value());
  CHECK(moment_since("2026-07-01", now, berlin).value() == parse_time("2026-06-30T22:00:00Z").value());
  CHECK(moment_since("2026-11-01", now, "UTC").value() == parse_time("2026-11-01T00:00:00Z").value());
}

TEST_CASE("a moment is an event's number, a time, a day, or how long ago, and nothing else") {
  CHECK(moment_of("412", now, berlin, "").value().seq == 412);
  CHECK(moment_of("2h", now, berlin, "").value().time == now - std::chrono::hours{2});
  CHECK(moment_of("2026-11-21T09:30:00Z", now, berlin, "").value().time == now);
  for (const auto* wrong : {"2026-02-30", "2026-13-01", "2026-1-1", "0000-01-01", "2026-11-01T", "20261101x", "soon"}) {
    INFO(wrong);
    CHECK(moment_of(wrong, now, berlin, "").error().code == "bad_usage");
    CHECK(moment_since(wrong, now, berlin).error().code == "bad_since");
  }
}

}  // namespace steward
